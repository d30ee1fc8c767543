import type { Clock, UnixMs } from '../../../src/lib/time.ts'

export interface EagerClock extends Clock {
  /** Every sleep that was asked for, in milliseconds. */
  readonly slept: readonly number[]
  pass(ms: number): void
}

/** A clock on which every sleep is over at once, and time has passed: for code that waits by itself. */
export function eagerClock(startAt: UnixMs): EagerClock {
  const slept: number[] = []
  let elapsedMs = 0
  return {
    slept,
    now: () => startAt + elapsedMs,
    monotonicMs: () => elapsedMs,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      slept.push(ms)
      elapsedMs += ms
    },
    pass(ms) {
      elapsedMs += ms
    },
  }
}
