import type { FailureDetail, PolicyResult, TlsReport } from './report.ts'
import { readTlsReports } from './report.ts'

/**
 * The JSON of a report by RFC 8460 §4.4, members without a value left out; reading it gives the same report again.
 * Throws a TypeError that names the codes when the report is not one that the RFC allows (no organization, an unknown
 * policy type …): what we send, our own reader takes without a single deviation.
 */
export function formatTlsReport(report: TlsReport): string {
  const text = JSON.stringify(reportMembers(report))
  const { outcome, deviations } = readTlsReports(text)
  if (outcome !== 'accept') {
    const codes = deviations.map(({ code, where }) => (where === '' ? code : `${code} at ${where}`))
    throw new TypeError(`not a report that RFC 8460 §4.4 allows: ${codes.join(', ')}`)
  }
  return text
}

/** The members of RFC 8460 §4.4, of any report that was read: null where a value is not known. */
export function reportMembers(report: TlsReport): object {
  return {
    'organization-name': report.organizationName,
    'date-range': {
      'start-datetime': formatInstant(report.startAt),
      'end-datetime': formatInstant(report.endAt),
    },
    'contact-info': report.contactInfo,
    'report-id': report.reportId,
    policies: report.policies.map(formatPolicy),
  }
}

function formatPolicy(policy: PolicyResult): object {
  return {
    policy: {
      'policy-type': policy.policyType,
      'policy-string': orAbsent(policy.policyString),
      'policy-domain': policy.policyDomain,
      'mx-host': orAbsent(policy.mxHostPatterns),
    },
    summary: {
      'total-successful-session-count': policy.successfulSessions,
      'total-failure-session-count': policy.failedSessions,
    },
    'failure-details': orAbsent(policy.failureDetails.map(formatDetail)),
  }
}

function formatDetail(detail: FailureDetail): object {
  return {
    'result-type': detail.resultType,
    'sending-mta-ip': detail.sendingMtaIp ?? undefined,
    'receiving-mx-hostname': detail.receivingMxHostname ?? undefined,
    'receiving-mx-helo': detail.receivingMxHelo ?? undefined,
    'receiving-ip': detail.receivingIp ?? undefined,
    'failed-session-count': detail.failedSessions,
    'additional-information': detail.additionalInformation ?? undefined,
    'failure-reason-code': detail.failureReasonCode ?? undefined,
  }
}

/** RFC 3339 §5.6 in UTC, without a fraction when there is none. */
function formatInstant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z')
}

function orAbsent<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list
}
