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
  /** The host has a second certificate, with a key of the other type. Findings of older versions lack it. */
  readonly hasBothKeyTypes: boolean
}

export interface ReachEvidence {
  readonly host: string
  readonly failures: readonly AddressEvidence[]
  readonly of: number
  readonly mode: 'enforce' | 'testing' | 'none' | null
}
