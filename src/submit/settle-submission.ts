import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from '../lib/time.ts'
import type { SubmissionOutcome } from '../model/submission.ts'

/** What one attempt came to. */
export type SubmissionAttempt =
  | { readonly outcome: 'accepted'; readonly note: string }
  /** The far side, or the way to it, may do better later. */
  | { readonly outcome: 'retry'; readonly note: string }
  /** The far side does not want it. */
  | { readonly outcome: 'rejected'; readonly note: string }

const FIRST_WAIT_MS = 10 * MINUTE_MS
const LONGEST_WAIT_MS = 4 * HOUR_MS
/** RFC 8460 §5.5 */
const PATIENCE_MS = DAY_MS
/** R77 */
const SUPPRESSION_MS = 30 * DAY_MS

/**
 * RFC 8460 §5.5: again with growing pauses for 24 hours after the first attempt. `attempt` counts from 1; `firstTriedAt` is
 * null at the first.
 */
export function settleSubmission(
  { attempt, firstTriedAt }: { readonly attempt: number; readonly firstTriedAt: UnixMs | null },
  result: SubmissionAttempt,
  now: UnixMs,
): SubmissionOutcome {
  const { note } = result
  if (result.outcome === 'accepted') return { kind: 'sent', at: now, note }
  if (result.outcome === 'rejected') {
    return { kind: 'given-up', at: now, note, refused: { suppressUntil: now + SUPPRESSION_MS } }
  }
  const endAt = (firstTriedAt ?? now) + PATIENCE_MS
  if (now >= endAt) return { kind: 'given-up', at: now, note, refused: null }
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS)
  // The last attempt is made when the day is over, not hours before.
  return { kind: 'again', notBefore: Math.min(now + wait, endAt), note }
}
