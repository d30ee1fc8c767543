import type { AppTools } from '../app-tools.ts'
import { sendSummary } from '../jobs/send-summary.ts'
import type { Lane } from '../lane.ts'
import type { Settings } from '../settings.ts'
import { jobLane } from './job-lane.ts'

export const SUMMARY_JOB = 'summary'

/** Puts summaries into the outbox when their schedules say so. */
export function summaryLane(tools: AppTools, settings: () => Settings): Lane {
  return jobLane({ name: 'summaries', kind: SUMMARY_JOB }, tools, async ({ argument: cron, slot }) => {
    if (slot === null) return
    const sent = await sendSummary(cron, slot.at, settings(), tools)
    tools.log.info('summary', { cron, ...sent })
  })
}
