import type { Clock } from '../lib/time.ts'
import { HOUR_MS } from '../lib/time.ts'

/** Looks that many domains need are made once, whoever needs them (R32). */
export interface LookCache<T> {
  /**
   * The last look if it began less than `maxAgeMs` ago, else a new one, shared with all who ask meanwhile. Who gives up gets
   * `givenUp()` at once; the look goes on for the others.
   */
  get(key: string, maxAgeMs: number, ask: LookAsk<T>): Promise<T>
}

export interface LookAsk<T> {
  readonly signal: AbortSignal
  readonly look: (signal: AbortSignal) => Promise<T>
  readonly givenUp: () => T
}

interface Entry<T> {
  readonly startedAtMs: number
  readonly look: Promise<T>
  /** Ends the look when the last who waits for it has gone. */
  readonly abandon: () => void
  waiting: number
  finished: boolean
}

// Long past any age that a caller accepts; it only bounds the memory.
const KEEP_MS = 24 * HOUR_MS

export function createLookCache<T>(clock: Clock): LookCache<T> {
  const entries = new Map<string, Entry<T>>()

  function start(key: string, look: LookAsk<T>['look']): Entry<T> {
    const control = new AbortController()
    const entry: Entry<T> = {
      startedAtMs: clock.monotonicMs(),
      look: look(control.signal),
      abandon: () => {
        control.abort()
        forget(key, entry)
      },
      waiting: 0,
      finished: false,
    }
    entry.look.then(
      () => {
        entry.finished = true
      },
      () => forget(key, entry),
    )
    // Deleting first keeps the map in the order of age.
    entries.delete(key)
    entries.set(key, entry)
    forgetOld()
    return entry
  }

  function forget(key: string, entry: Entry<T>): void {
    if (entries.get(key) === entry) entries.delete(key)
  }

  function forgetOld(): void {
    for (const [key, { startedAtMs }] of entries) {
      if (clock.monotonicMs() - startedAtMs < KEEP_MS) return
      entries.delete(key)
    }
  }

  function isFresh(entry: Entry<T>, maxAgeMs: number): boolean {
    return !entry.finished || clock.monotonicMs() - entry.startedAtMs < maxAgeMs
  }

  return {
    async get(key, maxAgeMs, { signal, look, givenUp }) {
      const known = entries.get(key)
      const entry = known !== undefined && isFresh(known, maxAgeMs) ? known : start(key, look)
      return await waitFor(entry, signal, givenUp)
    },
  }
}

async function waitFor<T>(entry: Entry<T>, signal: AbortSignal, givenUp: () => T): Promise<T> {
  const gone = Promise.withResolvers<T>()
  const leave = () => {
    entry.waiting -= 1
    if (entry.waiting === 0 && !entry.finished) entry.abandon()
    gone.resolve(givenUp())
  }
  entry.waiting += 1
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([entry.look, gone.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
