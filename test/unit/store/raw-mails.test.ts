import { randomBytes } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { packRaw } from '../../../src/store/raw-mails.ts'

const KIBIBYTE = 1024
/** Packed here, or on the thread pool. */
const EDGE = 16 * KIBIBYTE

test.each([100, EDGE - 1, EDGE, EDGE + 1, 1024 * KIBIBYTE])(
  '%i bytes of text come back as they were',
  async (length) => {
    // Its beginning comes back at its very end, as far away as can be.
    const text = randomBytes(64).toString('hex')
    const bytes = Buffer.alloc(length, ' ')
    bytes.write(text.slice(0, length / 2), 0)
    bytes.write(text.slice(0, length / 2), length - Math.min(text.length, length / 2))
    const packed = await packRaw(bytes)
    expect(packed.deflated).toBe(true)
    expect(packed.bytes.length).toBeLessThan(length)
    expect(inflateRawSync(packed.bytes).equals(bytes)).toBe(true)
  },
)

test.each([0, 1, EDGE, EDGE + 1])('%i bytes that do not get smaller are kept as they are', async (length) => {
  const bytes = randomBytes(length)
  const packed = await packRaw(bytes)
  expect(packed.deflated && length > 0).toBe(false)
  expect(packed.deflated ? inflateRawSync(packed.bytes) : packed.bytes).toEqual(bytes)
})
