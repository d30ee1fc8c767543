import { describe, expect, test } from 'vitest'
import { maintenanceOf } from '../../../src/announce/maintenance.ts'
import type { MaintenanceWindow, WatchedDomain } from '../../../src/config/watch-config.ts'
import { HOUR_MS } from '../../../src/lib/time.ts'
import type { FindingCode } from '../../../src/model/finding.ts'
import { configOf } from '../app/desk.ts'

const CONFIG = configOf({ domains: [{ name: 'example.com', tags: ['customer-a'] }, 'example.net'] })
const [TAGGED, OTHER] = CONFIG.domains as readonly [WatchedDomain, WatchedDomain]
/** 22:00 in Berlin, in winter. */
const BEGIN = Date.UTC(2026, 10, 24, 21)

const TUESDAYS: MaintenanceWindow = {
  name: 'patch night',
  domains: [],
  tags: [],
  when: { kind: 'cron', cron: '0 22 * * tue', durationMs: 2 * HOUR_MS },
  expect: [],
}

function holds(
  window: Partial<MaintenanceWindow>,
  at = BEGIN,
  domain = TAGGED,
  code: FindingCode | null = 'mx.certificate.expired',
): boolean {
  const maintenance = [{ ...TUESDAYS, ...window }]
  return maintenanceOf(code, domain, { maintenance, timezone: 'Europe/Berlin' }, at) !== null
}

describe('a window', () => {
  test('by cron holds from its minute for its duration, in the zone', () => {
    const end = BEGIN + 2 * HOUR_MS
    expect([BEGIN - 1, BEGIN, BEGIN + 1, end - 1, end, end + 1].map((at) => holds({}, at))).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
    ])
    expect(holds({}, BEGIN + 24 * HOUR_MS)).toBe(false)
  })

  test('by dates holds from its beginning to before its end', () => {
    const when = { kind: 'once', from: BEGIN, until: BEGIN + HOUR_MS } as const
    const end = BEGIN + HOUR_MS
    expect([BEGIN - 1, BEGIN, end - 1, end].map((at) => holds({ when }, at))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  test('is about its domains and those with its tags, or about all', () => {
    expect([holds({}, BEGIN, TAGGED), holds({}, BEGIN, OTHER)]).toEqual([true, true])
    const tags = ['customer-a']
    expect([holds({ tags }, BEGIN, TAGGED), holds({ tags }, BEGIN, OTHER)]).toEqual([true, false])
    const domains = [OTHER.name]
    expect([holds({ domains }, BEGIN, TAGGED), holds({ domains }, BEGIN, OTHER)]).toEqual([false, true])
    expect(holds({ domains, tags }, BEGIN, TAGGED)).toBe(true)
  })

  test('that says what it expects is about that alone', () => {
    const expected = ['mx.certificate.*', 'mx.host.unreachable']
    const codes: readonly (FindingCode | null)[] = [
      'mx.certificate.expired',
      'mx.host.unreachable',
      'mx.host.refuses-monitor',
      'mta-sts.record.missing',
      null,
    ]
    expect(codes.map((code) => holds({ expect: expected }, BEGIN, TAGGED, code))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    expect(holds({}, BEGIN, TAGGED, null)).toBe(true)
  })
})
