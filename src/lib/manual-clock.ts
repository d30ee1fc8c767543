import type { Clock, UnixMs } from './time.ts'

/** A clock that stands still until it is told to move: for tests and for the demo's compressed time. */
export interface ManualClock extends Clock {
  /** Moves forward by `ms`, waking sleepers in the order of their due times. */
  advance(ms: number): Promise<void>
  /** Sees work to its end, moving on to the next sleeper's due time whenever there is one. */
  drive<T>(work: Promise<T>): Promise<T>
  /** Steps the wall clock alone, forward or back, as an NTP correction does. */
  step(ms: number): void
}

interface Sleeper {
  readonly dueMs: number
  readonly wake: () => void
}

/** `startAt` is the wall clock's first reading. */
export function manualClock(startAt: UnixMs): ManualClock {
  let wallOffset = startAt
  let elapsedMs = 0
  const sleepers = new Set<Sleeper>()

  const earliest = () => [...sleepers].sort((a, b) => a.dueMs - b.dueMs)[0]
  const clock: ManualClock = {
    now: () => wallOffset + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleeper: Sleeper = { dueMs: elapsedMs + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener(
          'abort',
          () => {
            if (sleepers.delete(sleeper)) reject(signal.reason)
          },
          { once: true },
        )
      }),
    async advance(ms) {
      const untilMs = elapsedMs + ms
      for (;;) {
        // Whoever was woken, or was just started, gets to its next sleep first.
        await new Promise((resolve) => setImmediate(resolve))
        const next = earliest()
        if (next === undefined || next.dueMs > untilMs) break
        elapsedMs = Math.max(elapsedMs, next.dueMs)
        sleepers.delete(next)
        next.wake()
      }
      elapsedMs = untilMs
    },
    async drive(work) {
      let ended = false
      const watched = work.finally(() => {
        ended = true
      })
      while (!ended) {
        await Promise.race([watched, new Promise((resolve) => setImmediate(resolve))])
        const next = ended ? undefined : earliest()
        if (next !== undefined) await clock.advance(next.dueMs - elapsedMs)
      }
      return watched
    },
    step(ms) {
      wallOffset += ms
    },
  }
  return clock
}
