import { LabSlack } from '../../../src/lab/slack.ts'
import type { SlackMode, SlackTrouble } from '../../../src/lab/world.ts'
import { Secret } from '../../../src/lib/secret.ts'
import type { ChannelId, Delivery } from '../../../src/model/notification.ts'
import type { Attempt, Message, Notifier } from '../../../src/notify/notifier.ts'
import { type SlackApi, slackApi } from '../../../src/notify/slack.ts'
import { slackNotifier } from '../../../src/notify/slack-notifier.ts'
import { SlackWorkspace } from '../../../src/notify/slack-workspace.ts'
import { type EagerClock, eagerClock } from './eager-clock.ts'
import { attempt, message, T0, wording } from './message-builder.ts'

export const CHANNEL = 'C0MAILOPS'
export const TOKEN = 'xoxb-1234-canary-token'
/** An answer is waited for as long as a busy machine needs; where none comes the wait is short. */
const PATIENT_MS = 10_000
const SILENCE_MS = 500

/** The lab's Slack, our notifier in front of it, and a clock that makes nobody wait. */
export interface SlackStage extends AsyncDisposable {
  readonly slack: LabSlack
  readonly clock: EagerClock
  readonly notifier: Notifier
  /** What goes wrong, with which methods, for so many calls. */
  trouble(mode: SlackMode, methods?: readonly string[], calls?: number): void
  /** Renders `told` and tries to send it. */
  send(spec?: Partial<Attempt>, told?: Message): Promise<Delivery>
  /** As the outbox does: again and again, keeping what is known of earlier attempts, until it is decided. */
  sendUntilSettled(
    key: string,
    threadReference?: string | null,
    told?: Message,
    ambiguous?: boolean,
  ): Promise<Delivery>
  readonly methods: readonly string[]
}

export async function slackStage(channel = CHANNEL): Promise<SlackStage> {
  const clock = eagerClock(T0)
  let current: SlackTrouble | null = null
  const slack = await LabSlack.start(() => current, clock)
  const patient = slackApi(new Secret(TOKEN), { apiUrl: slack.url, timeoutMs: PATIENT_MS })
  const hasty = slackApi(new Secret(TOKEN), { apiUrl: slack.url, timeoutMs: SILENCE_MS })
  const isSilent = () => current?.mode === 'hang' || current?.mode === 'stored-then-hang'
  const api: SlackApi = { call: (...args) => (isSilent() ? hasty : patient).call(...args) }
  const notifier = slackNotifier(
    'ops' as ChannelId,
    { channel, buttons: false },
    new SlackWorkspace(api, clock),
    wording(),
    clock,
  )
  const send: SlackStage['send'] = (spec = {}, told = message()) =>
    notifier.send(attempt(notifier.render(told), spec), new AbortController().signal)

  return {
    slack,
    clock,
    notifier,
    get methods() {
      return slack.calls.map(({ method }) => method)
    },
    trouble(mode, methods = ['chat.postMessage'], calls = 1) {
      current = { mode, methods, calls }
    },
    send,
    async sendUntilSettled(key, threadReference = null, told = message(), earlierWas = false) {
      let ambiguous = earlierWas
      for (let number = 1; number <= 10; number++) {
        const spec = { dedupeKey: key, attempt: number, ambiguous, threadReference }
        const delivery = await send(spec, told)
        if (delivery.outcome !== 'retry' && delivery.outcome !== 'ambiguous') return delivery
        ambiguous ||= delivery.outcome === 'ambiguous'
        clock.pass(delivery.outcome === 'retry' ? (delivery.afterMs ?? 5_000) : 5_000)
      }
      throw new Error('never settled')
    },
    [Symbol.asyncDispose]: () => slack[Symbol.asyncDispose](),
  }
}
