import { WebAPIPlatformError, WebClient } from '@slack/web-api'
import { display } from '../lib/display.ts'
import { redact } from '../lib/redact.ts'
import type { Secret } from '../lib/secret.ts'
import { SECOND_MS } from '../lib/time.ts'
import { networkFailure } from './network-failure.ts'
import { rateLimitMs } from './retry-after.ts'

/** What became of one call of the Web API, as far as it can be known. */
export type SlackAnswer =
  | { readonly kind: 'ok'; readonly body: Readonly<Record<string, unknown>> }
  /** Slack understood and declined: `channel_not_found`. */
  | { readonly kind: 'declined'; readonly code: string }
  | { readonly kind: 'rate-limited'; readonly afterMs: number }
  /** The request did not reach Slack. */
  | { readonly kind: 'unsent'; readonly error: string }
  /** The request was written; no answer came that says whether it was done. */
  | { readonly kind: 'unheard'; readonly error: string }

export type SlackFailure = Exclude<SlackAnswer, { kind: 'ok' }>

export interface SlackApi {
  /** One call, one request. Never rejects for what the network or Slack does. */
  call(method: string, args: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<SlackAnswer>
}

export interface SlackOptions {
  /** Null: Slack itself. */
  readonly apiUrl: string | null
  readonly timeoutMs: number
}

export const SLACK_OPTIONS: SlackOptions = { apiUrl: null, timeoutMs: 10 * SECOND_MS }

/** A larger answer is none: the SDK would put it whole into an error message (E6). */
const ANSWER_MAX_BYTES = 1024 * 1024
const ERROR_MAX = 500
const SCOPES = 'x-oauth-scopes'

const NO_LOG = () => {}

/** The Web API without the SDK's own retries and queue: only the outbox tries again (R60). */
export function slackApi(token: Secret, { apiUrl, timeoutMs }: SlackOptions): SlackApi {
  return {
    async call(method, args, signal) {
      if (signal.aborted) return { kind: 'unsent', error: 'stopped before the request' }
      const exchange = new Exchange(signal)
      const client = new WebClient(token.reveal(), {
        ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: timeoutMs,
        allowAbsoluteUrls: false,
        fetch: exchange.fetch,
        logger: {
          debug: NO_LOG,
          info: NO_LOG,
          warn: NO_LOG,
          error: NO_LOG,
          setLevel: NO_LOG,
          setName: NO_LOG,
          getLevel: () => LOG_ERRORS,
        },
      })
      try {
        const body = await client.apiCall(method, { ...args })
        return { kind: 'ok', body: { ...body } }
      } catch (error) {
        return shown(exchange.failure ?? platformAnswer(error), token)
      }
    },
  }
}

type ClientLogger = NonNullable<NonNullable<ConstructorParameters<typeof WebClient>[1]>['logger']>
const LOG_ERRORS = 'error' as ReturnType<ClientLogger['getLevel']>

type Fetch = NonNullable<NonNullable<ConstructorParameters<typeof WebClient>[1]>['fetch']>

/** The one request of a call, watched: the SDK's errors do not tell whether it was written. */
class Exchange {
  failure: SlackAnswer | null = null
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  readonly fetch: Fetch = async (url, init) => {
    const signal = AbortSignal.any([this.#signal, ...(init?.signal === undefined ? [] : [init.signal])])
    try {
      const response = await fetch(url, { ...init, signal })
      if (response.status === 429) {
        await response.body?.cancel()
        this.failure = { kind: 'rate-limited', afterMs: rateLimitMs(response.headers.get('retry-after')) }
      } else if (response.status !== 200) {
        await response.body?.cancel()
        // A proxy's 4xx is about the request, which then never reached Slack; a 5xx may have come after the deed.
        this.failure = {
          kind: response.status >= 500 ? 'unheard' : 'unsent',
          error: `HTTP status ${response.status}`,
        }
      } else {
        // Of the headers the SDK needs to see this one: what the token may do.
        const scopes = response.headers.get(SCOPES)
        return Response.json(jsonObject(await limitedText(response)), {
          headers: scopes === null ? {} : { [SCOPES]: scopes },
        })
      }
    } catch (error) {
      this.failure = networkFailure(error)
    }
    throw new Error('no usable answer')
  }
}

function platformAnswer(error: unknown): SlackAnswer {
  return error instanceof WebAPIPlatformError && typeof error.data.error === 'string'
    ? { kind: 'declined', code: error.data.error }
    : { kind: 'unheard', error: error instanceof Error ? error.message : String(error) }
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > ANSWER_MAX_BYTES) throw new Error('the answer is larger than 1 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function jsonObject(text: string): object {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('the answer is no JSON object')
  }
  return value
}

/** Slack's and the network's words, short, printable and without the token. */
function shown(answer: SlackAnswer, token: Secret): SlackAnswer {
  const clean = (text: string) => display(redact(text, [token]), ERROR_MAX)
  switch (answer.kind) {
    case 'declined':
      return { kind: 'declined', code: clean(answer.code) }
    case 'unsent':
    case 'unheard':
      return { kind: answer.kind, error: clean(answer.error) }
    default:
      return answer
  }
}
