import type { DnsAnswer, MxRecord } from '../model/dns.ts'
import type { Observation } from '../model/observation.ts'
import type { MxHost } from '../model/snapshot.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import { parseIpAddress } from '../protocol/ip-address.ts'
import { compareText } from './compare-text.ts'

/** Where the MX records of a domain point, before anything there was looked at. */
export type MxTarget = Pick<MxHost, 'preference' | 'source'> &
  (
    | { readonly target: 'host'; readonly name: DomainName }
    | { readonly target: 'address-literal' | 'malformed'; readonly name: string }
  )

/**
 * The mail hosts of a domain by preference, then name, each once. Without MX records it is the domain itself
 * (RFC 5321 §5.1); with the null MX (RFC 7505) or an unknown answer there is none.
 */
export function mxTargets(
  domain: DomainName,
  mx: Observation<DnsAnswer<readonly MxRecord[]>>,
): readonly MxTarget[] {
  if (mx.outcome === 'absent') {
    // A name that does not exist has no address either.
    return mx.denial === 'nodata' ? [{ name: domain, preference: 0, source: 'implicit', target: 'host' }] : []
  }
  if (mx.outcome !== 'seen') return []
  const records = mx.value.records.filter(({ exchange }) => exchange !== '.')
  const sorted = [...records].sort(
    (a, b) => a.preference - b.preference || compareText(a.exchange, b.exchange),
  )
  const targets = sorted.map(({ preference, exchange }) => toTarget(preference, exchange))
  return targets.filter(({ name }, index) => targets.findIndex((other) => other.name === name) === index)
}

function toTarget(preference: number, exchange: string): MxTarget {
  const bare = exchange.replace(/^\[(?:ipv6:)?(.*)\]$/i, '$1')
  if (parseIpAddress(bare) !== null) {
    return { name: exchange, preference, source: 'mx', target: 'address-literal' }
  }
  const name = parseDomainName(exchange)
  if (name === null) return { name: exchange, preference, source: 'mx', target: 'malformed' }
  return { name, preference, source: 'mx', target: 'host' }
}
