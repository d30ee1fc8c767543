import { expect, it } from 'vitest'
import { readTlsReports, type TlsReport } from '../../../../src/protocol/tlsrpt/report.ts'
import { REPORT_LIMITS, TEXT_LIMITS } from '../../../../src/protocol/tlsrpt/report-limits.ts'
import { bentReport } from './report-builder.ts'

type Path = readonly (string | number)[]

const POLICY = ['policies', 0, 'policy'] as const
const DETAIL = ['policies', 0, 'failure-details', 0] as const

function read(path: Path, value: unknown): { report: TlsReport | undefined; codes: string[] } {
  const { reports, deviations } = readTlsReports(JSON.stringify(bentReport(path, value)))
  return { report: reports[0], codes: deviations.map(({ code }) => code) }
}

it.each<[keyof typeof TEXT_LIMITS, Path, (report?: TlsReport) => string | null | undefined]>([
  ['organizationName', ['organization-name'], (report) => report?.organizationName],
  ['contactInfo', ['contact-info'], (report) => report?.contactInfo],
  ['reportId', ['report-id'], (report) => report?.reportId],
  ['policyType', [...POLICY, 'policy-type'], (report) => report?.policies[0]?.policyType],
  ['hostName', [...POLICY, 'mx-host', 0], (report) => report?.policies[0]?.mxHostPatterns[0]],
  ['policyLine', [...POLICY, 'policy-string', 0], (report) => report?.policies[0]?.policyString[0]],
  ['resultType', [...DETAIL, 'result-type'], (report) => report?.policies[0]?.failureDetails[0]?.resultType],
  ['ipAddress', [...DETAIL, 'receiving-ip'], (report) => report?.policies[0]?.failureDetails[0]?.receivingIp],
  [
    'helo',
    [...DETAIL, 'receiving-mx-helo'],
    (report) => report?.policies[0]?.failureDetails[0]?.receivingMxHelo,
  ],
  [
    'additionalInformation',
    [...DETAIL, 'additional-information'],
    (report) => report?.policies[0]?.failureDetails[0]?.additionalInformation,
  ],
  [
    'failureReasonCode',
    [...DETAIL, 'failure-reason-code'],
    (report) => report?.policies[0]?.failureDetails[0]?.failureReasonCode,
  ],
])('%s: the limit is kept whole, more is cut and noted', (name, path, pick) => {
  const limit = TEXT_LIMITS[name]
  const within = read(path, 'x'.repeat(limit))
  expect(pick(within.report)).toHaveLength(limit)
  expect(within.codes).not.toContain('text-too-long')
  const beyond = read(path, 'x'.repeat(limit + 1))
  expect(pick(beyond.report)).toBe(pick(within.report))
  expect(beyond.codes).toContain('text-too-long')
})

it('a character of two halves is not cut in the middle', () => {
  const { report } = read(['organization-name'], 'x'.repeat(TEXT_LIMITS.organizationName - 1).concat('😀'))
  expect(report?.organizationName).toBe('x'.repeat(TEXT_LIMITS.organizationName - 1))
})

it.each<['mxHosts' | 'policyLines', Path, (report?: TlsReport) => readonly string[] | undefined]>([
  ['mxHosts', [...POLICY, 'mx-host'], (report) => report?.policies[0]?.mxHostPatterns],
  ['policyLines', [...POLICY, 'policy-string'], (report) => report?.policies[0]?.policyString],
])('%s: the limit is kept whole, more is cut and noted', (name, path, pick) => {
  const list = (length: number) => Array<string>(length).fill('a.example')
  const limit = REPORT_LIMITS[name]
  const within = read(path, list(limit))
  expect(pick(within.report)).toHaveLength(limit)
  expect(within.codes).toEqual([])
  const beyond = read(path, list(limit + 1))
  expect(pick(beyond.report)).toHaveLength(limit)
  expect(beyond.codes).toEqual(['list-too-long'])
})
