import type { Clock } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { stopped } from './deadline.ts'
import { faultOf } from './fault-error.ts'
import type { HostLook } from './mx-host.ts'
import { skipped } from './observe.ts'
import { createSharedLooks, type SharedLooks } from './shared-looks.ts'

/** Mail hosts, by name. */
export type HostCache = SharedLooks<DomainName, HostLook>

export function createHostCache(
  clock: Clock,
  look: (name: DomainName, signal: AbortSignal) => Promise<HostLook>,
): HostCache {
  return createSharedLooks(clock, look, (name) => givenUp(clock, name))
}

function givenUp(clock: Clock, name: DomainName): HostLook {
  const fault = faultOf(stopped(`looking at ${name}`))
  const addresses = { outcome: 'failed', at: clock.now(), tookMs: 0, fault } as const
  return { addresses, tlsa: skipped('not looked at'), tlsaBase: null, sessions: [] }
}
