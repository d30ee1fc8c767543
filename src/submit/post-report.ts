import { request } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { display } from '../lib/display.ts'
import { SECOND_MS } from '../lib/time.ts'

export type PostOutcome =
  | { readonly outcome: 'accepted'; readonly note: string }
  | { readonly outcome: 'retry'; readonly error: string }
  | { readonly outcome: 'rejected'; readonly error: string }

/** The way to an https endpoint: resolves the name, lets nothing but public addresses through, and shakes hands. */
export interface HttpsDoor {
  /** Rejects with a sentence. The caller destroys the socket. */
  open(host: string, signal: AbortSignal): Promise<TLSSocket>
}

// R79
const TOTAL_MS = 60 * SECOND_MS
const ANSWER_BYTES_MAX = 4 * 1024
const ERROR_MAX = 500
const ACCEPTED = new Set([200, 201, 202])

/**
 * POSTs a report to an https URI (RFC 8460 §5.4): one request, no redirect, no proxy, port 443 alone, an answer of 4 KiB at
 * most (R79). Never rejects.
 */
export async function postReport(
  url: string,
  gzip: Uint8Array,
  door: HttpsDoor,
  signal: AbortSignal,
): Promise<PostOutcome> {
  const target = URL.parse(url)
  if (target === null || target.protocol !== 'https:' || target.username !== '' || target.password !== '') {
    return { outcome: 'rejected', error: `${display(url)} is no https URI that a report can be sent to` }
  }
  if (target.port !== '' && target.port !== '443') {
    return { outcome: 'rejected', error: `${display(url)}: reports are sent to port 443 alone` }
  }
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(TOTAL_MS)])
  try {
    const socket = await door.open(target.hostname, deadline)
    try {
      const shown = certificateText(socket)
      return verdict(target.host, await post(socket, target, gzip, deadline), shown)
    } finally {
      socket.destroy()
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      outcome: 'retry',
      error: display(`${target.host}: ${deadline.aborted ? 'no answer in time' : why}`, ERROR_MAX),
    }
  }
}

interface Answer {
  readonly status: number
  readonly text: string
}

function post(socket: TLSSocket, target: URL, gzip: Uint8Array, deadline: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({
      method: 'POST',
      path: `${target.pathname}${target.search}`,
      setHost: false,
      headers: {
        Host: target.host,
        'Content-Type': 'application/tlsrpt+gzip',
        'Content-Length': gzip.byteLength,
        Connection: 'close',
      },
      createConnection: () => socket,
    })
    deadline.addEventListener('abort', () => sent.destroy(new Error('no answer in time')), { once: true })
    sent.on('error', reject)
    sent.once('response', (response) => {
      let text = ''
      const done = () => resolve({ status: response.statusCode ?? 0, text })
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
        if (text.length < ANSWER_BYTES_MAX) return
        // The status is all that matters.
        done()
        sent.destroy()
      })
      response.once('end', done)
      response.on('error', reject)
    })
    sent.end(gzip)
  })
}

function certificateText(socket: TLSSocket): string {
  // With certificate errors tolerated the hand-shake succeeds, and says here what it found.
  if (!socket.authorized) return `its certificate does not verify (${String(socket.authorizationError)})`
  const endAt = Date.parse(socket.getPeerCertificate().valid_to)
  return `its certificate is valid until ${new Date(endAt).toISOString().slice(0, 10)}`
}

/** RFC 8460 §5.4: 200 or 201; 202 says the same. What the far side is sure not to want is not sent again. */
function verdict(host: string, { status, text }: Answer, certificate: string): PostOutcome {
  const words = display(`${host} answered ${status} ${text.trim()}`.trim(), ERROR_MAX)
  if (ACCEPTED.has(status)) return { outcome: 'accepted', note: `${words}; ${certificate}` }
  const isForGood = status >= 300 && status < 500 && status !== 408 && status !== 425 && status !== 429
  return isForGood ? { outcome: 'rejected', error: words } : { outcome: 'retry', error: words }
}
