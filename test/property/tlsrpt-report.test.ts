import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readReports } from '../../src/mailbox/read-reports.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import { DEVIATION_CODES } from '../../src/protocol/tlsrpt/deviation-codes.ts'
import { JSON_LIMITS, scanJson } from '../../src/protocol/tlsrpt/json-scan.ts'
import {
  type FailureDetail,
  type PolicyResult,
  readTlsReports,
  type TlsReport,
  type TlsReportReading,
} from '../../src/protocol/tlsrpt/report.ts'
import { formatTlsReport } from '../../src/protocol/tlsrpt/report-format.ts'
import { RESULT_TYPES } from '../../src/protocol/tlsrpt/result-type.ts'
import { GZIPPED, HUMAN, MACHINE, mail, REPORT, zip } from '../unit/mailbox/mail-builder.ts'
import { reportCases, reportSource } from '../vectors/cases.ts'
import { mutated } from './mutated.ts'

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/)
const domain = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.') as DomainName)
const ip = fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', '2001:db8:0:1::', '::1'))
const words = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => text.trim() !== '')
const count = fc.oneof(fc.nat(100), fc.maxSafeNat())
const tlsa = fc
  .tuple(fc.nat(3), fc.nat(1), fc.nat(2), fc.stringMatching(/^([0-9a-f]{2}){1,64}$/))
  .map((fields) => fields.join(' '))

const detail: fc.Arbitrary<FailureDetail> = fc.record({
  resultType: fc.constantFrom(...RESULT_TYPES),
  sendingMtaIp: fc.option(ip),
  receivingMxHostname: fc.option(domain),
  receivingMxHelo: fc.option(words),
  receivingIp: fc.option(ip),
  failedSessions: count,
  additionalInformation: fc.option(words),
  failureReasonCode: fc.option(words),
})
const shared = {
  policyDomain: domain,
  successfulSessions: count,
  failedSessions: count,
  failureDetails: fc.array(detail, { maxLength: 4 }),
}
const policy: fc.Arbitrary<PolicyResult> = fc.oneof(
  fc.record({
    ...shared,
    policyType: fc.constant('sts'),
    policyString: fc.array(fc.constantFrom('version: STSv1', 'mode: none ', 'mx: [x', ' x;y', 'mode'), {
      maxLength: 5,
    }),
    mxHostPatterns: fc.array(
      domain.map((name) => `*.${name}`),
      { maxLength: 3 },
    ),
  }),
  fc.record({
    ...shared,
    policyType: fc.constant('tlsa'),
    policyString: fc.array(tlsa, { maxLength: 3 }),
    mxHostPatterns: fc.constant([]),
  }),
  fc.record({
    ...shared,
    policyType: fc.constant('no-policy-found'),
    policyString: fc.constant([]),
    mxHostPatterns: fc.constant([]),
  }),
)
const report: fc.Arbitrary<TlsReport> = fc
  .record({
    organizationName: words,
    startAt: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    endAt: fc.integer({ min: 0, max: 604_800_000 }),
    contactInfo: domain.map((name) => `tls@${name}`),
    reportId: words,
    policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
  })
  .map((one) => ({ ...one, endAt: one.startAt + one.endAt }))

describe('writing', () => {
  it('and reading a conforming report is the identity, without a deviation', () => {
    fc.assert(
      fc.property(report, (one) => {
        expect(readTlsReports(formatTlsReport(one))).toEqual({
          outcome: 'accept',
          reports: [one],
          deviations: [],
        })
      }),
      { numRuns: 500 },
    )
  })

  it.each<[string, Partial<TlsReport>]>([
    ['organization-missing', { organizationName: null }],
    ['date-missing', { endAt: null }],
    ['contact-format', { contactInfo: 'call us' }],
    ['report-id-missing', { reportId: null }],
    ['policies-empty', { policies: [] }],
  ])('refuses what RFC 8460 does not allow: %s', (code, change) => {
    const [one] = readTlsReports(REPORT).reports
    if (one === undefined) throw new Error('the plain report was not read')
    expect(() => formatTlsReport(one)).not.toThrow()
    expect(() => formatTlsReport({ ...one, ...change })).toThrow(code)
  })

  it('a report that real senders bent is conforming once its gaps are closed', () => {
    for (const one of reportCases.filter(({ strict, outcome }) => strict && outcome === 'accept')) {
      for (const read of readTlsReports(reportSource(one)).reports) {
        expect(readTlsReports(formatTlsReport(read)).reports).toEqual([read])
      }
    }
  })
})

/** Holds of every reading whatsoever. */
function expectSane({ outcome, reports, deviations }: TlsReportReading): void {
  expect(outcome === 'reject').toBe(reports.length === 0)
  if (outcome === 'reject') expect(deviations).not.toEqual([])
  if (outcome === 'accept') expect(deviations).toEqual([])
  for (const { code, found, times } of deviations) {
    expect(DEVIATION_CODES).toHaveProperty(code)
    expect(times).toBeGreaterThan(0)
    expect(found ?? '').not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
  }
  const counts = reports.flatMap(({ policies }) =>
    policies.flatMap((one) => [
      one.successfulSessions,
      one.failedSessions,
      ...one.failureDetails.map((d) => d.failedSessions),
    ]),
  )
  expect(counts.every((one) => Number.isInteger(one) && one >= 0 && one <= 2 ** 53)).toBe(true)
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
}

/** Members of the schema with any value, among anything else. */
const key = fc.constantFrom(
  'policies',
  'policy',
  'summary',
  'failure-details',
  'policy-type',
  'policy-string',
  'policy-domain',
  'mx-host',
  'date-range',
  'start-datetime',
  'end-datetime',
  'contact-info',
  'report-id',
  'organization-name',
  'result-type',
  'total-successful-session-count',
  'total-failure-session-count',
  'failed-session-count',
  'receiving-ip',
  'additional-info-uri',
  '__proto__',
  'constructor',
  'prototype',
  'polluted',
  'toString',
)
const { node } = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(
      fc.constantFrom(
        null,
        true,
        '',
        '[',
        '["3 1 1 aa"]',
        'sts',
        'mx: a',
        '2026-01-10',
        '1e9',
        -1,
        1.5,
        1e300,
      ),
      fc.string(),
      fc.double(),
    ),
    fc.array(tie('node'), { maxLength: 4 }),
    fc
      .array(fc.tuple(key, tie('node')), { maxLength: 6 })
      .map((entries) => Object.assign(Object.create(null), Object.fromEntries(entries))),
  ),
}))

/** 20 ms for each KiB begun, and half a second for what else the machine does. */
function expectQuick(startedAt: number, bytes: number): void {
  expect(performance.now() - startedAt).toBeLessThan(20 * (bytes / 1_024 + 1) + 5_000)
}

describe('whatever comes', () => {
  it('in the place of a report is read or rejected, quickly', () => {
    fc.assert(
      fc.property(node, fc.boolean(), (value, isPolicies) => {
        const text = JSON.stringify(isPolicies ? { policies: [value] } : value)
        const startedAt = performance.now()
        expectSane(readTlsReports(text))
        expectQuick(startedAt, text.length)
      }),
      { numRuns: 3_000 },
    )
  })

  it('as JSON text is read or rejected', () => {
    const seeds = reportCases.map((one) => Buffer.from(reportSource(one)))
    fc.assert(
      fc.property(mutated(seeds), (bytes) => {
        expectSane(readTlsReports(bytes))
        expectSane(readTlsReports(bytes.toString('latin1')))
      }),
      { numRuns: 3_000 },
    )
  })

  it('as a file or mail is read or rejected, quickly', async () => {
    const whole = mail({ parts: [HUMAN, MACHINE] })
    const seeds = [
      GZIPPED,
      whole,
      zip([{ name: 'a.json', bytes: REPORT }]),
      mail({ parts: [{ ...MACHINE, body: REPORT }] }),
      gzipSync(whole),
    ]
    await fc.assert(
      fc.asyncProperty(mutated(seeds), async (bytes) => {
        const startedAt = performance.now()
        expectSane(await readReports(bytes))
        expectQuick(startedAt, bytes.length)
      }),
      { numRuns: 2_000 },
    )
  })

  it('the scan lets pass exactly what is within its limits, and finds the end that JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), fc.string(), (value, rest) => {
        const text = JSON.stringify(value)
        const scan = scanJson(text)
        const depth = depthOf(value)
        if (depth > JSON_LIMITS.depth) expect(scan).toEqual({ fault: 'depth' })
        else expect(scan).toMatchObject({ fault: null, end: text.length })
        if (depth > 0 && depth <= JSON_LIMITS.depth) expect(scanJson(`${text}${rest}`)).toEqual(scan)
      }),
    )
  })
})

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

it('the fixtures hold what they say', () => {
  expect(gunzipSync(GZIPPED).equals(REPORT)).toBe(true)
})
