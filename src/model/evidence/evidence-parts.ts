import type { IpAddress } from '../../protocol/ip-address.ts'
import type { CertificateFacts } from '../tls.ts'

/** What the evidence of several findings is made of. */

/** One strict-parser complaint, as the protocol core reports it. */
export interface ProblemEvidence {
  readonly code: string
  readonly line: number | null
  readonly message: string
  readonly rfc: string
}

/** What known readers do with a text, by the names that their users know. */
export interface ReaderEvidence {
  /** Sending programs that refuse it. */
  readonly refusedBy: readonly string[]
  /** Those that read something else, each with what. */
  readonly readOtherwiseBy: readonly string[]
}

/** One address of a host and the certificate or fault met there. */
export interface AddressEvidence {
  readonly address: IpAddress
  readonly detail: string
}

export interface CertificateEvidence {
  readonly host: string
  readonly addresses: readonly IpAddress[]
  /** Of how many addresses looked at. */
  readonly of: number
  readonly certificate: CertificateFacts
  /** Policy mode the severity was derived from; null when no policy is in force. */
  readonly mode: 'enforce' | 'testing' | 'none' | null
  /** What senders that do DANE make of it; null: nothing, there is no TLSA record in force. Older findings lack it. */
  readonly dane: DaneStanding | null
  /** The host has a second certificate, with a key of the other type. Findings of older versions lack it. */
  readonly hasBothKeyTypes: boolean
}

/**
 * A certificate in the eyes of DANE (RFC 7672 §2.2, §3.1). by-key: a record of usage 3 names it, and then neither names nor
 * dates nor issuers count. by-anchor: a record of usage 2 names its authority. any: no record is usable, so every certificate
 * does. refused: no record vouches for it.
 */
export type DaneStanding = 'by-key' | 'by-anchor' | 'any' | 'refused'

export interface ReachEvidence {
  readonly host: string
  readonly failures: readonly AddressEvidence[]
  readonly of: number
  readonly mode: 'enforce' | 'testing' | 'none' | null
}

/** What went wrong with STARTTLS. */
export interface StartTlsEvidence extends ReachEvidence {
  /** TLSA records are in force: senders that do DANE insist on TLS (RFC 7672 §2.2). Older findings lack it. */
  readonly dane: boolean
}
