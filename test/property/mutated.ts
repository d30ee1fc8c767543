import fc from 'fast-check'

/** Bytes of a good file with a few of them changed, cut, doubled or exchanged for telling ones. */
export function mutated(seeds: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const token = fc.constantFrom(
    '{',
    '[',
    '"',
    '\\',
    ',',
    ':',
    '}',
    ']',
    '\0',
    '\ufeff',
    '1e999',
    '"__proto__":',
    '\r\n',
    '--b0',
    '\x1f\x8b',
    'PK\x03\x04',
  )
  const edit = fc.tuple(fc.nat(100_000), fc.nat(3), fc.nat(40), token)
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 6 }))
    .map(([seed, edits]) => {
      let bytes = Buffer.from(seed)
      for (const [place, kind, length, inserted] of edits) {
        const at = place % (bytes.length + 1)
        const rest = bytes.subarray(kind === 0 ? at + length : at)
        const middle =
          kind === 1
            ? bytes.subarray(at, at + length * 20)
            : Buffer.from(kind === 2 ? inserted : '', 'latin1')
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          middle,
          kind === 3 ? rest.map((byte, n) => (n === 0 ? byte ^ (length + 1) : byte)) : rest,
        ])
      }
      return bytes
    })
}
