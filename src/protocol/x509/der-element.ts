/** One DER element: where it starts, where its content does, and where it ends. */
export interface DerElement {
  readonly start: number
  readonly content: number
  readonly end: number
}

/** The element at an offset, with a definite length of at most four bytes, wholly inside the bytes; null: there is none. */
export function derElementAt(bytes: Uint8Array, start: number): DerElement | null {
  const first = bytes[start + 1]
  if (first === undefined) return null
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || lengthBytes > 4) return null
  const content = start + 2 + lengthBytes
  const long = bytes.subarray(start + 2, content).reduce((sum, byte) => sum * 256 + byte, 0)
  const end = content + (lengthBytes === 0 ? first : long)
  return end <= bytes.length ? { start, content, end } : null
}
