import type { WatchedNames } from '../check/attribution.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import type { SnapshotStore } from '../store/store.ts'

/**
 * The names by which a report can mean a watched domain: its own, and the MX hosts that our last answered look saw, for
 * policies of type tlsa (RFC 8460 §1.1). Looked up once; a host that is new tomorrow is known tomorrow.
 */
export async function watchedNames(
  domains: readonly DomainName[],
  snapshots: Pick<SnapshotStore, 'latestAnswered'>,
): Promise<WatchedNames> {
  const byHost = new Map<DomainName, DomainName[]>()
  for (const domain of domains) {
    const snapshot = await snapshots.latestAnswered(domain)
    for (const { name } of snapshot?.hosts ?? []) {
      const host = parseDomainName(name)
      if (host !== null) byHost.set(host, [...(byHost.get(host) ?? []), domain])
    }
  }
  return { domains: new Set(domains), domainsWithMx: (host) => byHost.get(host) ?? [] }
}
