import { MINUTE_MS } from '../../lib/time.ts'
import type { ClaimedJob } from '../../store/store.ts'
import type { AppTools } from '../app-tools.ts'
import { queueReports } from '../jobs/queue-reports.ts'
import { SUBMIT_LEASE_MS, submitReport } from '../jobs/submit-report.ts'
import type { Lane } from '../lane.ts'
import type { Settings } from '../settings.ts'
import { BEGUN } from '../timetable.ts'

export const REPORT_JOB = 'reports'

const QUEUE_LEASE_MS = 15 * MINUTE_MS
const AT_ONCE = 4

/** Makes our own TLS reports when a day has ended. */
export function reportLane(tools: AppTools, settings: () => Settings): Lane {
  return {
    name: 'reports',
    concurrency: 1,
    async take() {
      const job = await tools.store.jobs.claim([REPORT_JOB], tools.clock.now(), QUEUE_LEASE_MS)
      if (job === null) return null
      return async () => tools.store.jobs.finish(job, await make(job, settings(), tools))
    },
    nextDueAt: () => tools.store.jobs.nextDueAt(),
  }
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

/** A bug met here must neither stop the monitor nor go unnoticed. */
async function make(job: ClaimedJob, settings: Settings, tools: AppTools): Promise<'done' | 'failed'> {
  if (job.argument === BEGUN || job.slot === null) return 'done'
  try {
    const queued = await queueReports(job.slot.at, settings, tools)
    if (queued > 0) tools.log.info('reports.queued', { queued })
    return 'done'
  } catch (error) {
    tools.log.error('reports.failed', { error: error instanceof Error ? (error.stack ?? '') : String(error) })
    return 'failed'
  }
}
