import type { CertificateFacts } from '../model/tls.ts'

/** The fields of a TLSA record (RFC 6698 §2.1) that a stored certificate can be compared with. */
export interface Pin {
  readonly usage: number
  readonly selector: number
  readonly matching: number
  /** Lower-case hex. */
  readonly data: string
}

/** A record as it is stored (`3 1 1 ab…`), or null when it is none. */
export function readPin(record: string): Pin | null {
  const [usage, selector, matching, ...data] = record.trim().split(/\s+/)
  const numbers = [usage, selector, matching].map(Number)
  if (data.length === 0 || !numbers.every(Number.isInteger)) return null
  const [u = 0, s = 0, m = 0] = numbers
  return { usage: u, selector: s, matching: m, data: data.join('').toLowerCase() }
}

/**
 * Does the record pin this certificate, or its key? Null when that cannot be told: of a certificate only its SHA-256
 * digests are kept, so that the other matching types are left open.
 */
export function pinMatches({ selector, matching, data }: Pin, certificate: CertificateFacts): boolean | null {
  if (matching !== 1 || (selector !== 0 && selector !== 1)) return null
  return data === (selector === 1 ? certificate.spkiSha256 : certificate.sha256)
}
