import { expect, it } from 'vitest'
import { READS_AT_ONCE, readsAtOnce } from '../../../src/mailbox/reads-at-once.ts'

const MEBIBYTE = 2 ** 20
const mails = (count: number, bytes: number) => Array.from({ length: count }, () => bytes)

it.each([
  ['nothing', [], 0],
  ['as many small ones as are worth it', mails(READS_AT_ONCE, 5_000), READS_AT_ONCE],
  ['and not one more', mails(READS_AT_ONCE + 1, 5_000), READS_AT_ONCE],
  ['one of any size', [15 * MEBIBYTE], 1],
  ['large ones one by one', mails(64, 15 * MEBIBYTE), 1],
  ['behind the first 4 MiB', [15 * MEBIBYTE, 4 * MEBIBYTE], 2],
  ['but not a byte more', [15 * MEBIBYTE, 4 * MEBIBYTE + 1], 1],
  ['4 MiB in many', [15 * MEBIBYTE, ...mails(4, MEBIBYTE), 0], 6],
  ['4 MiB in many and a byte', [1, ...mails(4, MEBIBYTE), 1], 5],
])('%s', (_, lengths, reads) => {
  const isWorthIt = readsAtOnce()
  const firstNo = lengths.findIndex((length) => !isWorthIt(length))
  expect(firstNo === -1 ? lengths.length : firstNo).toBe(reads)
})
