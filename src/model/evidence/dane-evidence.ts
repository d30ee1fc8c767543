import type { IpAddress } from '../../protocol/ip-address.ts'
import type { CertificateFacts } from '../tls.ts'

/** TLSA records of a host and what was made of them. */
interface TlsaEvidence {
  readonly host: string
  /** Where they stand: `_25._tcp.` and the TLSA base domain. */
  readonly owner: string
  /** `usage selector matching hex`, each as published. */
  readonly records: readonly string[]
}

/** A chain that none of the records vouches for. */
interface DaneFailureEvidence extends TlsaEvidence {
  readonly addresses: readonly IpAddress[]
  /** Of how many addresses that showed a certificate. */
  readonly of: number
  /** The certificate that was shown, the server's own first. */
  readonly chain: readonly CertificateFacts[]
  /** The MX record is not signed: some senders then leave DANE out (RFC 7672 §2.2.1). */
  readonly mxInsecure: boolean
}

/** One record that senders leave out, and why. */
export interface FlawedRecord {
  readonly rdata: string
  readonly flaw: string
}

/** Findings about TLSA records of MX hosts (RFC 7671, RFC 7672). */
export interface DaneEvidence {
  'dane.tlsa.mismatch': DaneFailureEvidence & {
    /** The records match the certificate that was shown before: it was renewed with another key. */
    readonly matchedBefore: boolean
    /** An anchor is there and was sent, but the signatures do not lead to it. */
    readonly brokenChain: boolean
  }
  'dane.tlsa.anchor-not-sent': DaneFailureEvidence
  'dane.tlsa.name-mismatch': DaneFailureEvidence & { readonly names: readonly string[] }
  'dane.tlsa.chain-expired': DaneFailureEvidence
  'dane.tlsa.unusable': TlsaEvidence & { readonly flawed: readonly FlawedRecord[]; readonly usable: number }
  'dane.tlsa.malformed': TlsaEvidence & { readonly flawed: readonly FlawedRecord[]; readonly usable: number }
  'dane.tlsa.empty-digest': TlsaEvidence & {
    /** What a right record would be, for the certificate that is shown; null when none was seen. */
    readonly certificate: CertificateFacts | null
    /** Another record vouches for the host. */
    readonly isCovered: boolean
  }
  'dane.tlsa.insecure': TlsaEvidence
  'dane.tlsa.partial': { readonly covered: readonly string[]; readonly uncovered: readonly string[] }
  'dane.tlsa.missing': { readonly host: string; readonly certificate: CertificateFacts | null }
  'dane.tlsa.lookup-failing': {
    readonly host: string
    readonly owner: string
    readonly detail: string
  }
}
