import type { UnixMs } from '../lib/time.ts'
import type { Settling } from '../model/change.ts'
import { nameList } from './words.ts'

/** How a change of the DNS spreads, as a sentence without its full stop. */
export function settlingText({ at, waitingFor }: Settling, instant: (at: UnixMs) => string): string {
  const until = `Resolvers may still give the old answer until ${instant(at)}`
  if (waitingFor.length === 0) return until
  return `${until}, and as long again after the last of these servers has the new one: ${nameList(waitingFor)}`
}
