import type { WatchConfig } from '../config/watch-config.ts'
import type { NewId } from '../lib/id.ts'
import type { Clock } from '../lib/time.ts'
import type { Resolver } from '../model/dns.ts'
import type { Route } from '../model/route.ts'
import { createAddressGuard } from '../probe/address-guard.ts'
import { createProbe } from '../probe/domain.ts'
import { DEFAULT_LIMITS, type ProbeLimits } from '../probe/limits.ts'
import { createNameServers } from '../probe/name-servers.ts'
import { createNetwork } from '../probe/network.ts'
import type { HostProbe, Probe } from '../probe/probe.ts'

/** What makes the simulated internet of the lab out of the real one; null fields mean the real thing. */
export interface World {
  readonly route: Route | null
  /** PEM roots; null: those of Node and the system. */
  readonly roots: readonly string[] | null
  readonly limits: ProbeLimits
}

export const REAL_WORLD: World = { route: null, roots: null, limits: DEFAULT_LIMITS }

/** The probe of an installation: its resolver, its address guard, its name. */
export function openProbe(
  config: Pick<WatchConfig, 'egressAllow' | 'ehloName'>,
  resolver: Resolver,
  clock: Clock,
  newId: NewId,
  world: World,
): Probe & HostProbe {
  const guard = createAddressGuard(config.egressAllow)
  return createProbe({
    clock,
    newId,
    resolver,
    network: createNetwork({ guard, route: world.route }),
    nameServers: createNameServers({ guard, route: world.route, limits: world.limits.dns }),
    limits: world.limits,
    ehloName: config.ehloName,
    roots: world.roots,
  })
}
