import { describe, expect, test } from 'vitest'
import {
  matchesSilence,
  parseSilencePattern,
  type SilenceTarget,
  silenceOf,
} from '../../../src/incident/silence.ts'
import { HOUR_MS } from '../../../src/lib/time.ts'
import type { FindingCode } from '../../../src/model/finding.ts'
import type { Silence, SilenceId } from '../../../src/model/silence.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'

const NOW = Date.UTC(2026, 10, 23, 12)

function target(
  code: FindingCode | null,
  domain: string | null,
  tags: readonly string[] = [],
): SilenceTarget {
  return { code, domain: domain as DomainName | null, tags }
}

const EXPIRED = target('mx.certificate.expired', 'mail.example.com', ['customer-a'])

describe('a pattern', () => {
  test.each([
    ['*', true],
    ['mx.certificate.expired', true],
    ['mx.certificate.expiring', false],
    ['mx.certificate.*', true],
    ['mx.*', true],
    ['mta-sts.*', false],
    ['mail.example.com', true],
    ['Mail.Example.COM.', true],
    ['example.com', false],
    ['*.example.com', true],
    ['*.mail.example.com', false],
    ['*.ample.com', false],
    ['#customer-a', true],
    ['#customer', false],
    ['mx.certificate.expired@mail.example.com', true],
    ['mx.certificate.*@*.example.com', true],
    ['mx.certificate.*@#customer-a', true],
    ['mx.certificate.*@other.example', false],
    ['tlsrpt.record.missing@mail.example.com', false],
  ])('%s names an expired certificate at mail.example.com: %s', (text, expected) => {
    const pattern = parseSilencePattern(text)
    expect(pattern.ok && matchesSilence(pattern.value, EXPIRED)).toBe(expected)
  })

  test.each([
    '',
    '#',
    '@',
    '*.',
    'mx.certificate*',
    'nowhere.*',
    'localhost',
    'mx.certificate.expired@',
    '@example.com',
    'expired@example.com',
    '192.0.2.1',
    'https://example.com',
  ])('"%s" is none, and the answer says what one looks like', (text) => {
    const pattern = parseSilencePattern(text)
    expect(pattern.ok ? null : pattern.error).toContain('mx.certificate.*')
  })

  test('of a domain leaves the monitor itself alone; a code of the monitor does not', () => {
    const own = target('monitor.dns.blind', null)
    const is = (text: string) => {
      const pattern = parseSilencePattern(text)
      return pattern.ok && matchesSilence(pattern.value, own)
    }
    expect([is('example.com'), is('#customer-a'), is('monitor.*'), is('monitor.dns.blind'), is('*')]).toEqual(
      [false, false, true, true, true],
    )
  })

  test('with a code says nothing of changes', () => {
    const changes = target(null, 'mail.example.com')
    const is = (text: string) => {
      const pattern = parseSilencePattern(text)
      return pattern.ok && matchesSilence(pattern.value, changes)
    }
    expect([is('mail.example.com'), is('*'), is('mx.*'), is('mx.*@mail.example.com')]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

function silence(id: string, pattern: string, hours: number): Silence {
  return {
    id: id as SilenceId,
    pattern,
    until: NOW + hours * HOUR_MS,
    by: 'ada',
    reason: null,
    createdAt: NOW,
  }
}

describe('of several silences', () => {
  test('the one that lasts longest holds', () => {
    const silences = [silence('a', 'mx.*', 1), silence('b', '*', 3), silence('c', '#customer-a', 2)]
    expect(silenceOf(EXPIRED, silences, NOW)?.id).toBe('b')
  })

  test('one holds up to its last millisecond and no longer', () => {
    const silences = [silence('a', '*', 1)]
    const end = NOW + HOUR_MS
    expect([end - 1, end, end + 1].map((at) => silenceOf(EXPIRED, silences, at)?.id ?? null)).toEqual([
      'a',
      null,
      null,
    ])
  })

  test('one that does not name it does not hold', () => {
    expect(silenceOf(EXPIRED, [silence('a', 'other.example', 1)], NOW)).toBeNull()
  })
})
