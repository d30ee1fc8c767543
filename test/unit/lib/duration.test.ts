import { expect, test } from 'vitest'
import { parseDuration } from '../../../src/lib/duration.ts'
import { parseMoment } from '../../../src/lib/moment.ts'

test.each([
  ['90m', 5_400_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['1h30m', 5_400_000],
  ['0m', null],
  ['2', null],
  ['2 h', null],
  ['-2h', null],
  ['1h1h', null],
  ['2s', null],
  ['', null],
])('the duration %s', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})

test.each([
  ['2026-12-01T20:00', Date.UTC(2026, 11, 1, 19)],
  ['2026-12-01 20:00', Date.UTC(2026, 11, 1, 19)],
  ['2026-12-01T20:00:30', Date.UTC(2026, 11, 1, 19, 0, 30)],
  ['2026-07-01T20:00', Date.UTC(2026, 6, 1, 18)],
  ['2026-12-01T20:00Z', Date.UTC(2026, 11, 1, 20)],
  ['2026-12-01T20:00-05:00', Date.UTC(2026, 11, 2, 1)],
  // Repeated, and left out, by the changes of the clocks.
  ['2026-10-25T02:30', Date.UTC(2026, 9, 25, 0, 30)],
  ['2026-03-29T02:30', null],
  ['2026-02-31T20:00', null],
  ['2026-12-01T25:00', null],
  ['2026-12-01', null],
  ['tomorrow', null],
])('the time %s in Berlin', (text, expected) => {
  expect(parseMoment(text, 'Europe/Berlin')).toBe(expected)
})
