import type { DomainName } from '../../protocol/domain-name.ts'
import type { IpAddress } from '../../protocol/ip-address.ts'
import type {
  AddressEvidence,
  CertificateEvidence,
  ReachEvidence,
  StartTlsEvidence,
} from './evidence-parts.ts'

/** Findings about the policy host and the MX hosts. */
export interface HostEvidence {
  'policy-host.address.private': { readonly host: string; readonly addresses: readonly IpAddress[] }
  'policy-host.certificate.expired': CertificateEvidence
  'policy-host.certificate.expiring': CertificateEvidence & {
    readonly daysLeft: number
    readonly rungDays: number
  }
  'policy-host.certificate.name-mismatch': CertificateEvidence
  'policy-host.certificate.untrusted': CertificateEvidence & { readonly reason: string }
  'policy-host.certificate.missing-intermediate': CertificateEvidence
  'policy-host.certificate.differs-by-address': {
    readonly host: string
    readonly variants: readonly AddressEvidence[]
  }
  'mx.record.missing': { readonly implicit: boolean }
  'mx.record.null-with-policy': { readonly policies: readonly ('mta-sts' | 'tlsrpt')[] }
  'mx.record.null-not-alone': { readonly exchanges: readonly string[] }
  'mx.target.alias': { readonly mx: string; readonly cnames: readonly DomainName[] }
  'mx.target.address-literal': { readonly mx: string }
  'mx.target.malformed': { readonly mx: string }
  'mx.target.unresolvable': { readonly mx: string }
  'mx.address.private': { readonly host: string; readonly addresses: readonly IpAddress[] }
  'mx.host.unreachable': ReachEvidence & { readonly allHostsDown: boolean }
  'mx.host.refuses-monitor': ReachEvidence
  'mx.starttls.missing': StartTlsEvidence
  'mx.starttls.refused': StartTlsEvidence
  'mx.starttls.injection': StartTlsEvidence
  'mx.tls.failed': StartTlsEvidence
  'mx.certificate.expired': CertificateEvidence
  'mx.certificate.expiring': CertificateEvidence & { readonly daysLeft: number; readonly rungDays: number }
  'mx.certificate.name-mismatch': CertificateEvidence
  'mx.certificate.untrusted': CertificateEvidence & { readonly reason: string }
  'mx.certificate.missing-intermediate': CertificateEvidence
  'mx.certificate.differs-by-address': {
    readonly host: string
    readonly variants: readonly AddressEvidence[]
  }
}
