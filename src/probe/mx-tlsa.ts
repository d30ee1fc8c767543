import type { DnsAnswer } from '../model/dns.ts'
import type { Observation, Seen } from '../model/observation.ts'
import type { MxHost } from '../model/snapshot.ts'
import { childName, type DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { skipped } from './observe.ts'
import type { LookTools } from './probe-tools.ts'

export type TlsaLook = Pick<MxHost, 'tlsa' | 'tlsaBase'>

/**
 * The TLSA records of a mail host for port 25 (RFC 7672 §2.2.2), once its addresses are known. Behind a chain of aliases that
 * is secure throughout they are looked for at its end and then at its beginning, else at its beginning alone (§2.2.3). Where
 * the addresses are not secure a sender does not ask; we do, because records without effect are worth a word, but a failure
 * there means nothing.
 */
export async function lookForTlsa(
  tools: LookTools,
  name: DomainName,
  addresses: DnsAnswer<readonly IpAddress[]>,
  signal: AbortSignal,
): Promise<TlsaLook> {
  const isSecure = addresses.security === 'secure'
  const end = addresses.cnames.at(-1)
  const bases = isSecure && end !== undefined ? [end, name] : [name]
  let last: Observation<DnsAnswer<readonly string[]>> = skipped('there is no name to ask for')
  for (const base of bases) {
    last = await tools.resolver.tlsa(childName('_25', childName('_tcp', base)), signal)
    if (last.outcome === 'seen') return { tlsa: last, tlsaBase: base }
    if (last.outcome !== 'absent') break
  }
  const isMeaningless = last.outcome === 'failed' && !isSecure
  return {
    tlsa: isMeaningless ? skipped('the address answer is not validated by DNSSEC') : last,
    tlsaBase: null,
  }
}

/** Does DANE look at what the ordinary session does not show: another name, or a trust anchor that may be a root? */
export function needsOwnSession(name: DomainName, { tlsa, tlsaBase }: TlsaLook): boolean {
  if (tlsaBase === null || tlsa.outcome !== 'seen' || tlsa.value.security !== 'secure') return false
  return tlsaBase !== name || hasAnchor(tlsa)
}

function hasAnchor({ value }: Seen<DnsAnswer<readonly string[]>>): boolean {
  return value.records.some((rdata) => rdata.startsWith('2 '))
}
