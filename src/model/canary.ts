import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Authenticity } from './received-report.ts'
import type { SubmissionState } from './submission.ts'

/**
 * The policy domain of every canary, a name that can never be anybody's (RFC 2606 §2): a report about it is a test of the
 * way, and never data.
 */
export const CANARY_DOMAIN = 'stswatch-canary.invalid' as DomainName

/** A TLS report to ourselves, sent to see whether the reports of others would reach us at this URI. */
export interface Canary {
  /** As published. */
  readonly rua: string
  /** Nobody can foresee it: it is what the canary is known by. */
  readonly reportId: string
  /** When it was due by its schedule. */
  readonly slotAt: UnixMs
  readonly state: SubmissionState
  readonly attempts: number
  readonly firstTriedAt: UnixMs | null
  /** When it was handed over, or given up. */
  readonly settledAt: UnixMs | null
  /** What was said last on the way out; may hold untrusted text. */
  readonly note: string | null
  /** In our own mailbox; null: not there yet, or it went to an https endpoint, where nobody sees what arrives. */
  readonly arrival: CanaryArrival | null
}

export interface CanaryArrival {
  /** As the mailbox dates it. */
  readonly at: UnixMs
  readonly readAt: UnixMs
  readonly authenticity: Authenticity
}

/** A URI of `rua` that is ours, and which watched domains publish it. */
export interface CanaryAddress {
  readonly rua: string
  readonly domains: readonly DomainName[]
}

/** To an https endpoint: that it was taken is all that can be seen. */
export function isPosted({ rua }: Pick<Canary, 'rua'>): boolean {
  return /^https:/i.test(rua)
}
