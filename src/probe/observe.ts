import type { Clock } from '../lib/time.ts'
import type { Failed, Seen, Skipped } from '../model/observation.ts'
import { faultOf } from './fault-error.ts'

/** Runs one look and tells it as an observation: the value seen, or the fault met. Never rejects. */
export async function observe<T>(clock: Clock, look: () => Promise<T>): Promise<Seen<T> | Failed> {
  const at = clock.now()
  const since = clock.monotonicMs()
  const tookMs = () => clock.monotonicMs() - since
  try {
    const value = await look()
    return { outcome: 'seen', at, tookMs: tookMs(), value }
  } catch (error) {
    return { outcome: 'failed', at, tookMs: tookMs(), fault: faultOf(error) }
  }
}

export function skipped(because: string): Skipped {
  return { outcome: 'skipped', because }
}
