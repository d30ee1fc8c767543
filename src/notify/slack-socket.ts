import { SocketModeClient } from '@slack/socket-mode'
import { display } from '../lib/display.ts'
import { redact } from '../lib/redact.ts'
import type { Secret } from '../lib/secret.ts'
import { type Clock, MINUTE_MS, SECOND_MS } from '../lib/time.ts'
import { ACKNOWLEDGE_ACTION, SILENCE_ACTION } from './slack-blocks.ts'

/** A person pressed one of our buttons. */
export interface ButtonPress {
  readonly action: 'acknowledge' | 'silence'
  /** What the button carries: the thread. */
  readonly thread: string
  /** Where it was pressed: the channel's id and the message's ts. */
  readonly channel: string
  readonly message: string
  readonly user: { readonly id: string; readonly name: string }
}

export interface SlackSocketOptions {
  /** Null: Slack itself. */
  readonly apiUrl: string | null
  readonly timeoutMs: number
  readonly clock: Clock
  /** Must not reject. */
  onPress(press: ButtonPress): Promise<void>
  /** Takes one line about a connection that could not be made. */
  onTrouble(error: string): void
}

/** Waits after the first, second … failure to connect; the last one from then on. */
const RETRY_MS: readonly number[] = [SECOND_MS, 5 * SECOND_MS, 15 * SECOND_MS, MINUTE_MS]
const NAME_MAX = 80
const ERROR_MAX = 500

/**
 * Listens to the buttons under our messages by Socket Mode, and connects again whenever the connection ends: Slack closes
 * it now and then. The SDK's own reconnecting is off, because its failure would be an unhandled rejection.
 */
export function openSlackSocket(token: Secret, options: SlackSocketOptions): AsyncDisposable {
  const stop = new AbortController()
  const ended = keepConnected(token, options, stop.signal)
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await ended
    },
  }
}

async function keepConnected(token: Secret, options: SlackSocketOptions, stop: AbortSignal): Promise<void> {
  let failures = 0
  while (!stop.aborted) {
    const error = await connectOnce(token, options, stop)
    failures = error === null ? 0 : failures + 1
    if (error !== null && !stop.aborted) options.onTrouble(display(redact(error, [token]), ERROR_MAX))
    const waitMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? MINUTE_MS
    await options.clock.sleep(waitMs, stop).catch(() => {})
  }
}

/** Serves one connection to its end; null when there was one, else why there was none. */
async function connectOnce(
  token: Secret,
  { apiUrl, timeoutMs, onPress }: SlackSocketOptions,
  stop: AbortSignal,
): Promise<string | null> {
  const client = new SocketModeClient({
    appToken: token.reveal(),
    autoReconnectEnabled: false,
    clientOptions: {
      ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: timeoutMs,
      allowAbsoluteUrls: false,
    },
    logger: SILENT,
  })
  const disconnected = new Promise<void>((resolve) => client.on('disconnected', () => resolve()))
  client.on('interactive', async ({ ack, body }: Interaction) => {
    // At once: Slack repeats what is not acknowledged within three seconds.
    await ack().catch(() => {})
    const press = readPress(body)
    if (press !== null) await onPress(press)
  })
  const leave = () => void client.disconnect()
  stop.addEventListener('abort', leave, { once: true })
  try {
    await client.start()
    // Told to stop before there was anything to end.
    if (stop.aborted) leave()
    await disconnected
    return null
  } catch (error) {
    return error instanceof Error ? error.message : 'the connection ended before Slack said hello'
  } finally {
    stop.removeEventListener('abort', leave)
  }
}

interface Interaction {
  readonly ack: () => Promise<void>
  readonly body: unknown
}

type SilentLogger = NonNullable<NonNullable<ConstructorParameters<typeof SocketModeClient>[0]>['logger']>
const NO_LOG = () => {}
const SILENT: SilentLogger = {
  debug: NO_LOG,
  info: NO_LOG,
  warn: NO_LOG,
  error: NO_LOG,
  setLevel: NO_LOG,
  setName: NO_LOG,
  getLevel: () => 'error' as ReturnType<SilentLogger['getLevel']>,
}

/** Null for anything but a press of one of our two buttons under a message of this very app. */
export function readPress(body: unknown): ButtonPress | null {
  const payload = fields(body)
  if (payload.type !== 'block_actions') return null
  const [action, ...others] = Array.isArray(payload.actions) ? payload.actions.map(fields) : []
  const container = fields(payload.container)
  const user = fields(payload.user)
  const kind = actionOf(action?.action_id)
  const app = fields(payload.message).app_id
  if (action === undefined || others.length > 0 || kind === null) return null
  if (typeof app === 'string' && app !== payload.api_app_id) return null
  const { channel_id: channel, message_ts: message } = container
  if (typeof action.value !== 'string' || typeof channel !== 'string') return null
  if (typeof message !== 'string' || typeof user.id !== 'string') return null
  const name = [user.name, user.username, user.id].find((text) => typeof text === 'string' && text !== '')
  return {
    action: kind,
    thread: action.value,
    channel,
    message,
    user: { id: user.id, name: display(String(name), NAME_MAX) },
  }
}

function actionOf(id: unknown): ButtonPress['action'] | null {
  if (id === ACKNOWLEDGE_ACTION) return 'acknowledge'
  return id === SILENCE_ACTION ? 'silence' : null
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
