import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import { expect, test } from 'vitest'
import { CertificateAuthority } from '../../../src/lab/ca.ts'
import { CERTIFICATES } from '../../../src/lab/certificate-spec.ts'
import { systemClock } from '../../../src/lib/time.ts'
import { faultOf } from '../../../src/probe/fault-error.ts'
import { getOnce } from '../../../src/probe/https.ts'
import { QUICK } from './lab-probe.ts'

const HOST = 'mta-sts.example.com'

test('a server that switches to another protocol is heard at once', async () => {
  const ca = await CertificateAuthority.create(systemClock.now())
  const { certPem, keyPem } = await ca.identity(CERTIFICATES.good, HOST)
  const server = createServer({ cert: certPem, key: keyPem }, (socket) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const got = getOnce(socket, { host: HOST, path: '/' }, QUICK.https, AbortSignal.timeout(5_000))
  expect(await got.then(() => null, faultOf)).toMatchObject({ kind: 'http-malformed', blame: 'remote' })
  socket.destroy()
  server.close()
})
