import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SECOND_MS } from '../lib/time.ts'

/** Where `/healthz` is answered. */
export interface HealthServer extends AsyncDisposable {
  readonly port: number
}

// Nothing that is asked here is long, and nobody asks often.
const LIMITS = {
  maxHeaderSize: 4_096,
  headersTimeout: 5 * SECOND_MS,
  requestTimeout: 5 * SECOND_MS,
  keepAliveTimeout: SECOND_MS,
}
const CONNECTIONS_MAX = 64

/**
 * Answers GET and HEAD of `/healthz`: 200 when `codes` is empty, else 503, with the codes as JSON. There is nothing else, and
 * no secret in it. Rejects when the port cannot be had. Port 0 takes a free one.
 */
export async function startHealthServer(
  { host, port }: { readonly host: string; readonly port: number },
  codes: () => readonly string[],
): Promise<HealthServer> {
  const server = createServer(LIMITS, (request, response) => answer(request, response, codes))
  server.maxConnections = CONNECTIONS_MAX
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answer(request: IncomingMessage, response: ServerResponse, codes: () => readonly string[]): void {
  const path = (request.url ?? '').split('?', 1)[0]
  if (path !== '/healthz') {
    send(response, 404, { error: 'there is nothing but /healthz' })
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    send(response, 405, { error: 'GET or HEAD' })
  } else {
    const wrong = codes()
    const isWell = wrong.length === 0
    send(response, isWell ? 200 : 503, { status: isWell ? 'ok' : 'failing', codes: wrong })
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(text)
}
