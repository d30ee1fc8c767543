import type { UnixMs } from '../lib/time.ts'
import type { CountedSession } from '../model/probe-session.ts'
import type { Submission, SubmissionId, SubmissionOutcome, SubmissionRow } from '../model/submission.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/** Our own TLS reports: what our looks saw, and what became of the reports about it. */
export interface SubmissionStore {
  /** What the looks of that UTC day saw of the domain, in an order that only depends on what it is. */
  sessionsOf(domain: DomainName, dayAt: UnixMs): Promise<readonly CountedSession[]>
  /**
   * Takes reports in, each once: one of this domain, day and URI that is known is left as it is (R76). Those beyond
   * `mostPerUri` for one URI and day, and those to a URI that is suppressed, are kept as `left-out`. Gives how many are new.
   */
  queue(submissions: readonly Submission[], limits: { readonly mostPerUri: number }): Promise<number>
  /** Leases the one that has been due longest; null when none is due. */
  claim(now: UnixMs, leaseMs: number): Promise<ClaimedSubmission | null>
  /** Leases this one, due or not; null when it is under way, or over. */
  claimThis(id: SubmissionId, now: UnixMs, leaseMs: number): Promise<ClaimedSubmission | null>
  settle(claim: ClaimedSubmission, outcome: SubmissionOutcome): Promise<void>
  /** What a dead process left leased is due again at once. */
  recover(now: UnixMs): Promise<number>
  /** When the next one falls due, or a lease runs out; null when there is none. */
  nextDueAt(): Promise<UnixMs | null>
  /** Newest first. */
  recent(domain: DomainName, limit: number): Promise<readonly SubmissionRow[]>
}

export interface ClaimedSubmission extends Submission {
  readonly leaseToken: string
  /** Counted from 1. */
  readonly attempt: number
  /** Of the first attempt; null: this is the first. */
  readonly firstTriedAt: UnixMs | null
}
