import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { inflate } from '../../../src/mailbox/inflate.ts'

const small = Buffer.from('a small text '.repeat(30))
// Much larger than the pieces in which the data comes out.
const large = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 7919) % 1_000_003).join())

function withByte(bytes: Buffer, index: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[index < 0 ? copy.length + index : index] = value
  return copy
}

/** A header with every optional field of RFC 1952 §2.3. */
function withAllFields(gzip: Buffer): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, 4 + 8 + 16, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9])
  return Buffer.concat([head, Buffer.from('name\0comment\0'), gzip.subarray(10)])
}

const garbage = Buffer.from('garbage')

for (const [size, data] of [
  ['small', small],
  ['large', large],
] as const) {
  const gzip = gzipSync(data)
  it.each<[string, Buffer, 'gzip' | 'zlib' | 'raw', Buffer, string]>([
    ['one member', gzip, 'gzip', data, 'clean'],
    ['two members', Buffer.concat([gzip, gzip]), 'gzip', Buffer.concat([data, data]), 'clean'],
    ['zero padding', Buffer.concat([gzip, Buffer.alloc(1_000)]), 'gzip', data, 'clean'],
    ['all header fields', withAllFields(gzip), 'gzip', data, 'clean'],
    ['garbage behind', Buffer.concat([gzip, garbage]), 'gzip', data, 'trailing'],
    [
      'garbage behind all header fields',
      Buffer.concat([withAllFields(gzip), garbage]),
      'gzip',
      data,
      'trailing',
    ],
    [
      'a broken member behind',
      Buffer.concat([gzip, Buffer.from([0x1f, 0x8b, 7, 0])]),
      'gzip',
      data,
      'trailing',
    ],
    ['no trailer', gzip.subarray(0, -8), 'gzip', data, 'cut-short'],
    ['half a trailer', gzip.subarray(0, -3), 'gzip', data, 'cut-short'],
    ['zlib', deflateSync(data), 'zlib', data, 'clean'],
    ['raw deflate', deflateRawSync(data), 'raw', data, 'clean'],
  ])(`${size}: %s`, async (_, bytes, format, expected, end) => {
    const inflated = await inflate(bytes, format, 10_000_000)
    expect(inflated).toMatchObject({ end })
    expect('bytes' in inflated && Buffer.from(inflated.bytes).equals(expected)).toBe(true)
  })

  it.each<[string, Buffer]>([
    ['a wrong check sum', withByte(gzip, -6, (gzip.at(-6) ?? 0) ^ 1)],
    ['a wrong check sum and garbage', Buffer.concat([withByte(gzip, -6, (gzip.at(-6) ?? 0) ^ 1), garbage])],
    ['an unknown method', withByte(gzip, 2, 7)],
    ['nothing', Buffer.alloc(0)],
    ['a header alone', gzip.subarray(0, 10)],
  ])(`${size}: %s is damaged`, async (_, bytes) => {
    expect(await inflate(bytes, 'gzip', 10_000_000)).toEqual({ fault: 'damaged' })
  })

  it(`${size}: the limit holds exactly, with garbage behind as well`, async () => {
    for (const bytes of [gzip, Buffer.concat([gzip, garbage])]) {
      expect(await inflate(bytes, 'gzip', data.length)).not.toHaveProperty('fault')
      expect(await inflate(bytes, 'gzip', data.length - 1)).toEqual({ fault: 'too-large' })
    }
  })
}
