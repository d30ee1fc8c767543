import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { CertificateAuthority } from '../../../src/lab/ca.ts'
import { CERTIFICATES } from '../../../src/lab/certificate-spec.ts'
import { systemClock } from '../../../src/lib/time.ts'
import { type HttpsDoor, postReport } from '../../../src/submit/post-report.ts'

const URI = 'https://reports.example/v1/tlsrpt?a=b'
const GZIP = gzipSync('{"report-id":"1"}')
const signal = new AbortController().signal

async function endpoint(answer: RequestListener) {
  const ca = await CertificateAuthority.create(systemClock.now())
  const { certPem, keyPem } = await ca.identity(CERTIFICATES.good, 'reports.example')
  const server = createServer({ cert: certPem, key: keyPem }, answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const door: HttpsDoor = {
    async open(host) {
      const socket = connect({ port, host: '127.0.0.1', servername: host, ca: ca.rootPem })
      await once(socket, 'secureConnect')
      return socket
    },
  }
  return {
    door,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

test('one POST with the file as its body, and 200, 201 and 202 are enough', async () => {
  for (const status of [200, 201, 202]) {
    const seen: unknown[] = []
    await using far = await endpoint(async (request, response) => {
      const { method, url, headers } = request
      seen.push([
        method,
        url,
        headers.host,
        headers['content-type'],
        gunzipSync(await bodyOf(request)).toString(),
      ])
      response.writeHead(status).end('thanks')
    })
    expect(await postReport(URI, GZIP, far.door, signal)).toEqual({
      outcome: 'accepted',
      note: expect.stringMatching(
        new RegExp(
          `^reports\\.example answered ${status} thanks; its certificate is valid until \\d{4}-\\d\\d-\\d\\d$`,
        ),
      ),
    })
    expect(seen).toEqual([
      ['POST', '/v1/tlsrpt?a=b', 'reports.example', 'application/tlsrpt+gzip', '{"report-id":"1"}'],
    ])
  }
})

test.each([
  [301, 'rejected'],
  [400, 'rejected'],
  [404, 'rejected'],
  [408, 'retry'],
  [429, 'retry'],
  [500, 'retry'],
  [503, 'retry'],
] as const)('%i is %s; a redirect is never followed', async (status, outcome) => {
  await using far = await endpoint((request: IncomingMessage, response: ServerResponse) => {
    request.resume()
    response.writeHead(status, { location: 'https://elsewhere.example/' }).end()
  })
  expect(await postReport(URI, GZIP, far.door, signal)).toEqual({
    outcome,
    error: `reports.example answered ${status}`,
  })
})

test('an answer without end is read no further than 4 KiB, and its status counts', async () => {
  await using far = await endpoint((request, response) => {
    request.resume()
    response.writeHead(200)
    const more = () => {
      while (response.write('x'.repeat(1_000))) if (response.destroyed) return
      response.once('drain', more)
    }
    more()
  })
  expect(await postReport(URI, GZIP, far.door, signal)).toMatchObject({ outcome: 'accepted' })
})

test('a host that cannot be reached, or hangs, is asked again later', async () => {
  const refuses: HttpsDoor = { open: () => Promise.reject(new Error('192.0.2.1:443 refused the connection')) }
  expect(await postReport(URI, GZIP, refuses, signal)).toEqual({
    outcome: 'retry',
    error: 'reports.example: 192.0.2.1:443 refused the connection',
  })
  const stop = new AbortController()
  await using far = await endpoint((request) => {
    request.resume()
    stop.abort()
  })
  expect(await postReport(URI, GZIP, far.door, stop.signal)).toEqual({
    outcome: 'retry',
    error: 'reports.example: no answer in time',
  })
})

test.each(['https://reports.example:8443/', 'https://user@reports.example/', 'http://reports.example/'])(
  '%s is sent nothing',
  async (uri) => {
    const never: HttpsDoor = { open: () => Promise.reject(new Error('must not be asked')) }
    expect(await postReport(uri, GZIP, never, signal)).toMatchObject({ outcome: 'rejected' })
  },
)
