import { MINUTE_MS } from '../../lib/time.ts'
import type { ClaimedJob } from '../../store/store.ts'
import type { AppTools } from '../app-tools.ts'
import type { Lane } from '../lane.ts'
import { BEGUN } from '../timetable.ts'

/** Longer than any of them takes in the largest installation. */
const LEASE_MS = 15 * MINUTE_MS

/** Does the jobs of one kind, one after the other. */
export function jobLane(
  { name, kind }: { readonly name: string; readonly kind: string },
  { store, clock, log }: Pick<AppTools, 'store' | 'clock' | 'log'>,
  work: (job: ClaimedJob) => Promise<void>,
): Lane {
  /** A bug met here must neither stop the monitor nor go unnoticed. */
  const attempt = async (job: ClaimedJob): Promise<'done' | 'failed'> => {
    if (job.argument === BEGUN) return 'done'
    try {
      await work(job)
      return 'done'
    } catch (error) {
      log.error(`${kind}.failed`, { error: error instanceof Error ? (error.stack ?? '') : String(error) })
      return 'failed'
    }
  }
  return {
    name,
    concurrency: 1,
    async take() {
      const job = await store.jobs.claim([kind], clock.now(), LEASE_MS)
      return job === null ? null : async () => store.jobs.finish(job, await attempt(job))
    },
    nextDueAt: () => store.jobs.nextDueAt(),
  }
}
