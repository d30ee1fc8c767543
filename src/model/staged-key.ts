import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/** The key that an MX host is to use next, as watch.yaml names it: what a TLSA record of it would hold. */
export interface StagedKey {
  readonly host: DomainName
  /** As it is written: a path, or a hash. */
  readonly source: string
  readonly form: 'certificate' | 'request' | 'public-key' | 'hash'
  /** Of the SubjectPublicKeyInfo (selector 1). */
  readonly key: TlsaData
  /** Leaf first, then as they stand in the file; empty unless the form is `certificate`. */
  readonly chain: readonly StagedCertificate[]
}

export interface StagedCertificate {
  /** Of the whole certificate (selector 0). */
  readonly whole: TlsaData
  readonly key: TlsaData
  readonly notBeforeAt: UnixMs
  readonly notAfterAt: UnixMs
}

/** The data of TLSA records by matching type (RFC 6698 §2.1.3), lower-case hex; null where only a hash is known. */
export interface TlsaData {
  readonly exact: string | null
  readonly sha256: string
  readonly sha512: string | null
}
