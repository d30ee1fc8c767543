import { expect, it } from 'vitest'
import { readReportDate, reportDays } from '../../../../src/protocol/tlsrpt/report-date.ts'

const NOON = Date.UTC(2026, 0, 10, 12)

it.each([
  ['2026-01-10T12:00:00Z', NOON, null],
  ['2026-01-10t12:00:00z', NOON, null],
  ['2026-01-10T13:00:00+01:00', NOON, null],
  ['2026-01-10T06:30:00-05:30', NOON, null],
  ['2026-01-10T12:00:00.25Z', NOON + 250, null],
  ['2026-01-10T12:00:00.000999Z', NOON, null],
  ['2026-01-10T11:59:60Z', NOON, null],
  ['2026-01-10T12:00:00', NOON, 'date-no-zone'],
  ['2026-01-10 12:00:00Z', NOON, 'date-format'],
  ['2026-01-10 12:00:00', NOON, 'date-format'],
  ['2026-01-10T12:00:00+0000', NOON, 'date-format'],
  ['2026-01-10T12:00Z', NOON, 'date-format'],
  ['2026-01-10 12:00:00 UTC', NOON, 'date-format'],
  ['2026-01-09T24:00:00Z', NOON - 12 * 3_600_000, 'date-format'],
  [String(NOON), NOON, 'date-format'],
  [String(NOON / 1000), NOON, 'date-format'],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29), null],
  ['2026-02-29T00:00:00Z', null, 'date-format'],
  ['2026-13-01T00:00:00Z', null, 'date-format'],
  ['2026-01-10T24:00:01Z', null, 'date-format'],
  ['2026-01-10T12:60:00Z', null, 'date-format'],
  ['2026-01-10T12:00:00+24:00', null, 'date-format'],
  ['1969-12-31T00:00:00Z', null, 'date-format'],
  ['yesterday', null, 'date-format'],
  ['', null, 'date-format'],
  [`2026-01-10T12:00:00.${'9'.repeat(100)}Z`, null, 'date-format'],
])('%s', (text, at, deviation) => {
  expect(readReportDate(text, 'start')).toEqual({ at, deviation })
})

it('a bare date is its first second as a start and its last as an end', () => {
  expect(readReportDate('2026-01-10', 'start').at).toBe(Date.UTC(2026, 0, 10))
  expect(readReportDate('2026-01-10', 'end').at).toBe(Date.UTC(2026, 0, 10, 23, 59, 59))
})

it.each([
  ['2026-01-10T00:00:00Z', '2026-01-10T23:59:59Z', '2026-01-10', '2026-01-10'],
  ['2026-01-10T00:00:00Z', '2026-01-11T00:00:00Z', '2026-01-10', '2026-01-10'],
  ['2026-01-10T00:00:00Z', '2026-01-11T00:00:01Z', '2026-01-10', '2026-01-11'],
  ['2026-01-10T00:00:00Z', '2026-01-10T00:00:00Z', '2026-01-10', '2026-01-10'],
])('%s to %s is about %s to %s', (start, end, first, last) => {
  expect(reportDays(Date.parse(start), Date.parse(end))).toEqual({ first, last })
})
