import { expect, test } from 'vitest'
import { isoWeekOf, isoWeekStart, mondayOf } from '../../../src/lib/iso-week.ts'
import { DAY_MS } from '../../../src/lib/time.ts'

const day = (text: string) => Date.parse(`${text}T00:00:00Z`)

// ISO 8601's own examples, and both ends of a year of 53 weeks.
test.each([
  ['2005-01-01', '2004-W53'],
  ['2005-01-02', '2004-W53'],
  ['2005-12-31', '2005-W52'],
  ['2007-01-01', '2007-W01'],
  ['2008-12-28', '2008-W52'],
  ['2008-12-29', '2009-W01'],
  ['2009-12-31', '2009-W53'],
  ['2010-01-03', '2009-W53'],
  ['2010-01-04', '2010-W01'],
  ['2026-11-22', '2026-W47'],
  ['2026-11-23', '2026-W48'],
])('%s is in %s', (date, week) => {
  expect(isoWeekOf(day(date))).toBe(week)
})

test('every week of thirty years begins on a Monday and is found by its name', () => {
  for (let at = mondayOf(day('2000-01-03')); at < day('2030-01-01'); at += 7 * DAY_MS) {
    expect(new Date(at).getUTCDay()).toBe(1)
    expect(isoWeekStart(isoWeekOf(at))).toBe(at)
    expect(isoWeekOf(at + 6 * DAY_MS)).toBe(isoWeekOf(at))
  }
})

test.each(['2026-W00', '2026-W54', '2026-W53x', '2025-W53', '2026-47', '2026-W7', '', 'W47'])(
  '%s is no week',
  (name) => {
    // 2026 has 53 weeks, 2025 has not.
    expect(isoWeekStart(name)).toBeNull()
  },
)

test('2026 has a 53rd week', () => {
  expect(isoWeekStart('2026-W53')).toBe(day('2026-12-28'))
})
