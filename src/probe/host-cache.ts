import type { Clock } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { stopped } from './deadline.ts'
import { faultOf } from './fault-error.ts'
import { createLookCache } from './look-cache.ts'
import type { HostLook } from './mx-host.ts'
import { skipped } from './observe.ts'

/** Mail hosts shared by many domains are looked at once, whoever needs them (R32). */
export interface HostCache {
  /** The last look if it began less than `maxAgeMs` ago, else a new one, shared with all who ask meanwhile. */
  get(name: DomainName, maxAgeMs: number, signal: AbortSignal): Promise<HostLook>
}

export function createHostCache(
  clock: Clock,
  look: (name: DomainName, signal: AbortSignal) => Promise<HostLook>,
): HostCache {
  const cache = createLookCache<HostLook>(clock)
  return {
    get: (name, maxAgeMs, signal) =>
      cache.get(name, maxAgeMs, {
        signal,
        look: (shared) => look(name, shared),
        givenUp: () => givenUp(clock, name),
      }),
  }
}

function givenUp(clock: Clock, name: DomainName): HostLook {
  const fault = faultOf(stopped(`looking at ${name}`))
  const addresses = { outcome: 'failed', at: clock.now(), tookMs: 0, fault } as const
  return { addresses, tlsa: skipped('not looked at'), sessions: [] }
}
