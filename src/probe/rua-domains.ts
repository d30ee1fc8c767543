import type { DnsAnswer } from '../model/dns.ts'
import type { Observation } from '../model/observation.ts'
import type { RuaDomainLook } from '../model/snapshot.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { parseTlsrptRecord } from '../protocol/tlsrpt/record.ts'
import { skipped } from './observe.ts'
import type { LookTools } from './probe-tools.ts'

/** Can the places that the TLSRPT record names take mail at all? Looks at the DNS of each, never at its servers. */
export async function lookAtRuaDomains(
  tools: LookTools,
  tlsrptRecord: Observation<DnsAnswer<readonly string[]>>,
  signal: AbortSignal,
): Promise<readonly RuaDomainLook[]> {
  if (tlsrptRecord.outcome !== 'seen') return []
  const names = mailDomainsOf(tlsrptRecord.value.records).slice(0, tools.limits.counts.ruaDomains)
  return await Promise.all(names.map((name) => lookAtMailDomain(tools, name, signal)))
}

function mailDomainsOf(records: readonly string[]): readonly DomainName[] {
  const uris = parseTlsrptRecord(records).value?.rua ?? []
  return [
    ...new Set(
      uris.flatMap((uri) => ('mailDomain' in uri && uri.mailDomain !== null ? [uri.mailDomain] : [])),
    ),
  ]
}

async function lookAtMailDomain(
  tools: LookTools,
  name: DomainName,
  signal: AbortSignal,
): Promise<RuaDomainLook> {
  const mx = await tools.resolver.mx(name, signal)
  // RFC 5321 §5.1: the address counts as the mail host only when the DNS says that there is no MX.
  const addresses =
    mx.outcome === 'absent'
      ? await tools.resolver.addresses(name, signal)
      : skipped('only asked when there is no MX record')
  return { name, mx, addresses }
}
