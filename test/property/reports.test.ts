import fc from 'fast-check'
import { expect, it } from 'vitest'
import { describe as inWords } from '../../src/announce/describe.ts'
import { describeReadiness } from '../../src/announce/readiness-words.ts'
import { attributePolicies } from '../../src/check/attribution.ts'
import { judge } from '../../src/check/judge.ts'
import { readiness } from '../../src/check/readiness.ts'
import { advance } from '../../src/incident/advance.ts'
import { DAY_MS } from '../../src/lib/time.ts'
import { findingKey } from '../../src/model/finding.ts'
import { FINDING_CODES } from '../../src/model/finding-codes.ts'
import type { ReportedPolicy, ReportWindow } from '../../src/model/report-window.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { FailureDetail, PolicyResult } from '../../src/protocol/tlsrpt/report.ts'
import { NO_HINTS } from '../../src/protocol/tlsrpt/report-mail.ts'
import { RESULT_TYPES } from '../../src/protocol/tlsrpt/result-type.ts'
import { BROKEN_CERTIFICATES } from '../unit/check/broken-certificates.ts'
import { BROKEN_HOSTS } from '../unit/check/broken-hosts.ts'
import { BROKEN_POLICIES } from '../unit/check/broken-policies.ts'
import { daysAgo } from '../unit/check/report-builder.ts'
import {
  context,
  EXAMPLE,
  healthy,
  MX1,
  MX2,
  NOW,
  policyBody,
  watched,
} from '../unit/check/snapshot-builder.ts'
import { countingTools } from '../unit/incident/play.ts'
import { POISON } from '../unit/lib/poison.ts'

const count = fc.oneof(
  fc.nat(300),
  fc.constantFrom(0, 10, 100, 1_000_000_000, Number.MAX_SAFE_INTEGER, 2 ** 53),
)
const reporter = fc
  .constantFrom('google.com', 'microsoft.com', 'a.example', 'b.example')
  .map((name) => name as DomainName)
const text = fc.constantFrom(null, '', POISON, MX1, MX2, '9.9.9.9', '10.0.0.1', '2001:4860::8888')
const resultType = fc.oneof(
  fc.constantFrom<string | null>(...RESULT_TYPES),
  fc.constantFrom(null, POISON, 'a b', 'a'),
)

const detail: fc.Arbitrary<FailureDetail> = fc.record({
  resultType,
  sendingMtaIp: text,
  receivingMxHostname: text,
  receivingMxHelo: text,
  receivingIp: text,
  failedSessions: count,
  additionalInformation: text,
  failureReasonCode: text,
})
const policy: fc.Arbitrary<PolicyResult> = fc.record({
  policyType: fc.constantFrom('sts', 'tlsa', 'no-policy-found', POISON, null),
  policyString: fc.constantFrom(
    [],
    [POISON],
    policyBody().split('\r\n'),
    policyBody({ mx: [MX1], maxAge: 60 }).split('\r\n'),
  ),
  policyDomain: fc.constantFrom(EXAMPLE, MX1 as DomainName, null),
  mxHostPatterns: fc.constant([]),
  successfulSessions: count,
  failedSessions: count,
  failureDetails: fc.array(detail, { maxLength: 4 }),
})
const reported: fc.Arbitrary<ReportedPolicy> = fc.record({
  report: fc.constant('rep_1' as ReportedPolicy['report']),
  reporter,
  organization: text,
  dayAt: fc.integer({ min: 0, max: 30 }).map((days) => daysAgo(days)),
  receivedAt: fc.integer({ min: -40, max: 1 }).map((days) => NOW + days * DAY_MS),
  mx: fc.constantFrom(null, MX1 as DomainName),
  policy,
})
const window: fc.Arbitrary<ReportWindow> = fc.record({
  policies: fc.array(reported, { maxLength: 60 }),
  reporters: fc.constant(
    new Map(
      ['a.example' as DomainName].map((name) => [
        name,
        { reporter: name, days: 9, firstDayAt: daysAgo(30), lastDayAt: daysAgo(1) },
      ]),
    ),
  ),
  ownSightings: fc.array(
    fc.record({
      code: fc.constantFrom(...FINDING_CODES),
      subject: fc.constantFrom(null, MX1, MX2, 'google.com', `certificate-expired ${MX1}`),
      firstSeenAt: fc.integer({ min: -30, max: 0 }).map((days) => NOW + days * DAY_MS),
      endedAt: fc.constantFrom(null, NOW - DAY_MS, NOW),
    }),
    { maxLength: 8 },
  ),
  hostAddresses: fc.constantFrom(
    new Map(),
    new Map([[MX1, [{ address: '192.0.2.25', firstSeenAt: daysAgo(40) }]]]),
  ),
  firstLookAt: fc.constantFrom(null, daysAgo(400), daysAgo(3)),
  mailboxReadAt: fc.constantFrom(null, NOW),
})
const snapshot = fc.constantFrom(
  healthy(),
  ...[...BROKEN_CERTIFICATES, ...BROKEN_HOSTS, ...BROKEN_POLICIES].map((one) => one.snapshot),
)

it('whatever senders say, judging and telling never throws, and no key is found twice', () => {
  fc.assert(
    fc.property(window, snapshot, (reports, look) => {
      const judgement = judge(look, watched(), context({ reports }))
      const keys = judgement.findings.map(({ code, domain, subject }) => findingKey(code, domain, subject))
      expect(new Set(keys).size).toBe(keys.length)
      for (const finding of judgement.findings) {
        const { title, seen } = inWords(finding, { timezone: 'UTC', now: NOW })
        expect(`${title}${seen}`).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\ud800]|NaN|undefined/)
      }
      expect(
        new Set(advance([], judgement, NOW, countingTools()).map(({ incident }) => incident.key)).size,
      ).toBe(keys.length)
      const told = describeReadiness(readiness(look, watched(), { ...context({ reports }), judgement }, 30), {
        timezone: 'UTC',
        now: NOW,
      })
      expect(told.rows.flat().join('')).not.toMatch(/[\u0000-\u001f]|NaN/)
    }),
    { numRuns: 300 },
  )
})

it('a reporter that nobody knows never has a finding of its own', () => {
  fc.assert(
    fc.property(window, (reports) => {
      const policies = reports.policies.map((one) => ({ ...one, reporter: 'new.example' as DomainName }))
      const unknown = { ...reports, policies, ownSightings: [] }
      expect(judge(healthy(), watched(), context({ reports: unknown })).findings).toEqual([])
    }),
    { numRuns: 200 },
  )
})

it('attribution keeps policies and their places in step, within the range that it allows', () => {
  const known = {
    domains: new Set([EXAMPLE]),
    domainsWithMx: (host: DomainName) => (host === MX1 ? [EXAMPLE] : []),
  }
  const instant = fc.option(fc.integer({ min: -500, max: 5 }).map((days) => NOW + days * DAY_MS))
  fc.assert(
    fc.property(fc.array(policy, { maxLength: 6 }), instant, instant, (policies, startAt, endAt) => {
      const report = { organizationName: null, startAt, endAt, contactInfo: null, reportId: null, policies }
      const read = attributePolicies(report, NO_HINTS, known, NOW)
      if (read.outcome === 'refused') return
      expect(read.attributions).toHaveLength(read.report.policies.length)
      expect(read.report.policies.length + read.otherPolicies).toBe(policies.length)
      for (const { dayAt } of read.attributions) {
        expect(dayAt % DAY_MS).toBe(0)
        expect(dayAt).toBeGreaterThan(NOW - 402 * DAY_MS)
        expect(dayAt).toBeLessThanOrEqual(NOW + DAY_MS)
      }
    }),
  )
})
