/** Instants, durations and the clock: time enters the program here and nowhere else. */

/** Milliseconds since 1970-01-01T00:00:00Z. Names of such values end in `At`. */
export type UnixMs = number

export const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

export interface Clock {
  /** Wall clock; may jump. Only for schedules, certificates and timestamps. */
  now(): UnixMs
  /** Never jumps; for durations. Its zero means nothing. */
  monotonicMs(): number
  /** Resolves after `ms`, or rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }, ms)
      const stop = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', stop, { once: true })
    }),
}

/** Dates by `clock`, waits in real time: for whatever waits for a socket or a thread, which knows no other. */
export function realWaits(clock: Clock): Clock {
  const { monotonicMs, sleep } = systemClock
  return { now: () => clock.now(), monotonicMs, sleep }
}
