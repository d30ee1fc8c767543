import { describe, expect, it } from 'vitest'
import { readTlsReports, type TlsReport } from '../../../../src/protocol/tlsrpt/report.ts'
import { bentReport, plainPolicy } from './report-builder.ts'

type Policy = TlsReport['policies'][number]
type Detail = Policy['failureDetails'][number]

const POLICY = ['policies', 0, 'policy'] as const
const SUMMARY = ['policies', 0, 'summary'] as const
const DETAIL = ['policies', 0, 'failure-details', 0] as const

function readBent(path: readonly (string | number)[], value: unknown) {
  const { outcome, reports, deviations } = readTlsReports(JSON.stringify(bentReport(path, value)))
  expect(reports).toHaveLength(1)
  return { outcome, report: reports[0], deviations, codes: deviations.map(({ code }) => code) }
}

describe('a quirk is read, noted with its place, and costs nothing else', () => {
  const tlsa = '3 1 1 ABCD'
  it.each<[string, readonly (string | number)[], unknown, string, Partial<Policy>]>([
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
    [
      'mx-host in U-labels',
      [...POLICY, 'mx-host'],
      ['*.Bücher.example'],
      'mx-host-form',
      { mxHostPatterns: ['*.xn--bcher-kva.example'] },
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
    const reading = readBent(path, value)
    expect(reading.codes).toContain(code)
    expect(reading.outcome).toBe('accept_warn')
    expect(reading.report?.policies[0]).toMatchObject(expected)
  })

  it.each<[string, string, unknown, string, Partial<Detail>]>([
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
    ['null for a text', 'receiving-mx-hostname', null, 'null-value', { receivingMxHostname: null }],
    ['half a surrogate pair', 'receiving-mx-helo', 'a\ud800', 'encoding', { receivingMxHelo: 'a\ufffd' }],
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
    const reading = readBent([...DETAIL, key], value)
    expect(reading.deviations.map((deviation) => [deviation.code, deviation.where])).toEqual([
      [code, `policies[0].failure-details[0].${key}`],
    ])
    expect(reading.report?.policies[0]?.failureDetails[0]).toMatchObject(expected)
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
    const reading = readBent([key], value)
    expect(reading.codes).toContain(code)
    expect(reading.outcome).toBe('accept_warn')
    expect(reading.report).toMatchObject(expected)
  })
})
