import { derElementAt } from './der-element.ts'

/** A certificate request (PKCS #10, RFC 2986 §4), as far as its key and the proof that its maker has the private one. */
export interface CertificateRequest {
  /** SubjectPublicKeyInfo, byte for byte. */
  readonly spki: Uint8Array
  /** What the signature is over. */
  readonly signed: Uint8Array
  /** DER of the signature algorithm's OBJECT IDENTIFIER. */
  readonly algorithm: Uint8Array
  readonly signature: Uint8Array
}

const SEQUENCE = 0x30
const INTEGER = 0x02
const OBJECT_IDENTIFIER = 0x06
const BIT_STRING = 0x03

/** Reads the DER of a request; null when the structure is not the expected one. The signature is not verified. */
export function readCertificateRequest(der: Uint8Array): CertificateRequest | null {
  const outer = elementOf(der, 0, SEQUENCE)
  const info = outer && elementOf(der, outer.content, SEQUENCE)
  const version = info && elementOf(der, info.content, INTEGER)
  const subject = version && elementOf(der, version.end, SEQUENCE)
  const spki = subject && elementOf(der, subject.end, SEQUENCE)
  const algorithm = info && elementOf(der, info.end, SEQUENCE)
  const identifier = algorithm && elementOf(der, algorithm.content, OBJECT_IDENTIFIER)
  const signature = algorithm && elementOf(der, algorithm.end, BIT_STRING)
  if (!info || !spki || !identifier || !signature || spki.end > info.end) return null
  return {
    spki: der.subarray(spki.start, spki.end),
    signed: der.subarray(info.start, info.end),
    algorithm: der.subarray(identifier.start, identifier.end),
    // The first byte counts unused bits, of which a signature has none.
    signature: der.subarray(signature.content + 1, signature.end),
  }
}

function elementOf(der: Uint8Array, start: number, tag: number) {
  return der[start] === tag ? derElementAt(der, start) : null
}
