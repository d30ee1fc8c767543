import { derElementAt } from './der-element.ts'

/**
 * The SubjectPublicKeyInfo of a DER certificate, byte for byte as it stands in it: what a TLSA record with selector 1
 * is computed over (RFC 6698 §2.1.2). Null when the structure is not the expected one.
 */
export function spkiOf(certificate: Uint8Array): Uint8Array | null {
  const outer = derElementAt(certificate, 0)
  const tbs = outer && derElementAt(certificate, outer.content)
  if (!tbs) return null
  // RFC 5280 §4.1: version is optional; then serial, signature, issuer, validity, subject, subjectPublicKeyInfo.
  let element = derElementAt(certificate, tbs.content)
  const before = certificate[tbs.content] === VERSION_TAG ? 6 : 5
  for (let skipped = 0; skipped < before && element; skipped += 1)
    element = derElementAt(certificate, element.end)
  return element && certificate[element.start] === SEQUENCE_TAG
    ? certificate.subarray(element.start, element.end)
    : null
}

const VERSION_TAG = 0xa0
const SEQUENCE_TAG = 0x30
