import { alarmPathSentences, alertDomains } from '../check/alarm-path.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { Resolver } from '../model/dns.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'

/** A sentence at the start is worth no longer wait. */
const LOOKUP_MS = 10 * SECOND_MS

/**
 * Where alerts depend on what they are about, in sentences: the mail hosts of alert addresses are asked of the DNS, those of
 * watched domains are as the last looks saw them. What cannot be found out is left out.
 */
export async function alarmPaths(
  { channels, domains }: Pick<WatchConfig, 'channels' | 'domains'>,
  store: Pick<Store, 'view'>,
  resolver: Resolver,
): Promise<readonly string[]> {
  const watched = new Set(domains.map(({ name }) => name))
  const mailHosts = new Map<DomainName, readonly string[]>()
  const signal = AbortSignal.timeout(LOOKUP_MS)
  const asked = alertDomains({ channels }).filter((domain) => !watched.has(domain))
  await Promise.all(
    asked.map(async (domain) => {
      const mx = await resolver.mx(domain, signal)
      if (mx.outcome === 'seen')
        mailHosts.set(
          domain,
          mx.value.records.map(({ exchange }) => exchange),
        )
    }),
  )
  const watchedHosts = mailHosts.size === 0 ? new Set<string>() : await hostsOf(store, watched)
  return alarmPathSentences({ channels, watched, watchedHosts, mailHosts })
}

async function hostsOf(
  store: Pick<Store, 'view'>,
  watched: ReadonlySet<DomainName>,
): Promise<ReadonlySet<string>> {
  return store.view(async ({ summaries }) => {
    const hosts = new Set<string>()
    for await (const { domain, host, role } of summaries.certificates()) {
      if (role === 'mx' && watched.has(domain)) hosts.add(host)
    }
    return hosts
  })
}
