import { expect, test } from 'vitest'
import { lastWeek, periodOfSlot, periodOfWeek } from '../../../src/announce/summary-period.ts'
import { parseCron } from '../../../src/lib/cron.ts'
import { cronSlots } from '../../../src/lib/cron-slots.ts'
import { DAY_MS, HOUR_MS } from '../../../src/lib/time.ts'

const BERLIN = 'Europe/Berlin'
const at = (text: string) => Date.parse(text)

function cron(line: string) {
  const parsed = parseCron(line)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

test.each([
  ['0 7 * * 1', '2026-11-23T06:00Z', 'week', '2026-W47', '2026-11-15T23:00Z', '2026-11-22T23:00Z'],
  ['0 7 * * *', '2026-11-23T06:00Z', 'day', '2026-11-22', '2026-11-21T23:00Z', '2026-11-22T23:00Z'],
  ['0 7 1 * *', '2026-11-01T06:00Z', 'month', '2026-10', '2026-09-30T22:00Z', '2026-10-31T23:00Z'],
  [
    '0 7 * * 4',
    '2026-11-26T06:00Z',
    'days',
    '2026-11-19/2026-11-25',
    '2026-11-18T23:00Z',
    '2026-11-25T23:00Z',
  ],
  [
    '0 7 * * 1-5',
    '2026-11-23T06:00Z',
    'days',
    '2026-11-20/2026-11-22',
    '2026-11-19T23:00Z',
    '2026-11-22T23:00Z',
  ],
])('%s at %s', (line, slot, kind, name, start, end) => {
  expect(periodOfSlot(cron(line), BERLIN, at(slot))).toMatchObject({
    kind,
    name,
    startAt: at(start),
    endAt: at(end),
  })
})

test('a schedule leaves out nothing and tells nothing twice, over the changes of the clock', () => {
  for (const line of ['0 7 * * 1', '30 2 * * *', '0 0 1 * *', '0 7 * * 1,4', '59 23 28-31 * *']) {
    const slots = [...cronSlots(cron(line), BERLIN, at('2026-02-01T00:00Z'), at('2027-02-01T00:00Z'))]
    const periods = slots.map((slot) => periodOfSlot(cron(line), BERLIN, slot))
    for (const [index, period] of periods.entries()) {
      expect(period.endAt).toBeGreaterThan(period.startAt)
      expect(period.endAt).toBeLessThanOrEqual(slots[index] ?? 0)
      const next = periods[index + 1]
      if (next !== undefined) expect(next.startAt).toBe(period.endAt)
      if (next !== undefined) expect(next.name).not.toBe(period.name)
    }
  }
})

test('the week of the end of summer time is an hour longer', () => {
  const period = periodOfWeek('2026-W43', BERLIN)
  expect((period?.endAt ?? 0) - (period?.startAt ?? 0)).toBe(7 * DAY_MS + HOUR_MS)
  expect(period?.firstDayAt).toBe(at('2026-10-19T00:00Z'))
  expect(period?.endDayAt).toBe(at('2026-10-26T00:00Z'))
})

test('a week that there is not', () => {
  expect(periodOfWeek('2025-W53', BERLIN)).toBeNull()
})

test('the last week that is over: still the one before on Sunday, the new one from Monday midnight', () => {
  expect(lastWeek(at('2026-11-22T22:59:59.999Z'), BERLIN).name).toBe('2026-W46')
  expect(lastWeek(at('2026-11-22T23:00:00Z'), BERLIN).name).toBe('2026-W47')
})

test('a line that comes round for the first time', () => {
  const leap = periodOfSlot(cron('0 7 29 2 *'), 'UTC', at('2028-02-29T07:00Z'))
  expect(leap).toMatchObject({ kind: 'days', name: '2024-02-29/2028-02-28' })
})
