import type { AppTools } from '../app-tools.ts'
import { queueReports } from '../jobs/queue-reports.ts'
import { SUBMIT_LEASE_MS, submitReport } from '../jobs/submit-report.ts'
import type { Lane } from '../lane.ts'
import type { Settings } from '../settings.ts'
import { jobLane } from './job-lane.ts'

export const REPORT_JOB = 'reports'

const AT_ONCE = 4

/** Makes our own TLS reports when a day has ended. */
export function reportLane(tools: AppTools, settings: () => Settings): Lane {
  return jobLane({ name: 'reports', kind: REPORT_JOB }, tools, async ({ slot }) => {
    if (slot === null) return
    const queued = await queueReports(slot.at, settings(), tools)
    if (queued > 0) tools.log.info('reports.queued', { queued })
  })
}

/** Hands our own TLS reports over when they are due. */
export function submissionLane(tools: AppTools, settings: () => Settings): Lane {
  return {
    name: 'submissions',
    concurrency: AT_ONCE,
    async take() {
      const claim = await tools.store.submissions.claim(tools.clock.now(), SUBMIT_LEASE_MS)
      return claim === null ? null : (signal) => submitReport(claim, settings(), tools, signal)
    },
    nextDueAt: () => tools.store.submissions.nextDueAt(),
  }
}
