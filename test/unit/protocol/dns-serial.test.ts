import { describe, expect, it, test } from 'vitest'
import { isOlderSerial, newestSerial } from '../../../src/protocol/dns-serial.ts'

const HALF = 2 ** 31
const LAST = 2 ** 32 - 1

describe('serial arithmetic (RFC 1982 §3.2, with SERIAL_BITS 32)', () => {
  it.each([
    [1, 2, true],
    [2, 1, false],
    [1, 1, false],
    [LAST, 0, true],
    [0, LAST, false],
    [LAST, 5, true],
    [2_026_112_301, 2_026_112_302, true],
    // Up to 2^31 - 1 ahead is newer; exactly 2^31 has no order; beyond it is older.
    [0, HALF - 1, true],
    [0, HALF, false],
    [HALF, 0, false],
    [0, HALF + 1, false],
    [HALF + 1, 0, true],
  ])('%i is older than %i: %s', (one, other, older) => {
    expect(isOlderSerial(one, other)).toBe(older)
  })
})

test('the newest of several, in whatever order', () => {
  expect(newestSerial([])).toBeNull()
  expect(newestSerial([7])).toBe(7)
  expect(newestSerial([5, LAST, 4])).toBe(5)
  expect(newestSerial([LAST, 4, 5])).toBe(5)
})
