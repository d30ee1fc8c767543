import type { Finding, FindingCode } from '../model/finding.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { childName, type DomainName } from '../protocol/domain-name.ts'
import { generatePolicy, policyIdOf } from '../protocol/mta-sts/generate-policy.ts'
import { isLegalMxPattern } from '../protocol/mta-sts/mx-match.ts'
import type { StsMode } from '../protocol/mta-sts/policy-values.ts'
import { wildcardMx } from '../protocol/mta-sts/wildcard-mx.ts'
import { txtZoneLine } from '../protocol/txt-zone-line.ts'

export interface PolicyWish {
  readonly mode: StsMode
  readonly maxAgeSeconds: number
  readonly wildcard: boolean
  /** URIs; empty: no record of TLS reporting. */
  readonly rua: readonly string[]
}

/** A policy that was made, and all that is to be published with it. */
export interface GeneratedPolicy {
  readonly domain: DomainName
  readonly mode: StsMode
  /** The MX hosts that it is for, by preference; empty where there is none. */
  readonly hosts: readonly DomainName[]
  readonly policy: string
  readonly id: string
  /** Lines of a zone file. */
  readonly records: readonly string[]
}

/** Faults of an MX host that make senders refuse it in mode enforce. */
const FAILING: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'mx.target.address-literal',
  'mx.target.malformed',
  'mx.target.unresolvable',
  'mx.address.private',
  'mx.host.unreachable',
  'mx.starttls.missing',
  'mx.starttls.refused',
  'mx.starttls.injection',
  'mx.tls.failed',
  'mx.certificate.expired',
  'mx.certificate.name-mismatch',
  'mx.certificate.untrusted',
  'mx.certificate.missing-intermediate',
])

/**
 * The policy for the MX hosts that were seen, or a sentence that says why there is none: without a host to name only mode
 * none is left.
 */
export function policyFor(snapshot: Snapshot, wish: PolicyWish): GeneratedPolicy | string {
  const { domain } = snapshot
  const { mode, maxAgeSeconds, wildcard, rua } = wish
  const hosts = snapshot.hosts.flatMap((host) => (isMailHost(host) ? [host.name as DomainName] : []))
  if (hosts.length === 0 && mode !== 'none') return noHost(snapshot)
  const nameless = hosts.find((host) => !isLegalMxPattern(host))
  if (nameless !== undefined)
    return `no policy can name the MX host ${nameless}, for it holds an underscore; give it another name first`
  // Some senders refuse a policy without mx even in mode none, where no line of it is applied.
  const named = hosts.length === 0 ? [domain] : hosts
  const policy = generatePolicy({ mode, maxAgeSeconds, mx: wildcard ? wildcardMx(named) : named })
  const id = policyIdOf(policy)
  const records = [
    txtZoneLine(childName('_mta-sts', domain), `v=STSv1; id=${id};`),
    ...(rua.length === 0
      ? []
      : [txtZoneLine(childName('_smtp._tls', domain), `v=TLSRPTv1; rua=${rua.join(',')}`)]),
  ]
  return { domain, mode, hosts, policy, id, records }
}

/** The findings about MX hosts that senders would refuse in mode enforce. */
export function failingHosts(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ code }) => FAILING.has(code))
}

/** Without an MX record the domain is its own mail host only when it has an address (RFC 5321 §5.1). */
function isMailHost({ target, source, addresses }: Snapshot['hosts'][number]): boolean {
  return target === 'host' && (source === 'mx' || addresses.outcome === 'seen')
}

function noHost({ domain, mx }: Snapshot): string {
  const isNull = mx.outcome === 'seen' && mx.value.records.some(({ exchange }) => exchange === '.')
  return isNull
    ? `${domain} takes no mail (null MX), so it needs no policy; to end one, use --mode none`
    : `${domain} has no MX host that a policy could name`
}
