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
  readonly sha512: string
  /** Of the SubjectPublicKeyInfo. */
  readonly spkiSha256: string
  readonly spkiSha512: string
  readonly keyType: 'rsa' | 'ec' | 'ed25519' | 'other'
  /** Modulus or curve size; null when the key type has none. */
  readonly keyBits: number | null
}

/** One completed handshake. Trust in the chain and the fit of the name are separate questions. */
export interface TlsFacts {
  readonly protocol: string
  readonly cipher: string
  /** As the server sent it, leaf first; never empty. A root of the trust store at its end is left out. */
  readonly chain: readonly CertificateFacts[]
  /** OpenSSL's first complaint about the chain (e.g. `CERT_HAS_EXPIRED`), names left aside; null when it validates. */
  readonly webPkiError: string | null
  /** How many of the chain, from the leaf on, are joined by valid signatures; null: not worked out. */
  readonly linked: number | null
}
