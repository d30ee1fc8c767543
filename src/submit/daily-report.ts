import { canonicalJson } from '../lib/canonical-json.ts'
import { DAY_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { CountedSession, SessionFailure, SessionPolicy } from '../model/probe-session.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { MailAddress } from '../protocol/mail-address.ts'
import type { FailureDetail, PolicyResult, TlsReport } from '../protocol/tlsrpt/report.ts'
import { REPORT_LIMITS, TEXT_LIMITS } from '../protocol/tlsrpt/report-limits.ts'

/** Who reports: its domain is that of the contact (RFC 8460 §5.3). */
export interface ReportAuthor {
  readonly organizationName: string
  readonly contact: MailAddress
}

/** A day of a domain. */
export interface ReportDay {
  readonly domain: DomainName
  /** Midnight UTC. */
  readonly dayAt: UnixMs
}

/**
 * The report about one UTC day (RFC 8460 §4), one entry a policy that sessions were held against; null when there was no
 * session. The same sessions give the same report.
 */
export function dailyReport(
  sessions: readonly CountedSession[],
  { dayAt }: ReportDay,
  author: ReportAuthor,
  reportId: string,
): TlsReport | null {
  if (sessions.length === 0) return null
  const byPolicy = Map.groupBy(sessions, ({ policy }) => canonicalJson(policy))
  return {
    organizationName: author.organizationName,
    startAt: dayAt,
    // RFC 8460 §4.1: the whole day; its last second, as most senders write it.
    endAt: dayAt + DAY_MS - SECOND_MS,
    contactInfo: author.contact,
    reportId,
    policies: [...byPolicy.values()].slice(0, REPORT_LIMITS.policies).flatMap(policyResult),
  }
}

function policyResult(sessions: readonly CountedSession[]): readonly PolicyResult[] {
  const [first] = sessions
  if (first === undefined) return []
  const failed = sessions.filter(({ failures }) => failures.length > 0)
  return [
    {
      ...applied(first.policy),
      successfulSessions: total(sessions.filter(({ failures }) => failures.length === 0)),
      failedSessions: total(failed),
      failureDetails: details(failed),
    },
  ]
}

function applied(policy: SessionPolicy) {
  return {
    policyType: policy.policyType,
    policyString: policy.policyString
      .flatMap((line) => (policy.policyType === 'sts' ? policyLines(line) : line))
      .filter((line) => line !== '')
      .slice(0, REPORT_LIMITS.policyLines)
      .map((line) => cut(line, TEXT_LIMITS.policyLine)),
    policyDomain: policy.policyDomain,
    mxHostPatterns: policy.mxHostPatterns.slice(0, REPORT_LIMITS.mxHosts),
  }
}

/**
 * A line as declared (RFC 8460 §4.5), so that a reader finds one line in it. Whoever writes the policy writes these: a lone
 * CR ends a line for many, and a list in a line is what some senders make of TLSA records; a blank before it keeps it whole.
 */
function policyLines(line: string): readonly string[] {
  return line
    .split('\r')
    .map((one) => (/^(?:\[|\d{1,3} \d{1,3} \d{1,3} [0-9a-f]*;)/i.test(one) ? ` ${one}` : one))
}

/** Never inside a character: what is no Unicode cannot be sent (RFC 7493 §2.1). */
function cut(text: string, most: number): string {
  return text
    .toWellFormed()
    .slice(0, most)
    .replace(/[\ud800-\udbff]$/, '')
}

/** A session may stand in several: types are not exclusive (RFC 8460 §4). */
function details(failed: readonly CountedSession[]): readonly FailureDetail[] {
  const each = failed.flatMap(({ failures, sessions }) => failures.map((failure) => ({ failure, sessions })))
  const alike = Map.groupBy(each, ({ failure }) => canonicalJson(failure))
  return [...alike.values()].flatMap((same) => {
    const [first] = same
    return first === undefined ? [] : [detail(first.failure, total(same))]
  })
}

function detail(failure: SessionFailure, failedSessions: number): FailureDetail {
  return {
    resultType: failure.resultType,
    sendingMtaIp: failure.sendingMtaIp,
    receivingMxHostname: failure.receivingMxHostname,
    receivingMxHelo: null,
    receivingIp: failure.receivingIp,
    failedSessions,
    additionalInformation: null,
    failureReasonCode: cut(failure.reasonCode ?? '', TEXT_LIMITS.failureReasonCode) || null,
  }
}

function total(counted: readonly { readonly sessions: number }[]): number {
  return counted.reduce((sum, { sessions }) => sum + sessions, 0)
}
