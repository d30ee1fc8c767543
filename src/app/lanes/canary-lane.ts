import { HOUR_MS, MINUTE_MS, type UnixMs } from '../../lib/time.ts'
import type { ClaimedJob } from '../../store/store.ts'
import type { AppTools } from '../app-tools.ts'
import { sendCanaries } from '../jobs/send-canaries.ts'
import type { Lane } from '../lane.ts'
import type { Settings } from '../settings.ts'

export const CANARY_JOB = 'canary'

const LEASE_MS = 15 * MINUTE_MS
/** After a start it takes a while until the first looks have shown where reports go. */
const ASK_AGAIN_MS = 5 * MINUTE_MS
const ASK_FOR_MS = HOUR_MS

/** Sends a report to ourselves when its schedule says so. */
export function canaryLane(tools: AppTools, settings: () => Settings): Lane {
  return {
    name: 'canaries',
    concurrency: 1,
    async take() {
      const job = await tools.store.jobs.claim([CANARY_JOB], tools.clock.now(), LEASE_MS)
      if (job === null) return null
      return async () => tools.store.jobs.finish(job, await send(job, settings(), tools))
    },
    nextDueAt: () => tools.store.jobs.nextDueAt(),
  }
}

/** A bug met here must neither stop the monitor nor go unnoticed. */
async function send(job: ClaimedJob, settings: Settings, tools: AppTools): Promise<'done' | 'failed'> {
  const slotAt = slotOf(job)
  try {
    const addresses = await sendCanaries(slotAt, settings, tools)
    if (addresses === 0) await askAgain(slotAt, tools)
    return 'done'
  } catch (error) {
    tools.log.error('canaries.failed', {
      error: error instanceof Error ? (error.stack ?? '') : String(error),
    })
    return 'failed'
  }
}

/** One that is asked again bears the instant of the slot it stands for. */
function slotOf({ slot, argument, dueAt }: ClaimedJob): UnixMs {
  if (slot !== null) return slot.at
  return argument === '' ? dueAt : Number(argument)
}

async function askAgain(slotAt: UnixMs, { store, clock }: AppTools): Promise<void> {
  const now = clock.now()
  if (now - slotAt >= ASK_FOR_MS) return
  const dueAt = now + ASK_AGAIN_MS
  const key = `${CANARY_JOB}:again:${new Date(dueAt).toISOString()}`
  await store.jobs.enqueue({ key, kind: CANARY_JOB, argument: String(slotAt), dueAt, slot: null })
}
