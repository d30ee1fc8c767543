import { describe, expect, it } from 'vitest'
import { dayText, durationText, instantText, momentText } from '../../../src/announce/text-time.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/lib/time.ts'

const AT = Date.UTC(2026, 11, 7, 23, 5)

describe('instants', () => {
  it.each([
    ['UTC', '2026-12-07 23:05 UTC', '2026-12-07'],
    ['Europe/Berlin', '2026-12-08 00:05 CET', '2026-12-08'],
    ['Asia/Kathmandu', '2026-12-08 04:50 GMT+5:45', '2026-12-08'],
  ])('in %s', (zone, instant, day) => {
    expect(instantText(AT, zone)).toBe(instant)
    expect(dayText(AT, zone)).toBe(day)
  })

  it('leave the day out when it is today', () => {
    expect(momentText(AT, AT + 50 * MINUTE_MS, 'UTC')).toBe('23:05 UTC')
    expect(momentText(AT, AT + HOUR_MS, 'UTC')).toBe('2026-12-07 23:05 UTC')
  })
})

describe('durations', () => {
  it.each([
    [0, 'less than a second'],
    [SECOND_MS, '1 second'],
    [90 * SECOND_MS, '90 seconds'],
    [14 * MINUTE_MS, '14 minutes'],
    [HOUR_MS, '60 minutes'],
    [47 * HOUR_MS, '47 hours'],
    [3 * DAY_MS + HOUR_MS, '3 days'],
    [-5 * MINUTE_MS, '5 minutes'],
  ])('%d ms', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})
