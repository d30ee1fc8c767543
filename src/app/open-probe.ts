import type { ResolverConfig, WatchConfig } from '../config/watch-config.ts'
import type { NewId } from '../lib/id.ts'
import type { Clock } from '../lib/time.ts'
import type { Resolver } from '../model/dns.ts'
import type { Route } from '../model/route.ts'
import { createAddressGuard } from '../probe/address-guard.ts'
import type { ResolverServer } from '../probe/dns-lookup.ts'
import { createProbe } from '../probe/domain.ts'
import { DEFAULT_LIMITS, type ProbeLimits } from '../probe/limits.ts'
import { createNetwork } from '../probe/network.ts'
import type { Probe } from '../probe/probe.ts'
import { createResolver } from '../probe/resolver.ts'
import { systemServers } from '../probe/system-servers.ts'

/** What makes the simulated internet of the lab out of the real one; null fields mean the real thing. */
export interface World {
  readonly route: Route | null
  /** PEM roots; null: those of Node and the system. */
  readonly roots: readonly string[] | null
  readonly limits: ProbeLimits
}

export const REAL_WORLD: World = { route: null, roots: null, limits: DEFAULT_LIMITS }

/** The probe of an installation: its resolvers, its address guard, its name. */
export function openProbe(
  config: Pick<WatchConfig, 'resolvers' | 'egressAllow' | 'ehloName'>,
  clock: Clock,
  newId: NewId,
  world: World,
): Probe {
  const guard = createAddressGuard(config.egressAllow)
  return createProbe({
    clock,
    newId,
    resolver: openResolver(config.resolvers, clock, world.limits),
    network: createNetwork({ guard, route: world.route }),
    limits: world.limits,
    ehloName: config.ehloName,
    roots: world.roots,
  })
}

/** The resolvers of an installation as one. */
export function openResolver(
  resolvers: readonly ResolverConfig[],
  clock: Clock,
  limits: Pick<ProbeLimits, 'dns'>,
): Resolver {
  return createResolver({ servers: resolvers.flatMap(serversOf), clock, limits: limits.dns })
}

/** The system's resolvers are one opinion: the first of them is asked. */
function serversOf(resolver: ResolverConfig): readonly ResolverServer[] {
  if (resolver.kind === 'server') return [resolver]
  return systemServers().slice(0, 1)
}
