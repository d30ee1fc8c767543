import { once } from 'node:events'
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net'
import { createServer, type TlsOptions } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { CertificateAuthority } from '../../../src/lab/ca.ts'
import { CERTIFICATES } from '../../../src/lab/certificate-spec.ts'
import { systemClock } from '../../../src/lib/time.ts'
import { faultOf } from '../../../src/probe/fault-error.ts'
import { handshake } from '../../../src/probe/tls.ts'
import { createTrust, type Trust } from '../../../src/probe/trust.ts'

const HOST = 'mx.example.com'
const patient = new AbortController().signal

let ca: CertificateAuthority
let trust: Trust
beforeAll(async () => {
  ca = await CertificateAuthority.create(systemClock.now())
  trust = createTrust([ca.rootPem])
})

/** One handshake with a server of these settings; tells what came of it and whether a session was resumed. */
async function meet(settings: TlsOptions): Promise<{ readonly told: string; readonly resumed: boolean }> {
  const { certPem, keyPem } = await ca.identity(CERTIFICATES.good, HOST)
  const server = createServer({ cert: certPem, key: keyPem, ...settings })
  server.on('tlsClientError', () => undefined)
  server.on('secureConnection', (socket) => socket.on('error', () => undefined))
  return await meetServer(server)
}

async function meetServer(server: Server): Promise<{ readonly told: string; readonly resumed: boolean }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  try {
    const met = await handshake(socket, {
      serverName: HOST,
      keys: 'any',
      trust,
      chain: 'stored',
      timeoutMs: 5_000,
      signal: patient,
    })
    const { protocol, chain, webPkiError } = met.facts
    return { told: `${protocol} ${chain.length} ${webPkiError}`, resumed: met.socket.isSessionReused() }
  } catch (error) {
    const { kind, blame } = faultOf(error)
    return { told: `${kind}/${blame}`, resumed: false }
  } finally {
    socket.destroy()
    server.close()
  }
}

describe('a handshake', () => {
  test.each<[string, TlsOptions, string]>([
    ['the best both know', {}, 'TLSv1.3 2 null'],
    ['TLS 1.2 alone', { maxVersion: 'TLSv1.2' }, 'TLSv1.2 2 null'],
    [
      'nothing newer than TLS 1.1',
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      'tls-alert/remote',
    ],
    ['P-256 alone', { ecdhCurve: 'prime256v1' }, 'TLSv1.3 2 null'],
    [
      'a curve that nobody offers',
      { ecdhCurve: 'brainpoolP256r1', maxVersion: 'TLSv1.2' },
      'tls-alert/remote',
    ],
  ])('with a server of %s', async (_what, settings, expected) => {
    expect((await meet(settings)).told).toBe(expected)
  })

  test('with a server that knows no secure renegotiation says nothing about the server', async () => {
    // RFC 5746 §4.4: OpenSSL refuses such servers since version 3; most senders do not.
    const serverHello = Buffer.concat([
      Buffer.from('160303002a' + '02000026' + '0303', 'hex'),
      Buffer.alloc(32, 7),
      Buffer.from('00' + 'c02f' + '00', 'hex'),
    ])
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.write(serverHello))
    })
    expect((await meetServer(server)).told).toBe('client-limit/local')
  })

  test('never resumes a session, which would hide the certificate', async () => {
    const ticketKeys = Buffer.alloc(48, 7)
    expect(await meet({ ticketKeys })).toEqual({ told: 'TLSv1.3 2 null', resumed: false })
    expect(await meet({ ticketKeys })).toEqual({ told: 'TLSv1.3 2 null', resumed: false })
  })

  test('a root that is sent needlessly is not told apart from one that is not', async () => {
    const { certPem } = await ca.identity(CERTIFICATES.good, HOST)
    expect((await meet({ cert: `${certPem}\n${ca.rootPem}` })).told).toBe('TLSv1.3 2 null')
  })
})

// RFC 8446 §6 and RFC 6066 §9: certificate_unobtainable (111) and its like have names that do not say "alert".
test.each([10, 40, 42, 47, 70, 71, 80, 86, 109, 110, 111, 112, 113, 114, 115, 116, 120])(
  'a server that answers with the fatal alert %i is told as that',
  async (alert) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(Buffer.from([0x15, 0x03, 0x03, 0, 2, 2, alert])))
    })
    expect((await meetServer(server)).told).toBe('tls-alert/remote')
  },
)

test('without roots of its own it trusts those of Node', () => {
  expect(() => createTrust(null).context('any')).not.toThrow()
  expect(createTrust(null).holds(Buffer.from('no certificate'))).toBe(false)
})
