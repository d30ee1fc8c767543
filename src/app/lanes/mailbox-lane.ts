import { HOUR_MS, MINUTE_MS, SECOND_MS, type UnixMs } from '../../lib/time.ts'
import type { AppTools } from '../app-tools.ts'
import { visitMailbox } from '../jobs/visit-mailbox.ts'
import type { Lane } from '../lane.ts'
import type { Settings } from '../settings.ts'

export const MAILBOX_JOB = 'mailbox'

/** Longer than a backlog takes; a dead process's job is taken back at the next start anyway. */
const LEASE_MS = 2 * HOUR_MS
/** R43: the first wait after a failure, doubled from one to the next. */
const FIRST_BACKOFF_MS = 5 * SECOND_MS
const LONGEST_BACKOFF_MS = 15 * MINUTE_MS

/** Reads the mailbox of TLS reports when its schedule says so, and listens until the next time where the server can. */
export function mailboxLane(tools: AppTools, settings: () => Settings): Lane {
  let failures = 0
  /** When the last failure is to be made up for; every slot of the schedule would begin a row of its own otherwise. */
  let retryAt: UnixMs = 0
  const isRetryComing = () => {
    const leftMs = retryAt - tools.clock.now()
    return leftMs > 0 && leftMs <= LONGEST_BACKOFF_MS
  }
  return {
    name: 'mailbox',
    concurrency: 1,
    async take() {
      const job = await tools.store.jobs.claim([MAILBOX_JOB], tools.clock.now(), LEASE_MS)
      if (job === null) return null
      return async (signal) => {
        const outcome = await visitMailbox(settings(), tools, signal)
        // Told to stop in the middle: the job is taken back at the next start.
        if (signal.aborted) return
        failures = outcome === 'failed' ? failures + 1 : 0
        if (outcome !== 'failed') retryAt = 0
        else if (!isRetryComing()) retryAt = await again(backoffMs(failures), tools)
        if (outcome === 'listened-long') await again(0, tools)
        await tools.store.jobs.finish(job, outcome === 'failed' ? 'failed' : 'done')
      }
    },
    nextDueAt: () => tools.store.jobs.nextDueAt(),
  }
}

function backoffMs(failures: number): number {
  return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1))
}

/** Gives when. */
async function again(inMs: number, { store, clock }: AppTools): Promise<UnixMs> {
  const dueAt = clock.now() + inMs
  const key = `${MAILBOX_JOB}:again:${new Date(dueAt).toISOString()}`
  await store.jobs.enqueue({ key, kind: MAILBOX_JOB, argument: '', dueAt, slot: null })
  return dueAt
}
