/**
 * The SubjectPublicKeyInfo of a DER certificate, byte for byte as it stands in it: what a TLSA record with selector 1
 * is computed over (RFC 6698 §2.1.2). Null when the structure is not the expected one.
 */
export function spkiOf(certificate: Uint8Array): Uint8Array | null {
  const outer = elementAt(certificate, 0)
  const tbs = outer && elementAt(certificate, outer.content)
  if (!tbs) return null
  // RFC 5280 §4.1: version is optional; then serial, signature, issuer, validity, subject, subjectPublicKeyInfo.
  let element = elementAt(certificate, tbs.content)
  const before = certificate[tbs.content] === VERSION_TAG ? 6 : 5
  for (let skipped = 0; skipped < before && element; skipped += 1)
    element = elementAt(certificate, element.end)
  return element && certificate[element.start] === SEQUENCE_TAG
    ? certificate.subarray(element.start, element.end)
    : null
}

const VERSION_TAG = 0xa0
const SEQUENCE_TAG = 0x30

interface Element {
  readonly start: number
  readonly content: number
  readonly end: number
}

/** One DER element with a definite length of at most four bytes, wholly inside the bytes. */
function elementAt(bytes: Uint8Array, start: number): Element | null {
  const first = bytes[start + 1]
  if (first === undefined) return null
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || lengthBytes > 4) return null
  const content = start + 2 + lengthBytes
  const long = bytes.subarray(start + 2, content).reduce((sum, byte) => sum * 256 + byte, 0)
  const end = content + (lengthBytes === 0 ? first : long)
  return end <= bytes.length ? { start, content, end } : null
}
