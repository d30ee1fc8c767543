import { describe, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { CountedSession } from '../../../src/model/probe-session.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { MailAddress } from '../../../src/protocol/mail-address.ts'
import { readTlsReports } from '../../../src/protocol/tlsrpt/report.ts'
import { formatTlsReport } from '../../../src/protocol/tlsrpt/report-format.ts'
import type { ReportUri } from '../../../src/protocol/tlsrpt/report-uri.ts'
import { chooseUris } from '../../../src/submit/choose-uris.ts'
import { dailyReport, type ReportAuthor } from '../../../src/submit/daily-report.ts'
import { dueAt, reportIdOf } from '../../../src/submit/report-identity.ts'
import { reportWords } from '../../../src/submit/report-words.ts'
import { settleSubmission } from '../../../src/submit/settle-submission.ts'

const DAY = { domain: 'example.com' as DomainName, dayAt: Date.UTC(2026, 10, 24) }
const AUTHOR: ReportAuthor = {
  organizationName: 'Example Networks',
  contact: 'tls-reports@monitor.example' as MailAddress,
}
const SUBMITTER = 'monitor.example' as DomainName
const STS = {
  policyType: 'sts',
  policyString: ['version: STSv1', 'mode: enforce', 'mx: mx1.example.com', 'max_age: 86400'],
  policyDomain: DAY.domain,
  mxHostPatterns: ['mx1.example.com'],
} as const

function failed(...types: readonly ('certificate-expired' | 'certificate-host-mismatch')[]) {
  return types.map((resultType) => ({
    resultType,
    sendingMtaIp: null,
    receivingMxHostname: 'mx1.example.com',
    receivingIp: '192.0.2.25',
    reasonCode: null,
  }))
}

const SESSIONS: readonly CountedSession[] = [
  { policy: STS, failures: [], sessions: 90 },
  { policy: STS, failures: failed('certificate-expired'), sessions: 4 },
  { policy: STS, failures: failed('certificate-expired', 'certificate-host-mismatch'), sessions: 2 },
]

function report(sessions = SESSIONS) {
  const made = dailyReport(sessions, DAY, AUTHOR, reportIdOf(DAY, SUBMITTER))
  if (made === null) throw new Error('no report')
  return made
}

describe('the report about a day', () => {
  test('counts sessions, not failures: a session with two of them fails once', () => {
    const [policy] = report().policies
    expect(policy).toMatchObject({ policyType: 'sts', successfulSessions: 90, failedSessions: 6 })
    expect(
      policy?.failureDetails.map(({ resultType, failedSessions }) => [resultType, failedSessions]),
    ).toEqual([
      ['certificate-expired', 6],
      ['certificate-host-mismatch', 2],
    ])
  })

  test('is read by our own reader as it was written, without a deviation', () => {
    const made = report()
    expect(readTlsReports(formatTlsReport(made))).toMatchObject({
      outcome: 'accept',
      deviations: [],
      reports: [made],
    })
  })

  test('covers the UTC day, and is not made when there was no session', () => {
    expect(report()).toMatchObject({ startAt: DAY.dayAt, endAt: DAY.dayAt + DAY_MS - 1_000 })
    expect(dailyReport([], DAY, AUTHOR, 'x@y')).toBeNull()
  })

  test('what is longer than readers take is cut', () => {
    const policyString = Array.from({ length: 300 }, () => 'x'.repeat(2_000))
    const reasonCode = 'y'.repeat(5_000)
    const failures = failed('certificate-expired').map((failure) => ({ ...failure, reasonCode }))
    const text = formatTlsReport(report([{ policy: { ...STS, policyString }, failures, sessions: 1 }]))
    expect(readTlsReports(text).outcome).toBe('accept')
  })

  test('is told in words', () => {
    const words = reportWords(report(), DAY, AUTHOR)
    expect(words).toContain('TLS report (RFC 8460) from monitor.example about example.com')
    expect(words).toContain('MTA-STS policy of example.com: 90 sessions secured, 6 not')
    expect(words).toContain('  6 x certificate-expired at mx1.example.com [192.0.2.25]')
  })
})

test('the id and the hour of a report follow from what it is about', () => {
  expect(reportIdOf(DAY, SUBMITTER)).toBe(reportIdOf({ ...DAY }, SUBMITTER))
  expect(reportIdOf(DAY, SUBMITTER)).toMatch(/^2026-11-24\.[0-9a-f]{16}@monitor\.example$/)
  expect(reportIdOf({ ...DAY, dayAt: DAY.dayAt + DAY_MS }, SUBMITTER)).not.toBe(reportIdOf(DAY, SUBMITTER))
  const endAt = DAY.dayAt + DAY_MS
  const hours = Array.from(
    { length: 200 },
    (_, n) => (dueAt(DAY, `mailto:${n}@example.com`, endAt) - endAt) / HOUR_MS,
  )
  expect(Math.min(...hours)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...hours)).toBeLessThan(4)
  expect(Math.max(...hours) - Math.min(...hours)).toBeGreaterThan(3)
})

test('two addresses and one https endpoint at most, in their order, each once', () => {
  const mailto = (name: string): ReportUri => ({
    raw: `mailto:${name}@example.com`,
    scheme: 'mailto',
    address: `${name}@example.com`,
    mailDomain: DAY.domain,
  })
  const https = (n: number): ReportUri => {
    const url = `https://${n}.example.com/`
    return { raw: url, scheme: 'https', url }
  }
  const all = [
    mailto('a'),
    { raw: 'ftp://x', scheme: 'unsupported' } as const,
    mailto('a'),
    https(1),
    mailto('b'),
    mailto('c'),
    https(2),
  ]
  expect(chooseUris(all).map(({ raw }) => raw)).toEqual([
    'mailto:a@example.com',
    'https://1.example.com/',
    'mailto:b@example.com',
  ])
})

describe('after an attempt', () => {
  const now = Date.UTC(2026, 10, 25, 2)
  const retry = { outcome: 'retry', note: '450 later' } as const

  test('it is tried again with growing pauses for 24 hours, and once more at their end', () => {
    const waits: number[] = []
    let at = now
    for (let attempt = 1; ; attempt += 1) {
      const verdict = settleSubmission({ attempt, firstTriedAt: attempt === 1 ? null : now }, retry, at)
      if (verdict.kind !== 'again') {
        expect(verdict).toEqual({ kind: 'given-up', at: now + DAY_MS, note: '450 later', refused: null })
        break
      }
      waits.push((verdict.notBefore - at) / MINUTE_MS)
      at = verdict.notBefore
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 240, 240, 240, 240, 170])
  })

  test('a refusal ends it, and counts against the address', () => {
    const refused = { outcome: 'rejected', note: '550 no' } as const
    expect(settleSubmission({ attempt: 1, firstTriedAt: null }, refused, now)).toEqual({
      kind: 'given-up',
      at: now,
      note: '550 no',
      refused: { suppressUntil: now + 30 * DAY_MS },
    })
  })
})
