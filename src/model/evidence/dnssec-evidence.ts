import type { UnixMs } from '../../lib/time.ts'
import type { DomainName } from '../../protocol/domain-name.ts'

/** What a name is needed for. */
export type NamePurpose = 'mx' | 'host' | 'tlsa' | 'sts-record' | 'policy-host' | 'tlsrpt-record'

/** A question whose answer does not validate. */
export interface BogusName {
  readonly name: string
  readonly type: 'MX' | 'A' | 'TLSA' | 'TXT'
  readonly purpose: NamePurpose
  /** What the resolver said, with its extended errors (RFC 8914); may hold untrusted text. */
  readonly detail: string
}

/** Findings about DNSSEC: the domain's signatures, and whether this monitor can judge them. */
export interface DnssecEvidence {
  'dnssec.zone.bogus': { readonly zone: string; readonly names: readonly BogusName[] }
  'dnssec.signature.expiring': {
    readonly zone: string
    readonly name: string
    readonly type: BogusName['type']
    readonly beganAt: UnixMs
    readonly endAt: UnixMs
  }
  'monitor.dnssec.blind': {
    readonly resolvers: readonly string[]
    /** Those whose DANE cannot be judged. */
    readonly domains: readonly DomainName[]
  }
}
