import type { UnixMs } from '../lib/time.ts'

/** A message as the workspace has it now, with what became of it. */
export interface SlackMessage {
  readonly ts: string
  /** The ts of the root it replies to; null for a root message. */
  readonly threadTs: string | null
  readonly postedAt: UnixMs
  readonly text: string
  /** Parsed; empty when there were none. */
  readonly blocks: readonly unknown[]
  readonly attachments: readonly unknown[]
  readonly metadata: unknown
  /** What chat.update replaced, oldest first. */
  readonly before: readonly { readonly text: string; readonly blocks: readonly unknown[] }[]
}

/** A root message and its thread in order. */
export interface SlackThread extends SlackMessage {
  readonly replies: readonly SlackMessage[]
}

/** What one person alone was shown. */
export interface SlackEphemeral {
  readonly channel: string
  readonly user: string
  readonly text: string
}

/** The arguments of a method, as strings; structured ones are JSON. */
export type SlackArguments = Readonly<Partial<Record<string, string>>>

/** `{ok: true, …}` or `{ok: false, error}`. */
export type SlackResponse = Readonly<Record<string, unknown>> & { readonly ok: boolean }

interface Kept extends SlackMessage {
  readonly channel: string
  invisibleForLooks: number
}

const DEFAULT_PAGE = 100
const MAX_TEXT = 40_000
const MAX_BLOCKS = 50

/** The messages of a Slack workspace and the methods of the Web API that work on them. Every channel name exists. */
export class SlackWorkspace {
  readonly ephemerals: SlackEphemeral[] = []
  readonly #kept = new Map<string, Kept>()
  #count = 0

  /** The root messages of a channel in the order they were posted, each with its thread. */
  threads(channel: string): readonly SlackThread[] {
    const all = [...this.#kept.values()].filter((message) => message.channel === channel)
    return all
      .filter(({ threadTs }) => threadTs === null)
      .map((root) => ({ ...root, replies: all.filter(({ threadTs }) => threadTs === root.ts) }))
  }

  /** The message of this ts and its channel; null when there is none. */
  find(ts: string): (SlackMessage & { readonly channel: string }) | null {
    return this.#kept.get(ts) ?? null
  }

  /** As a person deletes a message; a thread below it stays without its root. */
  delete(ts: string): void {
    this.#kept.delete(ts)
  }

  /** `invisibleForLooks`: how many reads of the channel will not show what this call posts. */
  call(method: string, args: SlackArguments, now: UnixMs, invisibleForLooks: number): SlackResponse {
    try {
      switch (method) {
        case 'auth.test':
          return { ok: true, team: 'Lab', team_id: 'T1', user: 'stswatch', user_id: 'U1', bot_id: 'B1' }
        case 'conversations.info':
          return { ok: true, channel: { id: args.channel, is_member: true, is_archived: false } }
        case 'chat.postMessage':
          return this.#post(args, now, invisibleForLooks)
        case 'chat.postEphemeral':
          return this.#whisper(args)
        case 'chat.update':
          return this.#update(args)
        case 'conversations.history':
          return this.#history(args)
        case 'conversations.replies':
          return this.#replies(args)
        default:
          return failure('unknown_method')
      }
    } catch (error) {
      if (error instanceof SyntaxError) return failure('invalid_arguments')
      throw error
    }
  }

  #post(args: SlackArguments, now: UnixMs, invisibleForLooks: number): SlackResponse {
    const { channel } = args
    if (channel === undefined) return failure('channel_not_found')
    const refusal = refuseContent(args)
    if (refusal !== null) return failure(refusal)
    this.#count++
    const message: Kept = {
      channel,
      ts: `${Math.floor(now / 1000)}.${String(this.#count).padStart(6, '0')}`,
      threadTs: args.thread_ts ?? null,
      postedAt: now,
      text: args.text ?? '',
      blocks: jsonList(args.blocks),
      attachments: jsonList(args.attachments),
      metadata: args.metadata === undefined ? null : JSON.parse(args.metadata),
      before: [],
      invisibleForLooks,
    }
    this.#kept.set(message.ts, message)
    return { ok: true, channel, ts: message.ts, message: wireMessage(message, true) }
  }

  #whisper({ channel, user, text }: SlackArguments): SlackResponse {
    if (channel === undefined || user === undefined) return failure('channel_not_found')
    this.ephemerals.push({ channel, user, text: text ?? '' })
    return { ok: true, message_ts: `${this.ephemerals.length}.000000` }
  }

  #update(args: SlackArguments): SlackResponse {
    const old = this.#kept.get(args.ts ?? '')
    if (old === undefined || old.channel !== args.channel) return failure('message_not_found')
    const refusal = refuseContent(args)
    if (refusal !== null) return failure(refusal)
    const message: Kept = {
      ...old,
      text: args.text ?? old.text,
      blocks: args.blocks === undefined ? old.blocks : jsonList(args.blocks),
      attachments: args.attachments === undefined ? old.attachments : jsonList(args.attachments),
      metadata: args.metadata === undefined ? old.metadata : JSON.parse(args.metadata),
      before: [...old.before, { text: old.text, blocks: old.blocks }],
    }
    this.#kept.set(message.ts, message)
    return { ok: true, channel: message.channel, ts: message.ts, text: message.text }
  }

  #history(args: SlackArguments): SlackResponse {
    const found = this.#look(args.channel, ({ threadTs }) => threadTs === null)
      .filter(({ ts }) => isWithin(ts, args))
      .reverse()
    return page(found, args)
  }

  #replies(args: SlackArguments): SlackResponse {
    const asked = args.ts ?? ''
    const root = this.#kept.get(asked)?.threadTs ?? asked
    const found = this.#look(args.channel, ({ ts, threadTs }) => ts === root || threadTs === root)
    if (found.length === 0) return failure('thread_not_found')
    // Slack gives the root whatever the time window.
    return page(
      found.filter(({ ts }) => ts === root || isWithin(ts, args)),
      args,
    )
  }

  /** The visible messages among those asked for, oldest first; looking brings the others nearer to being seen. */
  #look(channel: string | undefined, wanted: (message: Kept) => boolean): readonly Kept[] & Kept[] {
    const asked = [...this.#kept.values()].filter((message) => message.channel === channel && wanted(message))
    const visible = asked.filter(({ invisibleForLooks }) => invisibleForLooks === 0)
    for (const message of asked) message.invisibleForLooks = Math.max(0, message.invisibleForLooks - 1)
    return visible
  }
}

function failure(error: string): SlackResponse {
  return { ok: false, error }
}

function refuseContent(args: SlackArguments): string | null {
  const blocks = jsonList(args.blocks)
  if ((args.text ?? '') === '' && blocks.length === 0) return 'no_text'
  if ((args.text ?? '').length > MAX_TEXT) return 'msg_too_long'
  return blocks.length > MAX_BLOCKS ? 'invalid_blocks' : null
}

function jsonList(text: string | undefined): readonly unknown[] {
  const value: unknown = text === undefined ? [] : JSON.parse(text)
  return Array.isArray(value) ? value : []
}

function isWithin(ts: string, args: SlackArguments): boolean {
  const { oldest, latest, inclusive } = args
  const at = Number(ts)
  if (inclusive === 'true' || inclusive === '1') {
    return at >= Number(oldest ?? 0) && at <= Number(latest ?? Number.POSITIVE_INFINITY)
  }
  return at > Number(oldest ?? 0) && at < Number(latest ?? Number.POSITIVE_INFINITY)
}

function page(found: readonly Kept[], args: SlackArguments): SlackResponse {
  const limit = Number(args.limit ?? DEFAULT_PAGE)
  const start = args.cursor === undefined || args.cursor === '' ? 0 : Number(args.cursor.slice(4))
  if (Number.isNaN(start)) return failure('invalid_cursor')
  if (!(limit >= 1 && limit <= 999)) return failure('invalid_limit')
  const more = start + limit < found.length
  const withMetadata = args.include_all_metadata === 'true' || args.include_all_metadata === '1'
  return {
    ok: true,
    messages: found.slice(start, start + limit).map((message) => wireMessage(message, withMetadata)),
    has_more: more,
    response_metadata: { next_cursor: more ? `lab:${start + limit}` : '' },
  }
}

function wireMessage(message: Kept, withMetadata: boolean): object {
  return {
    type: 'message',
    bot_id: 'B1',
    ts: message.ts,
    ...(message.threadTs !== null && { thread_ts: message.threadTs }),
    text: message.text,
    blocks: message.blocks,
    ...(withMetadata && message.metadata !== null && { metadata: message.metadata }),
  }
}
