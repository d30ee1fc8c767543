import { type Clock, MINUTE_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { Attempt } from './notifier.ts'
import type { SlackFailure } from './slack.ts'
import { slackErrorClass } from './slack-errors.ts'
import { listOf, nextCursor, type SlackWorkspace } from './slack-workspace.ts'

/** The metadata event type of everything that we post. */
export const SLACK_EVENT = 'stswatch_notice'

/** Where to look: in the thread when it has a root, else in the channel. */
export interface LookPlace {
  readonly workspace: SlackWorkspace
  readonly clock: Clock
  readonly channel: string
  readonly root: { readonly channel: string; readonly ts: string } | null
}

export type Look =
  | { readonly kind: 'found'; readonly reference: string }
  | { readonly kind: 'absent' }
  /** Not now: nothing may be posted until we could look. */
  | { readonly kind: 'unknown'; readonly error: string }
  /** Never: a scope is missing, Slack wants a long rest, or too much was posted since (R62). */
  | { readonly kind: 'impossible' }

/** Waits before each look, because a fresh message need not be visible at once: 5, 15 and 45 s after the start (§7.2). */
const WAITS_MS: readonly number[] = [5 * SECOND_MS, 10 * SECOND_MS, 30 * SECOND_MS]
const BEFORE_FIRST_ATTEMPT_MS = 2 * MINUTE_MS
const LONG_REST_MS = 10 * MINUTE_MS
const PAGE_SIZE = 15
const PAGES = 3

/** Searches for the message that an earlier attempt may have left. All looks are within this one call (R61). */
export async function lookForMessage(place: LookPlace, attempt: Attempt, signal: AbortSignal): Promise<Look> {
  for (const waitMs of WAITS_MS) {
    try {
      await place.clock.sleep(waitMs, signal)
    } catch {
      return { kind: 'unknown', error: 'stopped before the look' }
    }
    const look = await lookOnce(place, attempt, signal)
    if (look.kind !== 'absent') return look
  }
  return { kind: 'absent' }
}

async function lookOnce(place: LookPlace, attempt: Attempt, signal: AbortSignal): Promise<Look> {
  const { root, workspace } = place
  const since = attempt.firstAttemptAt - BEFORE_FIRST_ATTEMPT_MS
  if (root !== null) {
    const search: Search = { method: 'conversations.replies', channel: root.channel, ts: root.ts, since }
    const inThread = await pages(workspace, search, attempt.dedupeKey, signal)
    if (inThread.kind !== 'absent') {
      return inThread.kind === 'found' ? { kind: 'found', reference: `${root.channel}/${root.ts}` } : inThread
    }
  }
  // With a root given: it may have been lost, and the earlier attempt have posted it anew (R64).
  const channel = root?.channel ?? (await workspace.channelId(place.channel, signal))
  if (typeof channel !== 'string') return withoutAnswer(channel)
  return pages(
    workspace,
    { method: 'conversations.history', channel, ts: null, since },
    attempt.dedupeKey,
    signal,
  )
}

interface Search {
  readonly method: 'conversations.history' | 'conversations.replies'
  readonly channel: string
  readonly ts: string | null
  readonly since: UnixMs
}

async function pages(
  workspace: SlackWorkspace,
  search: Search,
  key: string,
  signal: AbortSignal,
): Promise<Look> {
  let cursor = ''
  for (let page = 0; page < PAGES; page++) {
    const args = {
      channel: search.channel,
      ...(search.ts === null ? {} : { ts: search.ts }),
      ...(cursor === '' ? {} : { cursor }),
      oldest: (search.since / SECOND_MS).toFixed(6),
      include_all_metadata: true,
      limit: PAGE_SIZE,
    }
    const answer = await workspace.call(search.method, args, signal)
    if (answer.kind !== 'ok') return withoutAnswer(answer)
    const found = listOf(answer.body.messages).find((message) => carries(message, key))
    if (found !== undefined) return { kind: 'found', reference: `${search.channel}/${rootOf(found)}` }
    cursor = nextCursor(answer.body)
    if (cursor === '') return { kind: 'absent' }
  }
  // It may lie further back than we read.
  return { kind: 'impossible' }
}

/** A reply that is shown in the channel as well names its root. */
function rootOf({ ts, thread_ts: rootTs }: Readonly<Record<string, unknown>>): string {
  return String(rootTs ?? ts)
}

function carries(message: Readonly<Record<string, unknown>>, key: string): boolean {
  const metadata = message.metadata as
    | { readonly event_type?: unknown; readonly event_payload?: { readonly k?: unknown } | null }
    | null
    | undefined
  return metadata?.event_type === SLACK_EVENT && metadata.event_payload?.k === key
}

function withoutAnswer(answer: SlackFailure): Look {
  switch (answer.kind) {
    case 'rate-limited':
      return answer.afterMs > LONG_REST_MS
        ? { kind: 'impossible' }
        : { kind: 'unknown', error: 'Slack asks to come later (429) before it can be searched' }
    case 'declined':
      switch (slackErrorClass(answer.code)) {
        case 'permanent':
          return { kind: 'impossible' }
        case 'root-lost':
          return { kind: 'absent' }
        default:
          return { kind: 'unknown', error: `Slack says ${answer.code} to the search` }
      }
    default:
      return { kind: 'unknown', error: answer.error }
  }
}
