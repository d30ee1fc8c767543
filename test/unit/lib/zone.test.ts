import { describe, expect, test } from 'vitest'
import { MINUTE_MS } from '../../../src/lib/time.ts'
import { endOfGap, instantsOf, isTimeZone, wallClockMs } from '../../../src/lib/zone.ts'

const utc = (text: string) => Date.parse(`${text}Z`)
const shown = (at: number) => new Date(at).toISOString().slice(0, 16)

describe('isTimeZone', () => {
  test.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia'])(
    'knows %s',
    (name) => {
      expect(isTimeZone(name)).toBe(true)
    },
  )

  test.each(['', 'Europe/Entenhausen', 'Berlin', '../etc/passwd', 'Europe/Berlin\u0000'])(
    'does not know %j',
    (name) => {
      expect(isTimeZone(name)).toBe(false)
    },
  )
})

describe('wallClockMs', () => {
  test.each([
    ['UTC', '2026-11-23T14:05', '2026-11-23T14:05'],
    ['Europe/Berlin', '2026-11-23T14:05', '2026-11-23T15:05'],
    ['Europe/Berlin', '2026-07-01T23:30', '2026-07-02T01:30'],
    ['Asia/Kolkata', '2026-11-23T14:05', '2026-11-23T19:35'],
    ['Australia/Lord_Howe', '2026-07-01T00:00', '2026-07-01T10:30'],
    ['America/New_York', '2026-01-01T02:00', '2025-12-31T21:00'],
  ])('%s at %s shows %s', (zone, at, wall) => {
    expect(shown(wallClockMs(utc(at), zone))).toBe(wall)
  })

  test('keeps milliseconds, before 1970 too', () => {
    expect(wallClockMs(-1, 'Asia/Kolkata')).toBe(5.5 * 60 * MINUTE_MS - 1)
    expect(wallClockMs(1_234, 'Asia/Kolkata')).toBe(5.5 * 60 * MINUTE_MS + 1_234)
  })
})

describe('instantsOf', () => {
  test.each<[string, string, readonly string[]]>([
    ['Europe/Berlin', '2026-11-23T15:05', ['2026-11-23T14:05']],
    // Skipped: 02:00 to 03:00 on 2026-03-29.
    ['Europe/Berlin', '2026-03-29T02:30', []],
    // Repeated: 02:00 to 03:00 on 2026-10-25.
    ['Europe/Berlin', '2026-10-25T02:30', ['2026-10-25T00:30', '2026-10-25T01:30']],
    ['America/New_York', '2026-11-01T01:15', ['2026-11-01T05:15', '2026-11-01T06:15']],
    // Half an hour is repeated.
    ['Australia/Lord_Howe', '2026-04-05T01:45', ['2026-04-04T14:45', '2026-04-04T15:15']],
    // A day that never was.
    ['Pacific/Apia', '2011-12-30T12:00', []],
    ['Asia/Kolkata', '2026-10-25T02:30', ['2026-10-24T21:00']],
  ])('%s shows %s at %j', (zone, wall, instants) => {
    expect(instantsOf(utc(wall), zone).map(shown)).toEqual(instants)
  })
})

describe('endOfGap', () => {
  test.each([
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00'],
    ['Europe/Berlin', '2026-03-29T02:00', '2026-03-29T01:00'],
    ['America/New_York', '2026-03-08T02:59', '2026-03-08T07:00'],
    ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:30'],
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T10:00'],
  ])('%s: %s falls to %s UTC', (zone, wall, instant) => {
    expect(new Date(endOfGap(utc(wall), zone)).toISOString()).toBe(`${instant}:00.000Z`)
  })
})
