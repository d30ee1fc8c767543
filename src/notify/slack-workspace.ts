import type { Clock } from '../lib/time.ts'
import type { SlackAnswer, SlackApi, SlackFailure } from './slack.ts'

const LIST_PAGES = 5

/** One token's workspace: the rests it asks for hold for every channel in it, and so do the ids it has told (R63). */
export class SlackWorkspace {
  readonly #api: SlackApi
  readonly #clock: Clock
  readonly #channelIds = new Map<string, string>()
  /** By family of methods: `chat`, `conversations`. */
  readonly #restsUntilMs = new Map<string, number>()

  constructor(api: SlackApi, clock: Clock) {
    this.#api = api
    this.#clock = clock
  }

  /**
   * Like SlackApi.call, but answers `rate-limited` by itself as long as Slack wants to be left alone: entirely after a
   * 429 to a post; with searches alone after a 429 to one, because posting must go on where nothing can be found (R62).
   */
  async call(
    method: string,
    args: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<SlackAnswer> {
    const [family = method] = method.split('.')
    const restMs = Math.max(this.#restMs('chat'), this.#restMs(family))
    if (restMs > 0) return { kind: 'rate-limited', afterMs: restMs }
    const answer = await this.#api.call(method, args, signal)
    if (answer.kind === 'rate-limited') {
      this.#restsUntilMs.set(family, this.#clock.monotonicMs() + answer.afterMs)
    }
    return answer
  }

  #restMs(family: string): number {
    return (this.#restsUntilMs.get(family) ?? Number.NEGATIVE_INFINITY) - this.#clock.monotonicMs()
  }

  /** Posting takes `#name`, everything else an id, which the answer to a post tells. */
  learnChannelId(channel: string, id: string): void {
    this.#channelIds.set(channel, id)
  }

  /**
   * The id of a channel given as `#name` or id. The text itself when Slack will not tell (scope `channels:read`) or
   * knows no such name: using it then shows what is wrong. A failure when it could not be asked.
   */
  async channelId(channel: string, signal: AbortSignal): Promise<string | SlackFailure> {
    if (/^[CDG][A-Z0-9]{6,}$/.test(channel)) return channel
    const known = this.#channelIds.get(channel)
    if (known !== undefined) return known
    const name = channel.replace(/^#/, '')
    let cursor = ''
    for (let page = 0; page < LIST_PAGES; page++) {
      const args = { types: 'public_channel,private_channel', exclude_archived: true, limit: 200, cursor }
      const answer = await this.call('conversations.list', args, signal)
      if (answer.kind === 'declined') return channel
      if (answer.kind !== 'ok') return answer
      const found = listOf(answer.body.channels).find((entry) => entry.name === name)
      if (typeof found?.id === 'string') {
        this.learnChannelId(channel, found.id)
        return found.id
      }
      cursor = nextCursor(answer.body)
      if (cursor === '') return channel
    }
    return channel
  }
}

/** The objects of an array that Slack sent; anything else is left out. */
export function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'object' && entry !== null) : []
}

/** Empty when this was the last page. */
export function nextCursor(body: Readonly<Record<string, unknown>>): string {
  const metadata = body.response_metadata
  const cursor =
    typeof metadata === 'object' && metadata !== null && 'next_cursor' in metadata ? metadata.next_cursor : ''
  return typeof cursor === 'string' ? cursor : ''
}
