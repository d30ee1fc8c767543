import type { UnixMs } from '../lib/time.ts'
import type { Change } from '../model/change.ts'
import type { FindingCode } from '../model/finding.ts'
import type { Acknowledgement, Incident, IncidentId, ThreadId, Transition } from '../model/incident.ts'
import type { ChannelId, Notification } from '../model/notification.ts'
import type { PolicyVersion } from '../model/policy-version.ts'
import type { ProbeSession } from '../model/probe-session.ts'
import type { Silence, SilenceId } from '../model/silence.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import type { CanaryStore } from './canary-store.ts'
import type { HostRun } from './part-runs.ts'
import type { ReportStore } from './report-store.ts'
import type { SubmissionStore } from './submission-store.ts'
import type { SummaryStore } from './summary-store.ts'

/** Everything the program remembers, by use. Every method that writes is one transaction (R2). */
export interface Store extends AsyncDisposable {
  readonly snapshots: SnapshotStore
  readonly incidents: IncidentStore
  readonly outbox: Outbox
  readonly quiet: QuietStore
  readonly jobs: JobQueue
  readonly reports: ReportStore
  readonly submissions: SubmissionStore
  readonly canaries: CanaryStore

  /**
   * Lends a view of everything as it stands at this instant, whatever is written meanwhile, also by other processes. It ends
   * with `read`. (A database in memory has one connection: there the view is of what stands when each question is asked.)
   */
  view<T>(read: (view: StoreView) => Promise<T>): Promise<T>
  /** A sign of life, about once a minute: what is missing between two of them is remembered as a time of not running. */
  noteAlive(now: UnixMs): Promise<void>
  /** What a check saw, what it meant and what will be said, in one transaction. */
  commitCheck(commit: CheckCommit): Promise<void>
  /** The same for the monitor's own incidents, which have no snapshot. */
  commitTransitions(transitions: readonly Transition[], notifications: readonly Notification[]): Promise<void>
  /** Forgets what is older than the retention, a bounded transaction at a time; never what a live incident needs (R12). */
  prune(now: UnixMs, retention: Retention): Promise<Pruned>
}

/** What can be asked in a view. */
export interface StoreView {
  readonly reports: Pick<ReportStore, 'policiesSince' | 'reporters'>
  readonly summaries: SummaryStore
}

/** How long things are kept after they ended. Incidents that opened are kept for ever. */
export interface Retention {
  /** Looks, and policy versions after their horizon. */
  readonly looksMs: number
  readonly changesMs: number
  /** Finished outbox rows, counted from the end of their incident; and suspicions that were never confirmed. */
  readonly outboxMs: number
  readonly jobsMs: number
  /** The bytes that mails and files were read from, counted from their arrival. */
  readonly rawMs: number
  /** Reports, and what became of each mail, counted from its arrival; of mails a little longer, so that none is read twice. */
  readonly reportsMs: number
}

/** Rows deleted. */
export interface Pruned {
  readonly looks: number
  readonly contents: number
  readonly parts: number
  readonly changes: number
  readonly policyVersions: number
  readonly suspicions: number
  readonly notifications: number
  readonly jobs: number
  readonly raws: number
  readonly reports: number
  readonly mails: number
  readonly lookDays: number
  readonly probeSessions: number
  readonly submissions: number
  readonly canaries: number
}

export interface CheckCommit {
  readonly snapshot: Snapshot
  /** It left something open that it was made to find out. */
  readonly isUndecided: boolean
  readonly changes: readonly Change[]
  /** The policy served now, if a valid one was; updates or opens its ledger line. */
  readonly policyVersion: PolicyVersion | null
  readonly transitions: readonly Transition[]
  readonly notifications: readonly Notification[]
  /** To be counted for our own TLS report; empty for a domain that gets none. */
  readonly sessions: readonly ProbeSession[]
}

export interface SnapshotStore {
  /**
   * What was last looked at, failures included. Here and below a snapshot is put together from runs: an instant is the
   * last look of the run; what differs at every look (TTL, duration, greeting, error page) is that of the run's content
   * as it was first seen.
   */
  latest(domain: DomainName): Promise<Snapshot | null>
  /**
   * Per part the newest answer (seen or absent), however long ago: what a new look is compared with, so that a failure
   * that comes and goes is no change. A part that never answered is as last looked at.
   */
  latestAnswered(domain: DomainName): Promise<Snapshot | null>
  /** The state as known at that instant; null before the first look. */
  at(domain: DomainName, at: UnixMs): Promise<Snapshot | null>
  /** Newest first. */
  policyVersions(domain: DomainName): Promise<readonly PolicyVersion[]>
  /** Oldest first. */
  changes(domain: DomainName, since: UnixMs, limit: number): Promise<readonly Change[]>
  /** How often the domain was looked at, and when first and last. */
  lookSummary(domain: DomainName): Promise<{ looks: number; firstAt: UnixMs; lastAt: UnixMs } | null>
  /** What looks of a domain saw of a mail host, oldest first: answers only, each once until it became another. */
  hostRuns(domain: DomainName, host: string, addresses: readonly string[]): Promise<readonly HostRun[]>
  /** When each domain was last looked at. */
  lastLooks(): Promise<ReadonlyMap<DomainName, UnixMs>>
  /** Every address a mail host was ever seen to have, the one seen last first. */
  hostAddresses(host: string): Promise<readonly HostAddress[]>
}

export interface HostAddress {
  readonly address: IpAddress
  readonly firstSeenAt: UnixMs
  /** Exact to the hour, so that an unchanged look writes nothing here. */
  readonly lastSeenAt: UnixMs
}

export interface IncidentStore {
  /**
   * Live ones of a domain (null: the monitor), those resolved at or after `resolvedSince`, for relapses, and those whose
   * flapping has not been told to be over.
   */
  remembered(domain: DomainName | null, resolvedSince: UnixMs): Promise<readonly Incident[]>
  /** The thread of a live incident with this code and subject at any domain, to be joined; a confirmed one first. */
  openThread(code: FindingCode, subject: string): Promise<ThreadId | null>
  /** All incidents of a thread, oldest first. */
  ofThread(thread: ThreadId): Promise<readonly Incident[]>
  /** Every live incident. */
  live(): Promise<readonly Incident[]>
  /** Live and ended, newest first. */
  recent(limit: number): Promise<readonly Incident[]>
  /** By id or an unambiguous beginning of it. */
  find(idPrefix: string): Promise<Incident | null>
  transitions(id: IncidentId): Promise<readonly Transition[]>
  /** Every step of a domain's incidents since then, oldest first. */
  transitionsOfDomain(domain: DomainName, since: UnixMs): Promise<readonly Transition[]>
}

/** What people want to hear no more of, for a time; and what is held back meanwhile. */
export interface QuietStore {
  /** Takes the place of an earlier acknowledgement of the same incident; `notifications` go into the outbox with it. */
  acknowledge(given: Acknowledgement, notifications: readonly Notification[]): Promise<void>
  /** Of the live incidents, each that still holds. */
  acknowledgements(): Promise<readonly Acknowledgement[]>
  /** Begins a silence; `notifications` go into the outbox with it. */
  silence(silence: Silence, notifications: readonly Notification[]): Promise<void>
  /** Null when no silence of this id is in force. */
  endSilence(id: SilenceId, at: UnixMs): Promise<Silence | null>
  /** Those in force, oldest first. */
  silences(at: UnixMs): Promise<readonly Silence[]>
  /** The incidents of which something is held back. */
  held(): Promise<readonly HeldIncident[]>
  /** What is held back of an incident is sent after all, at once. */
  release(incident: IncidentId, now: UnixMs): Promise<void>
  /** What is held back of an incident is never sent. */
  drop(incident: IncidentId): Promise<void>
  /** Up to which instant reminders have been made; null before the first round. */
  remindedUntil(): Promise<UnixMs | null>
  /** Reminders go into the outbox together with how far they reach. */
  commitReminders(until: UnixMs, notifications: readonly Notification[]): Promise<void>
}

export interface HeldIncident {
  readonly incident: Incident
  /** Something was told of it, or is about to be, apart from what is held back. */
  readonly wasTold: boolean
}

/** The transactional outbox: rows go in with what caused them, and come out by lease (R52–R63). */
export interface Outbox {
  /**
   * Takes the oldest due work of a channel: all due rows of one thread, merged, in order; or of many threads, as a digest,
   * where the pace asks for it. Nothing is given for a thread whose earlier row is still under way. Null when nothing is
   * due, or nothing may be sent yet: then it falls due when it may. `pace` null: every thread by itself, at once.
   */
  claim(channel: ChannelId, now: UnixMs, leaseMs: number, pace: Pace | null): Promise<ClaimedDelivery | null>
  /**
   * Freezes the rendered message before the first attempt, so that every copy is the same bytes; a payload that is there
   * already stays. Rejects when the lease was lost: then nothing must be sent.
   */
  freeze(claim: ClaimedDelivery, payload: string): Promise<void>
  /**
   * Settles a claim; `notBefore` is when a retry is due. What is pending again and never was ambiguous loses its payload
   * and is merged anew with what came since (R55). False: the lease was lost.
   */
  settle(claim: ClaimedDelivery, settlement: Settlement): Promise<boolean>
  /** At start: rows that a dead process left leased become ambiguous, never pending (reliability §7.2). */
  recover(now: UnixMs): Promise<number>
  /** When the next row of any channel falls due; null when the outbox is empty. */
  nextDueAt(): Promise<UnixMs | null>
  /** The channels that have unfinished rows. */
  waitingChannels(): Promise<readonly ChannelId[]>
  /** Since when the unfinished row that has waited longest could have been sent; null when there is none. */
  waitingSince(): Promise<UnixMs | null>
  /** Rows not yet sent, oldest first, for `healthz`, `explain` and shutdown. */
  pending(limit: number): Promise<readonly OutboxRow[]>
  ofIncident(id: IncidentId): Promise<readonly OutboxRow[]>
  /** The roots of a thread, as the channels named them. */
  references(thread: ThreadId): Promise<readonly string[]>
}

/**
 * sent: the first row of a delivery. merged: a row that went out in its message. held: kept back by a silence or a
 * maintenance window. dropped: held until there was nothing left to tell.
 */
export type OutboxState = 'pending' | 'leased' | 'ambiguous' | 'sent' | 'dead' | 'merged' | 'held' | 'dropped'

/** How much a channel may be told (R67, R69). */
export interface Pace {
  /** More threads than this waiting at once are told in one message, a digest, */
  readonly crowd: number
  /** together with what falls due within this time; */
  readonly gatherMs: number
  /** the next one comes no sooner than this after it. */
  readonly digestEveryMs: number
  /** So many messages within the window; then one, of all that waits, every so often. */
  readonly budget: number
  readonly budgetWindowMs: number
  readonly overBudgetEveryMs: number
}

export interface OutboxRow {
  readonly notification: Notification
  readonly state: OutboxState
  readonly attempts: number
  readonly reference: string | null
  readonly lastError: string | null
  readonly sentAt: UnixMs | null
}

export interface ClaimedDelivery {
  /** In order; the first one's id and dedupeKey name the whole delivery. Of several threads: a digest. */
  readonly notifications: readonly Notification[]
  readonly leaseToken: string
  /** 1 for the first. */
  readonly attempt: number
  readonly firstAttemptAt: UnixMs
  /** An earlier attempt may have got through; stays so until the delivery is settled for good. */
  readonly ambiguous: boolean
  /** As frozen; null when no attempt got as far as that. */
  readonly payload: string | null
  /** The thread's root message in this channel, as a delivery named it last; null before the first, and for a digest. */
  readonly threadReference: string | null
}

export type Settlement =
  | { readonly state: 'sent'; readonly reference: string | null; readonly at: UnixMs }
  | { readonly state: 'pending' | 'ambiguous'; readonly notBefore: UnixMs; readonly error: string }
  | { readonly state: 'dead'; readonly error: string; readonly fallback: readonly Notification[] }

/** Work to do now or later; a job key exists at most once (R15). */
export interface JobQueue {
  /** False when a job with this key is already waiting, running or was done. */
  enqueue(job: NewJob): Promise<boolean>
  claim(kinds: readonly string[], now: UnixMs, leaseMs: number): Promise<ClaimedJob | null>
  finish(job: ClaimedJob, outcome: 'done' | 'failed'): Promise<void>
  /** At start: jobs that a dead process left leased are due again at once; gives how many. */
  recover(now: UnixMs): Promise<number>
  nextDueAt(): Promise<UnixMs | null>
  /** The newest slot that was enqueued for a schedule, for catch-up after downtime. */
  lastSlot(schedule: string): Promise<UnixMs | null>
  /** Forgets ended jobs that were due before; the newest slot of a schedule stays. */
  prune(before: UnixMs): Promise<void>
}

export interface NewJob {
  /** `check:example.com:2026-11-23T14:00Z` */
  readonly key: string
  readonly kind: string
  readonly argument: string
  readonly dueAt: UnixMs
  /** Which schedule's slot this is; null for a job that no schedule asked for. */
  readonly slot: { readonly schedule: string; readonly at: UnixMs } | null
}

export interface ClaimedJob extends NewJob {
  readonly leaseToken: string
  readonly attempt: number
}
