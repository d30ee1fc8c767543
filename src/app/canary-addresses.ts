import type { WatchConfig } from '../config/watch-config.ts'
import type { CanaryAddress } from '../model/canary.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'
import type { UsableUri } from '../submit/choose-uris.ts'
import { ownAddresses } from '../submit/own-addresses.ts'
import { publishedRua } from './jobs/queue-reports.ts'
import type { ReportIntake } from './settings.ts'

/** More of our own addresses than this are nobody's wish. */
const MOST = 20

export interface CanaryAddresses {
  /** Canaries go to these. */
  readonly own: readonly CanaryAddress[]
  /** What the watched domains publish besides. */
  readonly others: readonly CanaryAddress[]
}

/** The URIs for TLS reports that the watched domains publish, by the looks that were answered last, ours and others. */
export async function canaryAddresses(
  { domains, reports }: Pick<WatchConfig, 'domains' | 'reports'>,
  intake: ReportIntake | null,
  store: Pick<Store, 'snapshots'>,
): Promise<CanaryAddresses> {
  const published = new Map<DomainName, readonly UsableUri[]>()
  for (const { name } of domains) published.set(name, await publishedRua(name, store))
  const account = intake?.mailbox.account ?? null
  const own = ownAddresses(published, {
    named: reports.canary?.addresses ?? null,
    watched: domains.map(({ name }) => name),
    // `user@host:port`, and the user may be an address.
    mailboxUser: account?.slice(0, account.lastIndexOf('@')) ?? null,
  }).slice(0, MOST)
  const isOwn = new Set(own.map(({ rua }) => rua.toLowerCase()))
  const everything = [...published.values()].flat().map(({ raw }) => raw)
  const all = ownAddresses(published, { named: everything, watched: [], mailboxUser: null })
  return { own, others: all.filter(({ rua }) => !isOwn.has(rua.toLowerCase())) }
}
