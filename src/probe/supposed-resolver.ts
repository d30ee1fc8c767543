import type { DnsAnswer, Resolver } from '../model/dns.ts'
import type { DnsSecurity, Observation } from '../model/observation.ts'
import type { Supposition } from '../model/supposition.ts'
import { childName, type DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'

/** Nobody has published it yet: any life will do. */
const TTL_SECONDS = 3_600

/**
 * A DNS in which the supposed MX and TLSA records stand, and all else is as it is. The addresses of a host that is given
 * TLSA records count as secure, for else no sender would ask for them (RFC 7672 §2.2.2); supposed MX records are as secure
 * as those that they take the place of.
 */
export function createSupposedResolver(real: Resolver, supposition: Supposition): Resolver {
  const { domain, mx } = supposition
  const policyHost = childName('mta-sts', domain)
  return {
    ...real,
    async mx(name, signal) {
      const published = await real.mx(name, signal)
      return mx !== null && name === domain ? seenNow(mx, securityOf(published), published) : published
    },
    async addresses(name, signal) {
      const published = await real.addresses(name, signal)
      const isSupposed = name !== policyHost && tlsaOf(supposition, name).length > 0
      return isSupposed ? secured(published) : published
    },
    async tlsa(owner, signal) {
      const records = tlsaOf(supposition, hostOf(owner))
      const published = await real.tlsa(owner, signal)
      return records.length === 0 ? published : seenNow(records, 'secure', published)
    },
  }
}

function tlsaOf({ tlsa }: Supposition, name: string): readonly string[] {
  return tlsa.filter(({ host }) => host === null || host === name).map(({ rdata }) => rdata)
}

/** Of `_25._tcp.<host>`. */
function hostOf(owner: DomainName): string {
  return owner.split('.').slice(2).join('.')
}

function securityOf<T>(published: Observation<DnsAnswer<T>>): DnsSecurity {
  if (published.outcome === 'seen') return published.value.security
  return published.outcome === 'absent' ? published.security : 'insecure'
}

function secured(
  published: Observation<DnsAnswer<readonly IpAddress[]>>,
): Observation<DnsAnswer<readonly IpAddress[]>> {
  if (published.outcome !== 'seen') return published
  return { ...published, value: { ...published.value, security: 'secure' } }
}

function seenNow<T>(
  records: readonly T[],
  security: DnsSecurity,
  published: Observation<unknown>,
): Observation<DnsAnswer<readonly T[]>> {
  const at = published.outcome === 'skipped' ? 0 : published.at
  const value = { records, ttlSeconds: TTL_SECONDS, security, cnames: [], signatures: null }
  return { outcome: 'seen', at, tookMs: 0, value }
}
