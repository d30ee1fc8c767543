import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Finding, FindingKey, Severity } from './finding.ts'

export type IncidentId = string & { readonly __brand: 'IncidentId' }
/** The conversation an incident is told in: one root message; incidents with one shared cause share it. */
export type ThreadId = string & { readonly __brand: 'ThreadId' }

/** A finding with a life. At most one live incident per key; a relapse within six hours continues the old one. */
export interface Incident {
  readonly id: IncidentId
  readonly thread: ThreadId
  readonly key: FindingKey
  readonly domain: DomainName | null
  /** Set when it opened and renewed when it worsens. */
  readonly latest: Finding
  readonly worst: Severity
  readonly firstSeenAt: UnixMs
  readonly phase: Phase
  /** Counts every announced transition; part of what makes a notification unique. */
  readonly transitions: number
  /** Opens and resolves of the last hours, for flapping (R37). */
  readonly recentTurnsAt: readonly UnixMs[]
  /** Since when it flaps; null when steady. A flapping incident stays live until it has been quiet for long enough. */
  readonly flappingSince: UnixMs | null
}

/** Observations that agree, counted only when far enough apart. */
export interface Sightings {
  readonly sightings: number
  readonly firstSightingAt: UnixMs
  readonly lastSightingAt: UnixMs
}

export type Phase =
  | (Sightings & {
      readonly name: 'suspected'
      /** The life before, when an incident that was resolved lately is seen again; null for a new one. */
      readonly before: { readonly openedAt: UnixMs; readonly resolvedAt: UnixMs } | null
    })
  | {
      readonly name: 'open'
      readonly openedAt: UnixMs
      /** Looks that found it more severe than was told, not yet enough to say so. */
      readonly rising: Sightings | null
    }
  | {
      readonly name: 'recovering'
      readonly openedAt: UnixMs
      readonly clears: number
      readonly lastClearAt: UnixMs
    }
  | { readonly name: 'resolved'; readonly openedAt: UnixMs; readonly resolvedAt: UnixMs }
  /** Suspected, never confirmed. */
  | { readonly name: 'dismissed'; readonly dismissedAt: UnixMs }

export type TransitionReason =
  | 'suspected'
  | 'opened'
  | 'worsened'
  /** Looks that find it more severe are being counted, or that count ended: nothing is said. */
  | 'rising'
  /** Senders report what we see: kept with the evidence, for the messages to come. */
  | 'corroborated'
  | 'recovering'
  /** Seen again while recovering: back to open, nothing is said. */
  | 'relapsed'
  | 'resolved'
  | 'dismissed'
  | 'flapping'
  | 'steadied'

/** One step of one incident's life; `incident` is the state after it. */
export interface Transition {
  readonly reason: TransitionReason
  readonly at: UnixMs
  readonly incident: Incident
}

/** A person has seen an incident and looks after it: no reminders. It holds until anything more is told of the incident. */
export interface Acknowledgement {
  readonly incident: IncidentId
  /** The incident's `transitions` when it was acknowledged; one more ends it. */
  readonly transitions: number
  readonly by: string
  readonly at: UnixMs
  /** Null: none was given. */
  readonly note: string | null
}
