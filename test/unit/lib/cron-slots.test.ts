import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Cron, parseCron } from '../../../src/lib/cron.ts'
import { cronSlots, firstTooClose, latestSlot, nextSlot } from '../../../src/lib/cron-slots.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import { wallClockMs } from '../../../src/lib/zone.ts'

function cron(line: string): Cron {
  const parsed = parseCron(line)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

function slots(line: string, zone: string, from: string, until: string): string[] {
  return [...cronSlots(cron(line), zone, Date.parse(from), Date.parse(until))].map((at) =>
    new Date(at).toISOString(),
  )
}

describe('slots around clock changes', () => {
  test.each([
    [
      'a time in the spring gap is due when the gap ends',
      '30 2 * * *',
      'Europe/Berlin',
      '2027-03-28T00:00Z',
      '2027-03-28T12:00Z',
      ['2027-03-28T01:00:00.000Z'],
    ],
    [
      'several times in one gap are due once',
      '*/20 2 * * *',
      'Europe/Berlin',
      '2027-03-28T00:00Z',
      '2027-03-28T12:00Z',
      ['2027-03-28T01:00:00.000Z'],
    ],
    [
      'a repeated time is due once, the first time',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T22:00Z',
      '2026-10-25T12:00Z',
      ['2026-10-25T00:30:00.000Z'],
    ],
    [
      'a half-hour change (Lord Howe)',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T12:00Z',
      '2026-10-04T12:00Z',
      ['2026-10-03T15:30:00.000Z'],
    ],
    [
      'New York, spring',
      '30 2 * * *',
      'America/New_York',
      '2027-03-14T00:00Z',
      '2027-03-14T23:00Z',
      ['2027-03-14T07:00:00.000Z'],
    ],
    [
      'a zone without changes',
      '0 7 * * 1',
      'Asia/Kolkata',
      '2026-11-22T00:00Z',
      '2026-11-29T00:00Z',
      ['2026-11-23T01:30:00.000Z'],
    ],
    [
      'a whole day skipped (Apia, 30 December 2011)',
      '0 9 * * *',
      'Pacific/Apia',
      '2011-12-29T20:00Z',
      '2011-12-31T12:00Z',
      ['2011-12-30T10:00:00.000Z', '2011-12-30T19:00:00.000Z'],
    ],
  ])('%s', (_name, line, zone, from, until, expected) => {
    expect(slots(line, zone, from, until)).toEqual(expected)
  })

  test('a line for every hour keeps its rhythm through both hours of an overlap and through a gap', () => {
    for (const [from, until] of [
      ['2026-10-24T22:00Z', '2026-10-25T04:00Z'],
      ['2027-03-27T22:00Z', '2027-03-28T04:00Z'],
    ] as const) {
      const found = [...cronSlots(cron('*/15 * * * *'), 'Europe/Berlin', Date.parse(from), Date.parse(until))]
      expect(found).toHaveLength(24)
      for (const [index, at] of found.entries())
        if (index > 0) expect(at - (found[index - 1] ?? 0)).toBe(15 * MINUTE_MS)
    }
  })
})

test('agrees with a scan of every minute wherever the clock does not change', () => {
  const field = (min: number, max: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min, max }).map(String),
      fc.integer({ min: 2, max: 20 }).map((n) => `*/${n}`),
    )
  fc.assert(
    fc.property(
      field(0, 59),
      field(0, 23),
      field(1, 28),
      field(1, 12),
      field(0, 6),
      fc.integer({ min: 0, max: 300 }),
      (m, h, dom, mon, dow, day) => {
        const line = cron(`${m} ${h} ${dom} ${mon} ${dow}`)
        const from = Date.UTC(2026, 0, 1) + day * DAY_MS
        const until = from + 2 * DAY_MS
        const scanned: number[] = []
        for (let at = from + MINUTE_MS; at <= until; at += MINUTE_MS) {
          const wall = new Date(wallClockMs(at, 'Asia/Kolkata'))
          if (
            line.minutes.includes(wall.getUTCMinutes()) &&
            line.hours.includes(wall.getUTCHours()) &&
            line.daysOfMonth.has(wall.getUTCDate()) &&
            line.months.has(wall.getUTCMonth() + 1) &&
            line.daysOfWeek.has(wall.getUTCDay())
          )
            scanned.push(at)
        }
        expect([...cronSlots(line, 'Asia/Kolkata', from, until)]).toEqual(scanned)
      },
    ),
    { numRuns: 60 },
  )
})

test('ten years of a daily line in a changing zone run exactly once a local day', () => {
  const from = Date.UTC(2026, 0, 1)
  const found = [...cronSlots(cron('30 2 * * *'), 'Europe/Berlin', from, from + 3652 * DAY_MS)]
  expect(found).toHaveLength(3652)
})

describe('what follows from slots', () => {
  test('after a pause the newest missed slot is given, and none when none was missed', () => {
    const line = cron('0 7 * * 1')
    expect(latestSlot(line, 'UTC', Date.parse('2026-10-01T00:00Z'), Date.parse('2026-11-25T00:00Z'))).toBe(
      Date.parse('2026-11-23T07:00Z'),
    )
    expect(
      latestSlot(line, 'UTC', Date.parse('2026-11-23T07:00Z'), Date.parse('2026-11-25T00:00Z')),
    ).toBeNull()
  })

  test('29 February is found, 30 February never', () => {
    expect(nextSlot(cron('0 0 29 2 *'), 'UTC', Date.UTC(2026, 0, 1))).toBe(Date.UTC(2028, 1, 29))
    expect(nextSlot(cron('0 0 30 2 *'), 'UTC', Date.UTC(2026, 0, 1))).toBeNull()
  })

  test('lines that fire less than five minutes apart are found with both instants', () => {
    const from = Date.UTC(2026, 0, 1)
    expect(firstTooClose(cron('* * * * *'), 'UTC', from, 5 * MINUTE_MS)).toEqual([
      from + MINUTE_MS,
      from + 2 * MINUTE_MS,
    ])
    expect(firstTooClose(cron('*/5 * * * *'), 'UTC', from, 5 * MINUTE_MS)).toBeNull()
    expect(firstTooClose(cron('0,58 * * * *'), 'UTC', from, 5 * MINUTE_MS)).toEqual([
      from + 58 * MINUTE_MS,
      from + HOUR_MS,
    ])
  })
})
