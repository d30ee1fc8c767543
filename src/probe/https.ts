import { isUtf8 } from 'node:buffer'
import { type IncomingMessage, request } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { UnixMs } from '../lib/time.ts'
import type { HttpResponse } from '../model/snapshot.ts'
import { stopped, until } from './deadline.ts'
import { FaultError } from './fault-error.ts'
import type { HttpsLimits } from './limits.ts'

export interface HttpRequest {
  readonly host: string
  readonly path: string
}

export interface HttpAnswer {
  readonly response: HttpResponse
  /** The Date header; null without a readable one. */
  readonly dateAt: UnixMs | null
}

/**
 * One GET over an open TLS connection (RFC 8461 §3.3): no redirect is followed, nothing is cached or decompressed,
 * and every byte counts against the limits. The connection is of no more use afterwards; the caller destroys it.
 */
export async function getOnce(
  socket: TLSSocket,
  { host, path }: HttpRequest,
  limits: HttpsLimits,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const onAbort = () => stopped(`GET https://${host}${path}`)
  const answer = await until<IncomingMessage>(signal, onAbort, (resolve, reject) => {
    const headers = {
      Host: host,
      'Accept-Encoding': 'identity',
      Accept: 'text/plain, */*',
      Connection: 'close',
    }
    const sent = request({
      path,
      headers,
      method: 'GET',
      setHost: false,
      maxHeaderSize: limits.headerBytes,
      // Without an agent Node speaks over this socket alone; even `agent: false` would open one of its own.
      createConnection: () => socket,
    })
    let informational = 0
    sent.on('information', () => {
      informational += 1
      if (informational > limits.informationalReplies) reject(malformed(host, 'endless 1xx replies'))
    })
    sent.once('response', resolve)
    // Without a listener Node closes the socket and says nothing.
    sent.once('upgrade', () => reject(malformed(host, 'it switches to another protocol')))
    sent.on('error', (error: NodeJS.ErrnoException) => reject(httpFault(error, host)))
    sent.end()
    return () => undefined
  })
  const body = await readBody(answer, host, limits, signal)
  return { response: toResponse(answer, body, limits), dateAt: dateOf(answer) }
}

async function readBody(
  answer: IncomingMessage,
  host: string,
  limits: HttpsLimits,
  signal: AbortSignal,
): Promise<Buffer> {
  const encoding = answer.headers['content-encoding'] ?? 'identity'
  const isPolicy = answer.statusCode === 200
  if (encoding.toLowerCase() !== 'identity') {
    // Only the status of any other answer matters; its body is not worth decoding.
    if (!isPolicy) return Buffer.alloc(0)
    const detail = `${host} sent Content-Encoding: ${encoding} although only identity was asked for`
    throw new FaultError('http-content-encoding', 'remote', detail)
  }
  const onAbort = () => stopped(`the body from ${host}`)
  return until<Buffer>(signal, onAbort, (resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      chunks.push(chunk)
      if (!isPolicy && bytes >= limits.otherBodyCharacters * MOST_BYTES_PER_CHARACTER)
        resolve(Buffer.concat(chunks))
      else if (bytes > limits.bodyBytes)
        reject(tooLarge(host, `a body of more than ${limits.bodyBytes} bytes`))
    })
    answer.once('end', () => resolve(Buffer.concat(chunks)))
    answer.on('error', (error: NodeJS.ErrnoException) => reject(httpFault(error, host)))
    return () => answer.destroy()
  })
}

const MOST_BYTES_PER_CHARACTER = 4

function toResponse(answer: IncomingMessage, body: Buffer, limits: HttpsLimits): HttpResponse {
  const status = answer.statusCode ?? 0
  const text = body.toString('utf8')
  return {
    status,
    location: answer.headers.location ?? null,
    contentType: answer.headers['content-type'] ?? null,
    body: status === 200 ? text : [...text].slice(0, limits.otherBodyCharacters).join(''),
    validUtf8: isUtf8(body),
  }
}

function dateOf(answer: IncomingMessage): UnixMs | null {
  const at = Date.parse(answer.headers.date ?? '')
  return Number.isNaN(at) ? null : at
}

function httpFault(error: NodeJS.ErrnoException, host: string): FaultError {
  const code = error.code ?? ''
  if (code === 'HPE_HEADER_OVERFLOW') return tooLarge(host, 'headers beyond the limit')
  if (code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE') return malformed(host, error.message)
  return new FaultError('http-closed', 'remote', `${host} closed the connection before its answer was whole`)
}

function tooLarge(host: string, what: string): FaultError {
  return new FaultError('http-too-large', 'remote', `${host} sends ${what}`)
}

function malformed(host: string, what: string): FaultError {
  return new FaultError('http-malformed', 'remote', `${host} answered no proper HTTP: ${what}`)
}
