import { describe, expect, test } from 'vitest'
import { remind, reminderAt } from '../../../src/announce/remind.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { Severity } from '../../../src/model/finding.ts'
import type { Incident } from '../../../src/model/incident.ts'
import { incident, T0 } from '../notify/message-builder.ts'

/** The hours after the opening at which it is reminded of within 14 days, asked every minute. */
function hours(worst: Severity, changes: Partial<Incident> = {}): readonly number[] {
  const open = { ...incident({ worst, phase: { name: 'open', openedAt: T0, rising: null } }), ...changes }
  const seen = new Set<number>()
  for (let now = T0; now <= T0 + 14 * DAY_MS; now += MINUTE_MS) {
    const at = reminderAt(open, now)
    if (at !== null) seen.add((at - T0) / HOUR_MS)
  }
  return [...seen]
}

describe('R71: within 14 days', () => {
  test('a critical incident is reminded of every four hours of the first day, then once a day', () => {
    expect(hours('critical')).toEqual([
      4, 8, 12, 16, 20, 24, 48, 72, 96, 120, 144, 168, 192, 216, 240, 264, 288, 312, 336,
    ])
  })

  test('a warning every three days', () => {
    expect(hours('warning')).toEqual([72, 144, 216, 288])
  })

  test('information never', () => {
    expect(hours('info')).toEqual([])
  })

  test('nothing that recovers, comes and goes, or is over', () => {
    const recovering = { name: 'recovering', openedAt: T0, clears: 1, lastClearAt: T0 } as const
    const resolved = { name: 'resolved', openedAt: T0, resolvedAt: T0 } as const
    expect(hours('critical', { phase: recovering })).toEqual([])
    expect(hours('critical', { phase: resolved })).toEqual([])
    expect(hours('critical', { flappingSince: T0 })).toEqual([])
  })

  test('nothing that a ladder of warnings tells anew', () => {
    const { latest } = incident()
    const expiring = { ...latest, evidence: { rungDays: 21 } } as unknown as Incident['latest']
    expect(hours('critical', { latest: { ...expiring, severity: 'critical' } })).toEqual([])
  })

  test('to the millisecond', () => {
    const open = incident()
    const at = T0 + 4 * HOUR_MS
    expect([at - 1, at, at + 1].map((now) => reminderAt(open, now))).toEqual([null, at, at])
  })
})

test('each channel is reminded once of one instant, and anew of the next', () => {
  const config = {
    channels: new Map([
      ['ops' as never, { type: 'slack', channel: '#a', minSeverity: 'warning' } as const],
      ['quiet' as never, { type: 'console', minSeverity: 'critical' } as const],
    ]),
  }
  const tools = { now: T0 + 5 * HOUR_MS, newId: (prefix: string) => `${prefix}_1` }
  const keys = (at: number) =>
    remind(incident({ domain: null, worst: 'warning' }), at, null, config, tools).map((one) => one.dedupeKey)
  expect(keys(T0)).toHaveLength(1)
  expect(keys(T0)).toEqual(keys(T0))
  expect(keys(T0 + 1)).not.toEqual(keys(T0))
})
