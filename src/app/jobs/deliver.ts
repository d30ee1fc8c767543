import { type Clock, MINUTE_MS } from '../../lib/time.ts'
import type { Incident } from '../../model/incident.ts'
import type { ChannelId, Delivery, Notification } from '../../model/notification.ts'
import type { Notifier } from '../../notify/notifier.ts'
import { originalContent } from '../../notify/story.ts'
import type { ClaimedDelivery, Pace, Store } from '../../store/store.ts'
import { type DeliveryRules, settle } from '../delivery-policy.ts'

export interface DeliverTools {
  readonly store: Pick<Store, 'outbox' | 'incidents' | 'quiet' | 'commitTransitions'>
  readonly notifiers: ReadonlyMap<ChannelId, Notifier>
  readonly clock: Clock
  readonly rules: DeliveryRules
  /** Null: every conversation by itself, at once. */
  readonly pace: Pace | null
  /** A person must see to this channel; the monitor's own incident is raised from here (R57). */
  onChannelTrouble(channel: ChannelId, code: string, error: string): void
  /** The channel works: whatever was wrong with it is over. */
  onDelivered(channel: ChannelId): void
}

/** Longer than any attempt can take: the looks of Slack with all their pages, a mail server at its slowest. */
const LEASE_MS = 10 * MINUTE_MS

/**
 * Takes the oldest due delivery of a channel; null when none is due. The piece of work never rejects for what a channel
 * does. Channels know nothing of each other: each has one delivery under way, and none waits for another (R58).
 */
export async function takeDelivery(
  tools: DeliverTools,
  channel: ChannelId,
): Promise<((signal: AbortSignal) => Promise<void>) | null> {
  const notifier = tools.notifiers.get(channel)
  if (notifier === undefined) return null
  const claim = await tools.store.outbox.claim(channel, tools.clock.now(), LEASE_MS, tools.pace)
  return claim === null ? null : (signal) => deliver(tools, notifier, claim, signal)
}

async function deliver(
  tools: DeliverTools,
  notifier: Notifier,
  claim: ClaimedDelivery,
  signal: AbortSignal,
): Promise<void> {
  const delivery = await attempt(tools, notifier, claim, signal)
  const { settlement, copies, trouble } = settle(claim, delivery, tools.clock.now(), tools.rules)
  // A lost lease means that somebody else has taken over, and settles.
  if (!(await tools.store.outbox.settle(claim, settlement))) return
  // After the settlement: should we die in between, the next attempt asks for the same copies again.
  if (copies.length > 0) await tools.store.commitTransitions([], copies)
  if (settlement.state === 'sent') tools.onDelivered(notifier.id)
  if (trouble !== null) tools.onChannelTrouble(notifier.id, trouble.code, trouble.error)
}

async function attempt(
  tools: DeliverTools,
  notifier: Notifier,
  claim: ClaimedDelivery,
  signal: AbortSignal,
): Promise<Delivery> {
  const [first] = claim.notifications
  if (first === undefined) throw new Error('a claim without notifications')
  let payload: string
  try {
    payload = claim.payload ?? (await rendered(tools, notifier, claim))
  } catch (error) {
    // The lease was lost, and settling will say so; or a text of ours is broken, and a later version may tell it.
    return { outcome: 'retry', afterMs: null, error: `not rendered: ${String(error)}` }
  }
  return notifier.send(
    {
      payload,
      dedupeKey: first.dedupeKey,
      attempt: claim.attempt,
      firstAttemptAt: claim.firstAttemptAt,
      ambiguous: claim.ambiguous,
      threadReference: claim.threadReference,
    },
    signal,
  )
}

/** Renders and freezes: every later attempt, also after a restart, sends exactly this. */
async function rendered(tools: DeliverTools, notifier: Notifier, claim: ClaimedDelivery): Promise<string> {
  const { notifications, threadReference } = claim
  const threadIncidents = await incidentsOf(notifications, tools)
  const acknowledgements = await tools.store.quiet.acknowledgements()
  const payload = notifier.render({ notifications, threadIncidents, acknowledgements, threadReference })
  await tools.store.outbox.freeze(claim, payload)
  return payload
}

/** As they stand now: those of the thread, or of a digest those that it tells of. */
async function incidentsOf(
  notifications: readonly Notification[],
  { store }: DeliverTools,
): Promise<readonly Incident[]> {
  const contents = notifications.map(({ content }) => originalContent(content))
  const told = contents.flatMap((content) => ('incident' in content ? [content.incident] : []))
  const threads = [...new Set(notifications.map(({ thread }) => thread))]
  const [thread] = threads
  if (told.length === 0 || thread === undefined) return []
  if (threads.length === 1) return store.incidents.ofThread(thread)
  const live = new Map((await store.incidents.live()).map((incident) => [incident.id, incident]))
  // The last state that was told of those that have ended.
  const newest = new Map(told.map((incident) => [incident.id, incident]))
  return [...newest.values()].map((incident) => live.get(incident.id) ?? incident)
}
