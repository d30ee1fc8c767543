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
