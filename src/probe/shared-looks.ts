import type { Clock } from '../lib/time.ts'
import { HOUR_MS } from '../lib/time.ts'

/** What many domains need is looked at once, whoever needs it (R32). */
export interface SharedLooks<What extends string, T> {
  /** The last look if it began less than `maxAgeMs` ago, else a new one, shared with all who ask meanwhile. */
  get(what: What, maxAgeMs: number, signal: AbortSignal): Promise<T>
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

/** `givenUp`: what somebody gets who does not wait for the end. */
export function createSharedLooks<What extends string, T>(
  clock: Clock,
  look: (what: What, signal: AbortSignal) => Promise<T>,
  givenUp: (what: What) => T,
): SharedLooks<What, T> {
  const entries = new Map<What, Entry<T>>()

  function start(what: What): Entry<T> {
    const control = new AbortController()
    const entry: Entry<T> = {
      startedAtMs: clock.monotonicMs(),
      look: look(what, control.signal),
      abandon: () => {
        control.abort()
        forget(what, entry)
      },
      waiting: 0,
      finished: false,
    }
    entry.look.then(
      () => {
        entry.finished = true
      },
      () => forget(what, entry),
    )
    // Deleting first keeps the map in the order of age.
    entries.delete(what)
    entries.set(what, entry)
    forgetOld()
    return entry
  }

  function forget(what: What, entry: Entry<T>): void {
    if (entries.get(what) === entry) entries.delete(what)
  }

  function forgetOld(): void {
    for (const [what, { startedAtMs }] of entries) {
      if (clock.monotonicMs() - startedAtMs < KEEP_MS) return
      entries.delete(what)
    }
  }

  function isFresh(entry: Entry<T>, maxAgeMs: number): boolean {
    return !entry.finished || clock.monotonicMs() - entry.startedAtMs < maxAgeMs
  }

  return {
    async get(what, maxAgeMs, signal) {
      const known = entries.get(what)
      const entry = known !== undefined && isFresh(known, maxAgeMs) ? known : start(what)
      return await waitFor(entry, signal, () => givenUp(what))
    },
  }
}

/** Waits for a shared look; who gives up gets an answer at once, and the look goes on for the others. */
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
