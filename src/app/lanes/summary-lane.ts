import { MINUTE_MS } from '../../lib/time.ts'
import type { ClaimedJob } from '../../store/store.ts'
import type { AppTools } from '../app-tools.ts'
import { sendSummary } from '../jobs/send-summary.ts'
import type { Lane } from '../lane.ts'
import type { Settings } from '../settings.ts'
import { BEGUN } from '../timetable.ts'

export const SUMMARY_JOB = 'summary'

/** Longer than one of the largest installation takes. */
const LEASE_MS = 15 * MINUTE_MS

/** Puts summaries into the outbox when their schedules say so. */
export function summaryLane(tools: AppTools, settings: () => Settings): Lane {
  return {
    name: 'summaries',
    concurrency: 1,
    async take() {
      const job = await tools.store.jobs.claim([SUMMARY_JOB], tools.clock.now(), LEASE_MS)
      if (job === null) return null
      return async () => tools.store.jobs.finish(job, await tell(job, settings(), tools))
    },
    nextDueAt: () => tools.store.jobs.nextDueAt(),
  }
}

/** A bug met here must neither stop the monitor nor go unnoticed. */
async function tell(job: ClaimedJob, settings: Settings, tools: AppTools): Promise<'done' | 'failed'> {
  if (job.argument === BEGUN || job.slot === null) return 'done'
  try {
    const sent = await sendSummary(job.argument, job.slot.at, settings, tools)
    tools.log.info('summary', { cron: job.argument, ...sent })
    return 'done'
  } catch (error) {
    tools.log.error('summary.failed', { error: error instanceof Error ? (error.stack ?? '') : String(error) })
    return 'failed'
  }
}
