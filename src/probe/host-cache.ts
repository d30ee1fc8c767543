import type { Clock } from '../lib/time.ts'
import { HOUR_MS } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { stopped } from './deadline.ts'
import { faultOf } from './fault-error.ts'
import type { HostLook } from './mx-host.ts'
import { skipped } from './observe.ts'

/** Mail hosts shared by many domains are looked at once, whoever needs them (R32). */
export interface HostCache {
  /** The last look if it began less than `maxAgeMs` ago, else a new one, shared with all who ask meanwhile. */
  get(name: DomainName, maxAgeMs: number, signal: AbortSignal): Promise<HostLook>
}

interface Entry {
  readonly startedAtMs: number
  readonly look: Promise<HostLook>
  /** Ends the look when the last who waits for it has gone. */
  readonly abandon: () => void
  waiting: number
  finished: boolean
}

// Long past any age that a caller accepts; it only bounds the memory.
const KEEP_MS = 24 * HOUR_MS

export function createHostCache(
  clock: Clock,
  look: (name: DomainName, signal: AbortSignal) => Promise<HostLook>,
): HostCache {
  const entries = new Map<DomainName, Entry>()

  function start(name: DomainName): Entry {
    const control = new AbortController()
    const entry: Entry = {
      startedAtMs: clock.monotonicMs(),
      look: look(name, control.signal),
      abandon: () => {
        control.abort()
        forget(name, entry)
      },
      waiting: 0,
      finished: false,
    }
    entry.look.then(
      () => {
        entry.finished = true
      },
      () => forget(name, entry),
    )
    // Deleting first keeps the map in the order of age.
    entries.delete(name)
    entries.set(name, entry)
    forgetOld()
    return entry
  }

  function forget(name: DomainName, entry: Entry): void {
    if (entries.get(name) === entry) entries.delete(name)
  }

  function forgetOld(): void {
    for (const [name, { startedAtMs }] of entries) {
      if (clock.monotonicMs() - startedAtMs < KEEP_MS) return
      entries.delete(name)
    }
  }

  function isFresh(entry: Entry, maxAgeMs: number): boolean {
    return !entry.finished || clock.monotonicMs() - entry.startedAtMs < maxAgeMs
  }

  return {
    async get(name, maxAgeMs, signal) {
      const known = entries.get(name)
      const entry = known !== undefined && isFresh(known, maxAgeMs) ? known : start(name)
      return await waitFor(entry, signal, () => givenUp(clock, name))
    },
  }
}

/** Waits for a shared look; who gives up gets an answer at once, and the look goes on for the others. */
async function waitFor(entry: Entry, signal: AbortSignal, givenUp: () => HostLook): Promise<HostLook> {
  const gone = Promise.withResolvers<HostLook>()
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

function givenUp(clock: Clock, name: DomainName): HostLook {
  const fault = faultOf(stopped(`looking at ${name}`))
  const addresses = { outcome: 'failed', at: clock.now(), tookMs: 0, fault } as const
  return { addresses, tlsa: skipped('not looked at'), tlsaBase: null, sessions: [] }
}
