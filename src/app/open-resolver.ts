import type { ResolverConfig, WatchConfig } from '../config/watch-config.ts'
import type { Clock } from '../lib/time.ts'
import type { Resolver } from '../model/dns.ts'
import type { ResolverServer } from '../probe/dns-lookup.ts'
import type { ProbeLimits } from '../probe/limits.ts'
import { createResolver } from '../probe/resolver.ts'
import { systemServers } from '../probe/system-servers.ts'

/** The resolvers of an installation behind one door: what they agree on. */
export function openResolver(
  { resolvers }: Pick<WatchConfig, 'resolvers'>,
  clock: Clock,
  limits: ProbeLimits,
): Resolver {
  return createResolver({ servers: resolvers.flatMap(serversOf), clock, limits: limits.dns })
}

/** The system's resolvers are one opinion: the first of them is asked. */
export function serversOf(resolver: ResolverConfig): readonly ResolverServer[] {
  if (resolver.kind === 'server') return [resolver]
  return systemServers().slice(0, 1)
}
