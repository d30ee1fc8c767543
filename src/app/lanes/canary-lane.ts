import { HOUR_MS, MINUTE_MS, type UnixMs } from '../../lib/time.ts'
import type { ClaimedJob } from '../../store/store.ts'
import type { AppTools } from '../app-tools.ts'
import { sendCanaries } from '../jobs/send-canaries.ts'
import type { Lane } from '../lane.ts'
import type { Settings } from '../settings.ts'
import { jobLane } from './job-lane.ts'

export const CANARY_JOB = 'canary'

/** After a start it takes a while until the first looks have shown where reports go. */
const ASK_AGAIN_MS = 5 * MINUTE_MS
const ASK_FOR_MS = HOUR_MS

/** Sends a report to ourselves when its schedule says so. */
export function canaryLane(tools: AppTools, settings: () => Settings): Lane {
  return jobLane({ name: 'canaries', kind: CANARY_JOB }, tools, async (job) => {
    const slotAt = slotOf(job)
    const addresses = await sendCanaries(slotAt, settings(), tools)
    if (addresses === 0) await askAgain(slotAt, tools)
  })
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
