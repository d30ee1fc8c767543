import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Change } from './change.ts'
import type { RemedyLine } from './description.ts'
import type { Severity } from './finding.ts'
import type { Incident, ThreadId } from './incident.ts'
import type { WeeklySummary } from './weekly-summary.ts'

export type ChannelId = string & { readonly __brand: 'ChannelId' }
export type NotificationId = string & { readonly __brand: 'NotificationId' }

/** A decided message to one channel; the channel renders it. One outbox row (R52). */
export interface Notification {
  readonly id: NotificationId
  readonly channel: ChannelId
  /** The conversation it belongs to; rows of one thread are sent in order and may be merged before sending (R55). */
  readonly thread: ThreadId
  readonly createdAt: UnixMs
  /** Not sent before this instant: the group wait. */
  readonly notBefore: UnixMs
  /** SHA-256 of channel, destination, incident, transition number and kind (R53). */
  readonly dedupeKey: string
  readonly severity: Severity
  /** What keeps it back, in words ("the silence of Ada: mx.certificate.*"); null for what is sent as soon as it is due. */
  readonly held: string | null
  readonly content: NotificationContent
}

export type NotificationContent =
  | {
      readonly kind: 'incident'
      readonly reason: 'opened' | 'worsened' | 'reminder' | 'resolved' | 'flapping' | 'steadied'
      readonly incident: Incident
      readonly at: UnixMs
    }
  | { readonly kind: 'changes'; readonly domain: DomainName; readonly changes: readonly Change[] }
  /** Asked for by hand, to see that the channel works; about nothing and part of no history. */
  | { readonly kind: 'test'; readonly host: string; readonly at: UnixMs }
  /** How a plan that somebody follows goes on; asked for by hand and part of no history. */
  | {
      readonly kind: 'plan'
      readonly domain: DomainName
      readonly at: UnixMs
      readonly title: string
      readonly seen: string
      readonly impact: string | null
      readonly remedy: readonly RemedyLine[]
    }
  /** What a person did about an incident, for channels that show conversations. */
  | {
      readonly kind: 'answer'
      readonly incident: Incident
      readonly answer: Answer
      readonly by: string
      readonly at: UnixMs
    }
  /** How things stand, sent whether something happened or not (R72). */
  | { readonly kind: 'summary'; readonly summary: WeeklySummary }
  /** Copied from a channel that failed (R59). */
  | { readonly kind: 'fallback'; readonly primary: ChannelId; readonly original: NotificationContent }

export type Answer =
  | { readonly kind: 'acknowledged'; readonly note: string | null }
  | { readonly kind: 'silenced'; readonly until: UnixMs; readonly reason: string | null }

/** What became of one attempt to send. */
export type Delivery =
  | { readonly outcome: 'delivered'; readonly reference: string | null }
  /** Somebody has it, but not everybody that the channel names; never sent again for the others' sake. */
  | { readonly outcome: 'delivered-in-part'; readonly reference: string | null; readonly error: string }
  /** `afterMs` null: our own backoff. */
  | { readonly outcome: 'retry'; readonly afterMs: number | null; readonly error: string }
  /** The request was written but no answer came: it may have been delivered (R61, R65). */
  | { readonly outcome: 'ambiguous'; readonly error: string }
  | { readonly outcome: 'rejected'; readonly errorCode: string; readonly error: string }
