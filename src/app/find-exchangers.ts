import type { FoundExchangers, MailExchanger } from '../mail/direct-transport.ts'
import type { MxRecord, Resolver } from '../model/dns.ts'
import type { ProbeLimits } from '../probe/limits.ts'
import type { Network } from '../probe/network.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'

export interface ExchangerTools {
  readonly resolver: Resolver
  readonly network: Network
  readonly limits: ProbeLimits
}

/** The mail hosts of a domain, address by address, best preference first; without MX records the domain itself (RFC 5321 §5.1). */
export async function findExchangers(
  mailDomain: string,
  tools: ExchangerTools,
  signal: AbortSignal,
): Promise<FoundExchangers> {
  const domain = parseDomainName(mailDomain)
  if (domain === null) return { outcome: 'none', why: `${mailDomain} is no domain name` }
  const mx = await tools.resolver.mx(domain, signal)
  if (mx.outcome === 'failed') return { outcome: 'unknown', why: mx.fault.detail }
  const records = mx.outcome === 'seen' ? mx.value.records : [{ preference: 0, exchange: domain }]
  const names = hostsOf(records)
  // RFC 7505 §3
  if (names.length === 0) return { outcome: 'none', why: `${domain} takes no mail (null MX)` }
  const found = await Promise.all(names.map((name) => addressesOf(name, tools, signal)))
  const exchangers = found.flatMap(({ exchangers }) => exchangers)
  const unknown = found.find(({ why }) => why !== null)?.why ?? null
  if (exchangers.length > 0) return { outcome: 'found', exchangers }
  return unknown === null
    ? { outcome: 'none', why: `no mail host of ${domain} has an address` }
    : { outcome: 'unknown', why: unknown }
}

function hostsOf(records: readonly MxRecord[]): readonly DomainName[] {
  return [...records]
    .sort((a, b) => a.preference - b.preference)
    .flatMap(({ exchange }) => {
      const name = exchange === '.' ? null : parseDomainName(exchange)
      return name === null ? [] : [name]
    })
}

async function addressesOf(
  name: DomainName,
  { resolver, network, limits }: ExchangerTools,
  signal: AbortSignal,
): Promise<{ readonly exchangers: readonly MailExchanger[]; readonly why: string | null }> {
  const look = await resolver.addresses(name, signal)
  if (look.outcome === 'failed') return { exchangers: [], why: look.fault.detail }
  if (look.outcome !== 'seen') return { exchangers: [], why: null }
  return {
    why: null,
    exchangers: look.value.records.map((address) => ({
      name,
      label: `${name} [${address}]`,
      connect: (stop) => network.connect(address, 25, { signal: stop, timeoutMs: limits.connectMs }),
    })),
  }
}
