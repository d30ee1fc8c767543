import type { IpAddress } from '../../protocol/ip-address.ts'
import type { OtherPort } from '../host-face.ts'
import type { CertificateFacts } from '../tls.ts'

type Mode = 'enforce' | 'testing' | 'none' | null

/** A certificate on port 25 that another port of the same address has replaced already. */
export interface StaleCertificate {
  readonly address: IpAddress
  readonly port: OtherPort
  readonly old: CertificateFacts
  readonly renewed: CertificateFacts
}

export type KeyTrouble =
  | 'tlsa-mismatch'
  | 'expired'
  | 'expiring'
  | 'name-mismatch'
  | 'untrusted'
  | 'missing-intermediate'

/** The certificate that a host will show next, or may, and where it was seen. */
export interface NextCertificate {
  readonly host: string
  readonly address: IpAddress
  readonly port: OtherPort | 25
  readonly leaf: CertificateFacts
  /** Of the intermediate that signed it; null when it is not sent. */
  readonly issuer: CertificateFacts | null
}

export interface NextPins {
  readonly host: string
  /** The TLSA base domain: whose records they are. */
  readonly base: string
  /** The usable TLSA records, none of which matches what comes next. */
  readonly records: readonly string[]
  readonly current: CertificateFacts
  readonly next: NextCertificate
  /** The record to publish before: `2 1 1 …`. */
  readonly publish: string
  readonly ttlSeconds: number
}

/** Findings about the other faces of an MX host. */
export interface FaceEvidence {
  'mx.certificate.not-reloaded': {
    readonly host: string
    /** Each address once, the one whose certificate ends first before the others; never empty. */
    readonly stale: readonly StaleCertificate[]
    /** Of how many addresses whose certificate on port 25 was seen. */
    readonly of: number
    readonly mode: Mode
    /** The TLSA record that must be published before the reload; null: none. */
    readonly publishFirst: string | null
    /** Where it belongs; null: the host has no TLSA records. */
    readonly tlsaBase: string | null
  }
  'mx.certificate.key-types-differ': {
    readonly host: string
    readonly addresses: readonly IpAddress[]
    readonly of: number
    readonly trouble: KeyTrouble
    /** The bad one, and the one of the other key type, which is right. */
    readonly certificate: CertificateFacts
    readonly right: CertificateFacts
    /** The TLSA record that vouches for the bad one; null when that is not the trouble. */
    readonly publish: string | null
    readonly tlsaBase: string | null
    readonly mode: Mode
  }
  'dane.anchor.renewal-breaks': NextPins
  'dane.anchor.issuer-changing': NextPins
  'mx.face.certificate-expired': {
    readonly host: string
    readonly faces: readonly {
      readonly address: IpAddress
      readonly port: OtherPort
      readonly certificate: CertificateFacts
    }[]
  }
}
