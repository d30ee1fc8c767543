import type { Clock } from '../lib/time.ts'
import type { ChannelId, Delivery } from '../model/notification.ts'
import type { Attempt, Notifier } from './notifier.ts'
import type { SlackAnswer, SlackFailure } from './slack.ts'
import { possibleDuplicate, rootMessage, type SlackMessage, threadReply } from './slack-blocks.ts'
import { slackErrorClass } from './slack-errors.ts'
import { lookForMessage, SLACK_EVENT } from './slack-look.ts'
import type { SlackWorkspace } from './slack-workspace.ts'
import { originalContent, tellStory } from './story.ts'
import type { Wording } from './wording.ts'

/** R60: Slack takes about one message a second and channel. */
const PACE_MS = 1_100

/** The exact messages of a delivery, as `render` froze them. */
interface SlackPayload {
  readonly root: SlackMessage
  /** What goes under the root when there is one already. */
  readonly reply: SlackMessage
  /** Shown in the channel as well: editing a root wakes nobody. */
  readonly broadcast: boolean
}

export interface SlackPlace {
  /** `#name` or id. */
  readonly channel: string
  /** Somebody listens to buttons (Socket Mode). */
  readonly buttons: boolean
}

interface RootReference {
  readonly channel: string
  readonly ts: string
}

/**
 * A Slack channel: one root message a conversation, kept up to date in place, every step a reply in its thread. Posts
 * carry their dedupe key as metadata; after an attempt of unknown outcome the channel is searched for it first (R61).
 * The reference is `<channel id>/<ts>` of the root.
 */
export function slackNotifier(
  id: ChannelId,
  { channel, buttons }: SlackPlace,
  workspace: SlackWorkspace,
  wording: Wording,
  clock: Clock,
): Notifier {
  let lastPostMs = Number.NEGATIVE_INFINITY

  async function post(args: Record<string, unknown>, signal: AbortSignal): Promise<SlackAnswer> {
    const waitMs = lastPostMs + PACE_MS - clock.monotonicMs()
    if (waitMs > 0 && !(await slept(clock, waitMs, signal)))
      return { kind: 'unsent', error: 'stopped while waiting' }
    const quiet = { unfurl_links: false, unfurl_media: false }
    const answer = await workspace.call('chat.postMessage', { ...args, ...quiet }, signal)
    lastPostMs = clock.monotonicMs()
    return answer
  }

  async function postRoot(message: SlackMessage, key: string, signal: AbortSignal): Promise<Delivery> {
    const answer = await post({ channel, ...message, metadata: metadata(key) }, signal)
    if (answer.kind !== 'ok') return failed(answer)
    const { channel: channelId, ts } = answer.body
    if (typeof channelId !== 'string' || typeof ts !== 'string')
      return { outcome: 'delivered', reference: null }
    workspace.learnChannelId(channel, channelId)
    return { outcome: 'delivered', reference: `${channelId}/${ts}` }
  }

  /** Null when the root is gone and must be posted anew (R64). */
  async function continueThread(
    root: RootReference,
    payload: SlackPayload,
    key: string,
    signal: AbortSignal,
  ): Promise<Delivery | null> {
    const updated = await workspace.call('chat.update', { ...root, ...payload.root }, signal)
    if (isRootLost(updated)) return null
    // Repeating an update does no harm, so nothing about it is ambiguous. A workspace that forbids editing declines
    // it; the reply is told all the same.
    if (updated.kind !== 'ok' && updated.kind !== 'declined') return asRetry(updated)
    const args = {
      channel: root.channel,
      thread_ts: root.ts,
      ...payload.reply,
      metadata: metadata(key),
      ...(payload.broadcast ? { reply_broadcast: true } : {}),
    }
    const answer = await post(args, signal)
    if (isRootLost(answer)) return null
    return answer.kind === 'ok'
      ? { outcome: 'delivered', reference: `${root.channel}/${root.ts}` }
      : failed(answer)
  }

  return {
    id,
    render(message) {
      const story = tellStory(message, wording)
      const payload: SlackPayload = {
        root: rootMessage(story, buttons ? (message.notifications[0]?.thread ?? null) : null),
        reply: threadReply(story),
        broadcast: message.notifications.some(({ content }) => wakesPeople(originalContent(content))),
      }
      return JSON.stringify(payload)
    },
    async send(attempt, signal) {
      let payload = JSON.parse(attempt.payload) as SlackPayload
      const root = parseReference(attempt.threadReference)
      if (attempt.ambiguous) {
        const look = await lookForMessage({ workspace, clock, channel, root }, attempt, signal)
        if (look.kind === 'found') return { outcome: 'delivered', reference: look.reference }
        if (look.kind === 'unknown') return { outcome: 'ambiguous', error: look.error }
        if (look.kind === 'impossible') payload = markedAsDuplicate(payload)
      }
      const told = root === null ? null : await continueThread(root, payload, attempt.dedupeKey, signal)
      return told ?? (await postRoot(payload.root, attempt.dedupeKey, signal))
    },
  }
}

function metadata(key: Attempt['dedupeKey']): object {
  return { event_type: SLACK_EVENT, event_payload: { k: key } }
}

function wakesPeople(content: ReturnType<typeof originalContent>): boolean {
  return content.kind === 'incident' && (content.reason === 'worsened' || content.reason === 'reminder')
}

function markedAsDuplicate(payload: SlackPayload): SlackPayload {
  return { ...payload, root: possibleDuplicate(payload.root), reply: possibleDuplicate(payload.reply) }
}

function parseReference(reference: string | null): RootReference | null {
  const [channel, ts] = (reference ?? '').split('/')
  return channel === undefined || ts === undefined ? null : { channel, ts }
}

function isRootLost(answer: SlackAnswer): boolean {
  return answer.kind === 'declined' && slackErrorClass(answer.code) === 'root-lost'
}

/** R57: what a failed post means for its notification. */
function failed(answer: SlackFailure): Delivery {
  switch (answer.kind) {
    case 'rate-limited':
    case 'unsent':
      return asRetry(answer)
    case 'unheard':
      return { outcome: 'ambiguous', error: answer.error }
    case 'declined': {
      const error = `Slack says ${answer.code}`
      const meaning = slackErrorClass(answer.code)
      if (meaning === 'permanent') return { outcome: 'rejected', errorCode: answer.code, error }
      if (meaning === 'ambiguous') return { outcome: 'ambiguous', error }
      return { outcome: 'retry', afterMs: null, error }
    }
  }
}

function asRetry(answer: Exclude<SlackFailure, { kind: 'declined' }>): Delivery {
  return answer.kind === 'rate-limited'
    ? { outcome: 'retry', afterMs: answer.afterMs, error: 'Slack asks to come later (429)' }
    : { outcome: 'retry', afterMs: null, error: answer.error }
}

/** False when stopped first. */
async function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, signal).then(
    () => true,
    () => false,
  )
}
