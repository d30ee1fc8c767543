import type { UnixMs } from '../lib/time.ts'

/** One certificate, reduced to what judging and telling need. */
export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  readonly serialNumber: string
  readonly notBeforeAt: UnixMs
  readonly notAfterAt: UnixMs
  /** dNSName entries of subjectAltName, lower case, as they stand (wildcards included). */
  readonly dnsNames: readonly string[]
  readonly sha256: string
  readonly spkiSha256: string
  readonly keyType: 'rsa' | 'ec' | 'ed25519' | 'other'
  /** Modulus or curve size; null when the key type has none. */
  readonly keyBits: number | null
}

/** One completed handshake. Trust in the chain and the fit of the name are separate questions. */
export interface TlsFacts {
  readonly protocol: string
  readonly cipher: string
  /** As the server sent it, leaf first; never empty. */
  readonly chain: readonly CertificateFacts[]
  /** OpenSSL's first complaint about the chain (e.g. `CERT_HAS_EXPIRED`), names left aside; null when it validates. */
  readonly webPkiError: string | null
}
