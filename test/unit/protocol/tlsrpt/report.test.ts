import { describe, expect, it } from 'vitest'
import {
  readTlsReports,
  sumSessions,
  type TlsReport,
  type TlsReportReading,
} from '../../../../src/protocol/tlsrpt/report.ts'
import { NO_HINTS } from '../../../../src/protocol/tlsrpt/report-mail.ts'
import { reportCases, reportSource } from '../../../vectors/cases.ts'
import { bentReport, plainDetail, plainPolicy, plainReport } from './report-builder.ts'

const POLICY = ['policies', 0, 'policy'] as const
const SUMMARY = ['policies', 0, 'summary'] as const
const DETAIL = ['policies', 0, 'failure-details', 0] as const

function read(value: unknown, hints = NO_HINTS): TlsReportReading {
  return readTlsReports(JSON.stringify(value), hints)
}

function codes({ deviations }: TlsReportReading): string[] {
  return deviations.map(({ code }) => code)
}

function only({ reports }: TlsReportReading): TlsReport {
  const [report] = reports
  if (report === undefined || reports.length > 1) throw new Error(`${reports.length} reports`)
  return report
}

describe('report cases', () => {
  it.each(reportCases)('$id', (testCase) => {
    const reading = readTlsReports(reportSource(testCase))
    expect({ outcome: reading.outcome, ...sumSessions(reading.reports) }).toEqual({
      outcome: testCase.outcome,
      success: testCase.success ?? 0,
      failure: testCase.failure ?? 0,
    })
    expect(reading.deviations.length === 0).toBe(testCase.outcome === 'accept')
  })
})

it('reads a conforming report member by member', () => {
  const reading = read({
    ...plainReport(),
    policies: [{ ...plainPolicy(), 'failure-details': [{ ...plainDetail(), 'receiving-mx-helo': 'mx1' }] }],
  })
  expect(reading).toEqual({
    outcome: 'accept',
    deviations: [],
    reports: [
      {
        organizationName: 'Sender',
        startAt: Date.UTC(2026, 0, 10),
        endAt: Date.UTC(2026, 0, 10, 23, 59, 59),
        contactInfo: 'tls@sender.example',
        reportId: 'r1@sender.example',
        policies: [
          {
            policyType: 'sts',
            policyString: ['version: STSv1', 'mode: enforce', 'mx: mx1.a.example', 'max_age: 86400'],
            policyDomain: 'a.example',
            mxHostPatterns: ['mx1.a.example'],
            successfulSessions: 10,
            failedSessions: 2,
            failureDetails: [
              {
                resultType: 'certificate-expired',
                sendingMtaIp: '192.0.2.1',
                receivingMxHostname: 'mx1.a.example',
                receivingMxHelo: 'mx1',
                receivingIp: '198.51.100.1',
                failedSessions: 2,
                additionalInformation: null,
                failureReasonCode: null,
              },
            ],
          },
        ],
      },
    ],
  })
})

describe('a quirk is read, noted with its place, and costs nothing else', () => {
  const tlsa = '3 1 1 ABCD'
  it.each<[string, readonly (string | number)[], unknown, string, Partial<TlsReport['policies'][0]>]>([
    [
      'policy-string in one string',
      [...POLICY, 'policy-string'],
      'a: b\r\nc: d\n',
      'policy-string-not-array',
      { policyString: ['a: b', 'c: d'] },
    ],
    ['policy-string ""', [...POLICY, 'policy-string'], '', 'policy-string-not-array', { policyString: [] }],
    [
      'lines in one element',
      [...POLICY, 'policy-string'],
      ['a: b\nc: d'],
      'policy-string-unsplit',
      { policyString: ['a: b', 'c: d'] },
    ],
    [
      'an array as text in a string',
      [...POLICY, 'policy-string'],
      [`["${tlsa}","${tlsa}"]`],
      'policy-string-nested',
      { policyString: [tlsa, tlsa] },
    ],
    [
      'an array in the array',
      [...POLICY, 'policy-string'],
      ['a: b', ['mx: c', 'mx: d', 1]],
      'policy-string-nested',
      { policyString: ['a: b', 'mx: c', 'mx: d'] },
    ],
    [
      'a number in policy-string',
      [...POLICY, 'policy-string'],
      ['a: b', 7],
      'text-expected',
      { policyString: ['a: b'] },
    ],
    ['policy-string {}', [...POLICY, 'policy-string'], {}, 'policy-string-not-array', { policyString: [] }],
    [
      'mx-host as string',
      [...POLICY, 'mx-host'],
      '*.A.example.',
      'mx-host-not-array',
      { mxHostPatterns: ['*.a.example'] },
    ],
    ['mx-host ""', [...POLICY, 'mx-host'], '', 'mx-host-not-array', { mxHostPatterns: [] }],
    [
      'mx-host as policy lines',
      [...POLICY, 'mx-host'],
      ['mx: b.example'],
      'mx-host-prefix',
      { mxHostPatterns: ['b.example'] },
    ],
    ['policy-type in capitals', [...POLICY, 'policy-type'], 'STS', 'policy-type-case', { policyType: 'sts' }],
    [
      'policy-domain in U-labels',
      [...POLICY, 'policy-domain'],
      'Bücher.example.',
      'policy-domain-form',
      { policyDomain: 'xn--bcher-kva.example' as never },
    ],
    [
      'policy-domain that is none',
      [...POLICY, 'policy-domain'],
      'a b',
      'policy-domain-malformed',
      { policyDomain: null },
    ],
    ['policy-domain ""', [...POLICY, 'policy-domain'], '', 'policy-domain-missing', { policyDomain: null }],
    [
      'a count as text',
      [...SUMMARY, 'total-failure-session-count'],
      '7',
      'count-text',
      { failedSessions: 7 },
    ],
    [
      'a count in hexadecimal text',
      [...SUMMARY, 'total-failure-session-count'],
      '0x10',
      'count-malformed',
      { failedSessions: 2 },
    ],
    [
      'a count that is true',
      [...SUMMARY, 'total-successful-session-count'],
      true,
      'count-malformed',
      { successfulSessions: 0 },
    ],
    [
      'a total left out',
      [...SUMMARY, 'total-failure-session-count'],
      undefined,
      'count-missing',
      { failedSessions: 2 },
    ],
    ['summary left out', SUMMARY, undefined, 'count-missing', { successfulSessions: 0, failedSessions: 2 }],
    [
      'failure-details null',
      ['policies', 0, 'failure-details'],
      null,
      'details-not-array',
      { failureDetails: [] },
    ],
    [
      'failure-details {}',
      ['policies', 0, 'failure-details'],
      {},
      'details-not-array',
      { failureDetails: [] },
    ],
    [
      'summary in an array',
      SUMMARY,
      [{ 'total-successful-session-count': 1, 'total-failure-session-count': 2 }],
      'policy-flat',
      { successfulSessions: 1 },
    ],
  ])('%s', (_, path, value, code, expected) => {
    const reading = read(bentReport(path, value))
    expect(codes(reading)).toContain(code)
    expect(reading.outcome).toBe('accept_warn')
    expect(only(reading).policies[0]).toMatchObject(expected)
  })

  it.each<[string, string, unknown, string, Partial<TlsReport['policies'][0]['failureDetails'][0]>]>([
    [
      'an unknown result type word for word',
      'result-type',
      'TLS-alert 40',
      'result-type-unknown',
      { resultType: 'TLS-alert 40' },
    ],
    [
      'a known one in capitals',
      'result-type',
      'STS-Policy-Invalid',
      'result-type-case',
      { resultType: 'sts-policy-invalid' },
    ],
    ['an empty address', 'receiving-ip', '', 'ip-empty', { receivingIp: null }],
    [
      'a name for an address',
      'sending-mta-ip',
      'mta.example',
      'ip-malformed',
      { sendingMtaIp: 'mta.example' },
    ],
    ['a count that is missing', 'failed-session-count', null, 'count-missing', { failedSessions: 2 }],
    ['a reason that is a number', 'failure-reason-code', 404, 'text-expected', { failureReasonCode: '404' }],
    [
      'a reason without end',
      'failure-reason-code',
      'x'.repeat(5_000),
      'text-too-long',
      { failureReasonCode: 'x'.repeat(1_024) },
    ],
    [
      'the placeholder as key',
      'additional-info-uri',
      'https://a.example/',
      'placeholder-key',
      { additionalInformation: 'https://a.example/' },
    ],
  ])('%s', (_, key, value, code, expected) => {
    const reading = read(bentReport([...DETAIL, key], value))
    expect(reading.deviations.map((deviation) => [deviation.code, deviation.where])).toEqual([
      [code, `policies[0].failure-details[0].${key}`],
    ])
    expect(only(reading).policies[0]?.failureDetails[0]).toMatchObject(expected)
  })

  it.each<[string, string, unknown, string, Partial<TlsReport>]>([
    [
      'no organization',
      'organization-name',
      ' ',
      'organization-missing',
      { organizationName: 'sender.example' },
    ],
    [
      'contact as mailto',
      'contact-info',
      'mailto:a@b.example',
      'contact-format',
      { contactInfo: 'a@b.example' },
    ],
    [
      'contact with a name',
      'contact-info',
      'A <a@b.example>',
      'contact-format',
      { contactInfo: 'a@b.example' },
    ],
    ['contact that is no address', 'contact-info', 'call us', 'contact-format', { contactInfo: 'call us' }],
    ['contact null', 'contact-info', null, 'contact-missing', { contactInfo: null }],
    ['report-id as number', 'report-id', 17, 'text-expected', { reportId: '17' }],
    ['no report-id', 'report-id', undefined, 'report-id-missing', { reportId: null }],
    ['no date-range', 'date-range', undefined, 'date-missing', { startAt: null, endAt: null }],
    ['policies as object', 'policies', plainPolicy(), 'policies-not-array', {}],
    ['no policy at all', 'policies', [], 'policies-empty', { policies: [] }],
  ])('%s', (_, key, value, code, expected) => {
    const reading = read(bentReport([key], value))
    expect(codes(reading)).toContain(code)
    expect(reading.outcome).toBe('accept_warn')
    expect(only(reading)).toMatchObject(expected)
  })
})

describe('what cannot be read', () => {
  it.each([null, 'oops', 7, [], {}, [[]], { foo: 1 }])(
    '%j among the policies costs its siblings nothing',
    (broken) => {
      const reading = read(bentReport(['policies'], [plainPolicy(), broken, plainPolicy()]))
      expect(reading.outcome).toBe('partial')
      expect(reading.deviations).toMatchObject([{ code: 'policy-not-object', where: 'policies[1]' }])
      expect(sumSessions(reading.reports)).toEqual({ success: 20, failure: 4 })
    },
  )

  it('among the failure details costs their siblings nothing', () => {
    const reading = read(bentReport(['policies', 0, 'failure-details'], ['oops', plainDetail(), null]))
    expect(reading).toMatchObject({
      outcome: 'partial',
      deviations: [{ code: 'detail-not-object', times: 2 }],
    })
    expect(only(reading).policies[0]?.failureDetails).toHaveLength(1)
  })

  it.each([
    ['nothing but broken policies', ['oops', null]],
    ['policies that are text', 'sts'],
    ['no policies', undefined],
  ])('is no report: %s', (_, policies) => {
    const reading = read(bentReport(['policies'], policies))
    expect(reading).toMatchObject({ outcome: 'reject', reports: [] })
    expect(codes(reading)).toContain('not-a-report')
  })

  it('of an array of reports leaves the others, as a partial reading', () => {
    const reading = read([plainReport(), 'oops', plainReport()])
    expect(reading.reports).toHaveLength(2)
    expect(reading.outcome).toBe('partial')
    expect(read([]).outcome).toBe('reject')
  })
})

describe('gaps are filled from the mail', () => {
  const hints = {
    submitter: 'sender.example' as never,
    senderDomain: 'mail.sender.example' as never,
    policyDomain: 'a.example' as never,
    reportId: 'from-subject',
    startAt: 1,
    endAt: 2,
  }

  it('where the report says nothing or nonsense', () => {
    const sent = {
      ...bentReport([...POLICY, 'policy-domain'], undefined),
      'report-id': '',
      'contact-info': null,
    }
    const dates = { 'start-datetime': 'yesterday' }
    const report = only(read({ ...sent, 'date-range': dates, 'organization-name': null }, hints))
    expect(report).toMatchObject({
      reportId: 'from-subject',
      startAt: 1,
      endAt: 2,
      organizationName: 'sender.example',
      policies: [{ policyDomain: 'a.example' }],
    })
  })

  it('but never against the report', () => {
    const other = { ...hints, policyDomain: 'other.example' as never }
    expect(only(read(plainReport(), other))).toEqual(only(read(plainReport())))
  })

  it.each(['x_b.example', '1339+b.example', '2026-01-10T00:00:00Z_idx1_b.example'])(
    'and the domain from the report-id %s when there is no mail',
    (id) => {
      const report = bentReport([...POLICY, 'policy-domain'], undefined)
      expect(only(read({ ...report, 'report-id': id })).policies[0]?.policyDomain).toBe('b.example')
    },
  )

  it('a submitter other than the contact is noted', () => {
    const other = { ...hints, submitter: 'other.example' as never }
    expect(codes(read(plainReport(), other))).toEqual(['submitter-mismatch'])
    expect(codes(read(plainReport(), hints))).toEqual([])
  })
})

describe('counts', () => {
  const count = (value: string) =>
    readTlsReports(
      JSON.stringify(bentReport([...SUMMARY, 'total-successful-session-count'], '§')).replace('"§"', value),
    )
  it.each([
    ['0', 0, 'accept'],
    ['-0', 0, 'accept'],
    ['1e3', 1_000, 'accept'],
    ['10.0', 10, 'accept'],
    ['9007199254740991', 2 ** 53 - 1, 'accept'],
    ['9007199254740992', 2 ** 53, 'accept_warn'],
    ['1e400', 2 ** 53, 'accept_warn'],
    ['-1e400', 0, 'accept_warn'],
    ['"12.7"', 12, 'accept_warn'],
  ])('%s is %d, %s', (text, expected, outcome) => {
    const reading = count(text)
    expect(reading.outcome).toBe(outcome)
    expect(Object.is(only(reading).policies[0]?.successfulSessions, expected)).toBe(true)
  })

  it('that are added never pass the cap', () => {
    const reports = count('1e400').reports
    expect(sumSessions([...reports, ...reports]).success).toBe(2 ** 53)
  })
})

it('a deviation that repeats is one entry with its first place, what stood there, and how often', () => {
  const detail = { ...plainDetail(), 'receiving-ip': 'x\u202e<b>' }
  const { deviations } = read(bentReport(['policies', 0, 'failure-details'], [detail, detail, detail]))
  expect(deviations).toEqual([
    {
      code: 'ip-malformed',
      where: 'policies[0].failure-details[0].receiving-ip',
      found: 'x\\u{202e}<b>',
      times: 3,
    },
  ])
})

it('a member under the name of a prototype changes no object and is not read through', () => {
  const text = JSON.stringify(plainReport()).replace(
    '{',
    '{"__proto__":{"polluted":1,"policies":[]},"constructor":{"prototype":{"polluted":1}},',
  )
  expect(readTlsReports(text).outcome).toBe('accept')
  expect(readTlsReports('{"__proto__":{"policies":[]}}').outcome).toBe('reject')
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
})
