import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts'
import type { ClaimedSubmission } from '../../store/submission-store.ts'
import { type SentReport, sendReport } from '../../submit/send-report.ts'
import { settleSubmission } from '../../submit/settle-submission.ts'
import type { AppTools } from '../app-tools.ts'
import type { Settings } from '../settings.ts'

/** Our own trouble is looked at again so soon. */
const HELD_FOR_MS = HOUR_MS
/** Longer than an attempt with all its deadlines takes. */
export const SUBMIT_LEASE_MS = 10 * MINUTE_MS

/**
 * One attempt to hand a report over, and what follows. A report that its receivers would not count is held, without end
 * within its day, and the trouble is told as our own.
 */
export async function submitReport(
  claim: ClaimedSubmission,
  { reporter }: Pick<Settings, 'reporter'>,
  { store, clock, log, monitor }: Pick<AppTools, 'store' | 'clock' | 'log' | 'monitor'>,
  signal: AbortSignal,
): Promise<void> {
  if (reporter === null) {
    const note = 'reports are no longer sent'
    return store.submissions.settle(claim, { kind: 'given-up', at: clock.now(), note, refused: null })
  }
  const beganMs = clock.monotonicMs()
  const sent = timed(await sendReport(claim, reporter, signal), () => clock.monotonicMs() - beganMs)
  // Told to stop on the way: the lease runs out, and the next start goes on.
  if (signal.aborted && sent.outcome === 'retry') return
  const now = clock.now()
  if (sent.outcome === 'held') monitor.reports.heard(reporter.key, sent.note)
  else if (sent.isSigned) monitor.reports.heard(reporter.key, null)
  const verdict = settleSubmission(claim, sent.outcome === 'held' ? { ...sent, outcome: 'retry' } : sent, now)
  const settled =
    sent.outcome === 'held' && verdict.kind === 'again'
      ? { ...verdict, notBefore: Math.min(verdict.notBefore, now + HELD_FOR_MS) }
      : verdict
  await store.submissions.settle(claim, settled)
  const { domain, rua, attempt } = claim
  log.info('report', { domain, rua, attempt, outcome: settled.kind, note: settled.note })
}

/** How long it took stands with what was said. */
function timed(sent: SentReport, tookMs: () => number): SentReport {
  if (sent.outcome !== 'accepted') return sent
  return { ...sent, note: `${sent.note} (${(tookMs() / SECOND_MS).toFixed(1)} s)` }
}
