import type { UnixMs } from '../../lib/time.ts'

/** Findings about steps of a planned change that came too early. */
export interface PlanEvidence {
  'mta-sts.policy.mx-not-in-held-policy': {
    readonly mx: string
    /** Of the policy in mode enforce that may be held longest and does not cover it. */
    readonly patterns: readonly string[]
    readonly joinedAt: UnixMs
    readonly cachedUntil: UnixMs
    /** Until then caches on the way may still give the record of that policy. */
    readonly oldRecordUntil: UnixMs
  }
  'mta-sts.policy.retired-too-early': {
    /** Of the policy in mode enforce that may be held longest. */
    readonly patterns: readonly string[]
    readonly cachedUntil: UnixMs
    readonly policyServed: boolean
    readonly suggestedId: string
  }
}
