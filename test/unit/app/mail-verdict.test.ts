import { describe, expect, it } from 'vitest'
import { mailVerdict, POSTPONE_FOR_MS, type VerdictContext } from '../../../src/app/mail-verdict.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { IntakeResult } from '../../../src/mailbox/intake.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { readTlsReports } from '../../../src/protocol/tlsrpt/report.ts'
import { NO_HINTS } from '../../../src/protocol/tlsrpt/report-mail.ts'
import { bentReport, plainPolicy, plainReport } from '../protocol/tlsrpt/report-builder.ts'

const RECEIVED = Date.UTC(2026, 0, 11, 3)
const IMAP = { via: 'imap', account: 'a', folder: 'INBOX', uidValidity: '1', uid: 7 } as const
const VERIFIED = { trust: 'verified', signer: 'sender.example' as DomainName, selector: 's' } as const

function context(replaced: Partial<VerdictContext> = {}): VerdictContext {
  let ids = 0
  return {
    now: RECEIVED,
    receivedAt: RECEIVED,
    rawSha256: 'aa',
    source: IMAP,
    watched: {
      domains: new Set(['a.example' as DomainName]),
      domainsWithMx: (host) => (host === 'mx1.a.example' ? ['a.example' as DomainName] : []),
    },
    newId: (prefix) => `${prefix}_${++ids}`,
    ...replaced,
  }
}

function result(...reports: readonly object[]): IntakeResult {
  const readings = reports.map((report) => readTlsReports(JSON.stringify(report)))
  return {
    kind: 'reports',
    authenticity: VERIFIED,
    reports: readings.flatMap((reading) => reading.reports.map((report) => ({ report, hints: NO_HINTS }))),
    deviations: [{ code: 'forwarded', where: '', found: null, times: 1 }],
  }
}

function reportsOf(given: IntakeResult, replaced: Partial<VerdictContext> = {}) {
  const verdict = mailVerdict(given, context(replaced))
  if (verdict.kind !== 'reports') throw new Error(`${verdict.kind} instead of reports`)
  return verdict.reports
}

const ofOther = () => {
  const policy = plainPolicy()
  return { ...policy, policy: { ...(policy.policy as object), 'policy-domain': 'b.example' } }
}

describe('a mail with reports', () => {
  it('is told with all that is known of it', () => {
    const [report, ...more] = reportsOf(result(plainReport()))
    expect(more).toEqual([])
    expect(report).toMatchObject({
      id: 'rep_1',
      rawSha256: 'aa',
      receivedAt: RECEIVED,
      source: IMAP,
      authenticity: VERIFIED,
      attributions: [{ domain: 'a.example', mx: null, dayAt: Date.UTC(2026, 0, 10) }],
      otherPolicies: 0,
      deviations: [{ code: 'forwarded' }],
    })
  })

  it('keeps the policies of watched domains alone (S19), and is the same report whatever is watched', () => {
    const mixed = { ...plainReport(), policies: [ofOther(), plainPolicy(), ofOther()] }
    const [report] = reportsOf(result(mixed))
    expect(report?.otherPolicies).toBe(2)
    expect(report?.report.policies.map(({ policyDomain }) => policyDomain)).toEqual(['a.example'])
    const both = new Set(['a.example', 'b.example'] as DomainName[])
    const [other] = reportsOf(result(mixed), { watched: { domains: both, domainsWithMx: () => [] } })
    expect(other?.report.policies).toHaveLength(3)
    expect([other?.identity, other?.contentSha256]).toEqual([report?.identity, report?.contentSha256])
  })

  it('finds the domain of a mail host that DANE reports are about', () => {
    const policy = {
      ...(plainPolicy().policy as object),
      'policy-type': 'tlsa',
      'policy-domain': 'mx1.a.example',
    }
    const [report] = reportsOf(result(bentReport(['policies', 0, 'policy'], policy)))
    expect(report?.attributions).toMatchObject([{ domain: 'a.example', mx: 'mx1.a.example' }])
  })

  it('has its deviations once, however many reports there are', () => {
    const reports = reportsOf(result(plainReport(), bentReport(['report-id'], 'r2')))
    expect(reports.map(({ deviations }) => deviations.length)).toEqual([1, 0])
    expect(new Set(reports.map(({ identity }) => identity)).size).toBe(2)
  })

  it('leaves out a report that concerns nobody', () => {
    const reports = reportsOf(
      result({ ...plainReport(), policies: [ofOther()] }, bentReport(['report-id'], 'r2')),
    )
    expect(reports.map(({ report }) => report.reportId)).toEqual(['r2'])
    expect(reports[0]?.deviations).toHaveLength(1)
  })
})

describe('a mail without', () => {
  it.each<[string, IntakeResult, Partial<VerdictContext>, object]>([
    [
      'only other domains',
      result({ ...plainReport(), policies: [ofOther()] }),
      {},
      { kind: 'rejected', reason: 'unknown-domain' },
    ],
    ['no policies', result(bentReport(['policies'], [])), {}, { kind: 'rejected', reason: 'unknown-domain' }],
    [
      'days long past, by mail',
      result(plainReport()),
      { receivedAt: RECEIVED + 401 * DAY_MS },
      { kind: 'rejected', reason: 'range-too-old' },
    ],
    [
      'days to come',
      result(plainReport()),
      { receivedAt: RECEIVED - 3 * DAY_MS },
      { kind: 'rejected', reason: 'range-in-the-future' },
    ],
    [
      'days to come, from a file',
      result(plainReport()),
      { receivedAt: RECEIVED - 3 * DAY_MS, source: { via: 'file', path: 'a.json' } },
      { kind: 'rejected', reason: 'range-in-the-future' },
    ],
    [
      'what was refused',
      { kind: 'rejected', reason: 'not-json', deviations: [] },
      {},
      { kind: 'rejected', reason: 'not-json', deviations: [] },
    ],
    ['a bounce', { kind: 'not-a-report', reason: 'bounce' }, {}, { kind: 'not-a-report', reason: 'bounce' }],
  ])('%s', (_, given, replaced, expected) => {
    expect(mailVerdict(given, context(replaced))).toMatchObject(expected)
  })

  it('takes an archive of any age from a file', () => {
    const source = { via: 'file', path: 'a.json' } as const
    expect(reportsOf(result(plainReport()), { receivedAt: RECEIVED + 4_000 * DAY_MS, source })).toHaveLength(
      1,
    )
  })
})

describe('a mail that cannot be judged now (R49)', () => {
  const whenOld = (ageMs: number) =>
    mailVerdict({ kind: 'postponed', detail: 'the DNS is silent' }, context({ now: RECEIVED + ageMs }))

  it.each([
    [0, 10 * MINUTE_MS],
    [80 * MINUTE_MS, 10 * MINUTE_MS],
    [24 * HOUR_MS, 3 * HOUR_MS],
    [71 * HOUR_MS, 6 * HOUR_MS],
    [POSTPONE_FOR_MS - 1, 6 * HOUR_MS],
    // The clock was set back.
    [-HOUR_MS, 10 * MINUTE_MS],
  ])('%d ms old waits %d ms', (ageMs, wait) => {
    expect(whenOld(ageMs)).toEqual({
      kind: 'postponed',
      reason: 'the DNS is silent',
      until: RECEIVED + ageMs + wait,
    })
  })

  it('is given up after 72 hours', () => {
    expect(whenOld(POSTPONE_FOR_MS)).toEqual({ kind: 'rejected', reason: 'key-unavailable', deviations: [] })
  })
})
