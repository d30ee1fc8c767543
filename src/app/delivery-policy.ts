import { sha256 } from '../lib/sha256.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import { SEVERITIES, type Severity } from '../model/finding.ts'
import type { ChannelId, Delivery, Notification, NotificationId } from '../model/notification.ts'
import type { ClaimedDelivery, Settlement } from '../store/store.ts'

/** Waits after the first, second … failure (R56); the last one from then on. */
const RETRY_MS: readonly number[] = [
  5 * SECOND_MS,
  15 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
]
const JITTER = 0.2

const EXPIRY_MS: Readonly<Record<Severity, number>> = {
  critical: 72 * HOUR_MS,
  warning: 72 * HOUR_MS,
  info: 24 * HOUR_MS,
}

/** R15: a week late at most. */
const SUMMARY_EXPIRY_MS = 7 * DAY_MS

/** A critical message that its channel could not deliver for so long is copied to the next one (R59). */
const COPY_AFTER_MS = 10 * MINUTE_MS

/** What follows from one attempt. */
export interface Verdict {
  readonly settlement: Settlement
  /** To be queued besides: copies for the fallback channel while the delivery itself goes on. */
  readonly copies: readonly Notification[]
  /** Something is wrong with the channel that a person must see to; null otherwise. */
  readonly trouble: { readonly code: string; readonly error: string } | null
}

export interface DeliveryRules {
  /** Every working channel, in the order of watch.yaml. */
  readonly channels: readonly ChannelId[]
  /** From [0, 1): spreads the retries. */
  random(): number
}

/** Pure: how a claim is settled after an attempt that ended at `now` (R56–R59, R63). */
export function settle(
  claim: ClaimedDelivery,
  delivery: Delivery,
  now: UnixMs,
  rules: DeliveryRules,
): Verdict {
  switch (delivery.outcome) {
    case 'delivered':
      return { settlement: sent(delivery.reference, now), copies: [], trouble: null }
    case 'delivered-in-part':
      return {
        settlement: sent(delivery.reference, now),
        copies: [],
        trouble: { code: 'recipient-refused', error: delivery.error },
      }
    case 'rejected':
      return rejected(claim, delivery, now, rules)
    case 'retry':
      return again(claim, 'pending', delivery, now, rules)
    case 'ambiguous':
      return again(claim, 'ambiguous', { afterMs: null, error: delivery.error }, now, rules)
  }
}

function sent(reference: string | null, at: UnixMs): Settlement {
  return { state: 'sent', reference, at }
}

/** Nobody else could tell it: the only channel is tried until it is mended or the message expires. */
function rejected(
  claim: ClaimedDelivery,
  { errorCode, error }: Extract<Delivery, { outcome: 'rejected' }>,
  now: UnixMs,
  rules: DeliveryRules,
): Verdict {
  const isAlone = claim.notifications.every(({ channel }) => channelAfter(channel, rules.channels) === null)
  // What may have arrived is not sent again and again.
  if (!isAlone || claim.ambiguous) return abandoned(claim, errorCode, error, now, rules)
  return {
    ...again(claim, 'pending', { afterMs: null, error }, now, rules),
    trouble: { code: errorCode, error },
  }
}

function abandoned(
  claim: ClaimedDelivery,
  code: string,
  error: string,
  now: UnixMs,
  rules: DeliveryRules,
): Verdict {
  const fallback = fallbackCopies(claim.notifications, now, rules.channels)
  return { settlement: { state: 'dead', error, fallback }, copies: [], trouble: { code, error } }
}

function again(
  claim: ClaimedDelivery,
  state: 'pending' | 'ambiguous',
  { afterMs, error }: { readonly afterMs: number | null; readonly error: string },
  now: UnixMs,
  rules: DeliveryRules,
): Verdict {
  const bornAt = Math.min(...claim.notifications.map(({ createdAt }) => createdAt))
  const severity = worstOf(claim.notifications)
  const expiryMs = claim.notifications.every(isSummary) ? SUMMARY_EXPIRY_MS : EXPIRY_MS[severity]
  if (now >= bornAt + expiryMs) {
    return abandoned(claim, 'expired', `given up after the last attempt: ${error}`, now, rules)
  }
  const copyAt = severity === 'critical' ? bornAt + COPY_AFTER_MS : Number.POSITIVE_INFINITY
  const planned = now + (afterMs ?? backoffMs(claim.attempt, rules.random()))
  // Once more just when the copy falls due, so that it is neither early nor late; what Slack asks for is kept (R63).
  const notBefore = afterMs === null && now < copyAt ? Math.min(planned, copyAt) : planned
  const overdue = now >= copyAt || notBefore > copyAt
  return {
    settlement: { state, notBefore, error },
    copies: overdue ? fallbackCopies(claim.notifications, now, rules.channels) : [],
    trouble: overdue ? { code: 'undelivered', error } : null,
  }
}

/** The wait after the given attempt failed; `random` from [0, 1) makes it up to 20 % shorter or longer. */
export function backoffMs(attempt: number, random: number): number {
  const base = RETRY_MS[Math.min(attempt, RETRY_MS.length) - 1] ?? HOUR_MS
  return Math.round(base * (1 - JITTER + 2 * JITTER * random))
}

function worstOf(notifications: readonly Notification[]): Severity {
  const ranks = notifications.map(({ severity }) => SEVERITIES.indexOf(severity))
  return SEVERITIES[Math.max(...ranks)] ?? 'critical'
}

/**
 * Copies for the next channel, in order. Their keys follow from the originals', so that asking twice queues them once.
 * What is about the monitor itself goes to every channel anyway, what a person did is no alarm, and a summary is for its
 * own readers: none of these is copied.
 */
function fallbackCopies(
  notifications: readonly Notification[],
  now: UnixMs,
  channels: readonly ChannelId[],
): readonly Notification[] {
  return notifications.flatMap((notification) => {
    const { content } = notification
    const primary = content.kind === 'fallback' ? content.primary : notification.channel
    const original = content.kind === 'fallback' ? content.original : content
    const next = channelAfter(notification.channel, channels)
    const everywhere = original.kind === 'incident' && original.incident.domain === null
    const isAlarm = original.kind !== 'answer' && !isSummary(notification)
    if (next === null || next === primary || everywhere || !isAlarm) return []
    const dedupeKey = sha256(`${notification.dedupeKey}|fallback|${next}`)
    return {
      ...notification,
      id: `ntf_${dedupeKey.slice(0, 12)}` as NotificationId,
      channel: next,
      createdAt: now,
      notBefore: now,
      dedupeKey,
      held: null,
      content: { kind: 'fallback' as const, primary, original },
    }
  })
}

function isSummary({ content }: Notification): boolean {
  return content.kind === 'summary'
}

/** The next in order, after the last one the first; null when there is no other. */
function channelAfter(channel: ChannelId, channels: readonly ChannelId[]): ChannelId | null {
  const others = channels.filter((other) => other !== channel)
  const next = channels.slice(channels.indexOf(channel) + 1).find((other) => other !== channel)
  return next ?? others[0] ?? null
}
