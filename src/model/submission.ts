import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'

export type SubmissionId = string & { readonly __brand: 'SubmissionId' }

/** A TLS report of our own on its way to one URI of `rua` (RFC 8460 §5). */
export interface Submission {
  readonly id: SubmissionId
  /** What it is about: a watched domain, or the one that stands for nobody in a canary. */
  readonly domain: DomainName
  /** Midnight UTC: the day that it is about. Of a canary the instant of its slot: it is about no day. */
  readonly dayAt: UnixMs
  /** As published; never a scheme that nobody can send to. */
  readonly rua: string
  /** The same at every attempt, and after a crash (R76, R78). */
  readonly reportId: string
  /** The JSON of the report. */
  readonly report: string
  readonly createdAt: UnixMs
  /** When it is due for the first time. */
  readonly notBefore: UnixMs
}

/** How it stands with it. */
export type SubmissionState =
  | 'waiting'
  | 'leased'
  | 'sent'
  /** Refused for good, or not taken within 24 hours (RFC 8460 §5.5). */
  | 'given-up'
  /** Not sent, because too much went to this URI that day, or it refused too often. */
  | 'left-out'

/** A submission and what became of it so far. */
export interface SubmissionRow extends Submission {
  readonly state: SubmissionState
  readonly attempts: number
  /** When it is tried next, or a lease runs out; null: it is over. */
  readonly dueAt: UnixMs | null
  readonly settledAt: UnixMs | null
  /** What the far side or we ourselves said last; may hold untrusted text. */
  readonly note: string | null
}

/** How it goes on with a submission after an attempt. */
export type SubmissionOutcome =
  | { readonly kind: 'sent'; readonly at: UnixMs; readonly note: string }
  | { readonly kind: 'again'; readonly notBefore: UnixMs; readonly note: string }
  /** `refused`: the far side does not want it; three times in a row and the URI is left alone until `suppressUntil`. */
  | {
      readonly kind: 'given-up'
      readonly at: UnixMs
      readonly note: string
      readonly refused: { readonly suppressUntil: UnixMs } | null
    }
