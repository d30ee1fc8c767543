import { judge } from '../../../src/check/judge.ts'
import type { WatchedDomain } from '../../../src/config/watch-config.ts'
import { DAY_MS, HOUR_MS, type UnixMs } from '../../../src/lib/time.ts'
import type { Judgement } from '../../../src/model/finding.ts'
import type { PolicyVersion } from '../../../src/model/policy-version.ts'
import type { ReportId } from '../../../src/model/received-report.ts'
import {
  NO_REPORTS,
  type OwnSighting,
  type ReportedPolicy,
  type ReporterHistory,
  type ReportWindow,
} from '../../../src/model/report-window.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { FailureDetail } from '../../../src/protocol/tlsrpt/report.ts'
import { context, healthy, MX2, NOW, watched } from './snapshot-builder.ts'

/** Windows of reports for tests. */

export const GOOGLE = 'google.com' as DomainName
export const MICROSOFT = 'microsoft.com' as DomainName
export const STRANGER = 'stranger.example' as DomainName

/** Midnight of so many days before the day of NOW: 1 is yesterday, the newest day that can be reported. */
export function daysAgo(days: number, now: UnixMs = NOW): UnixMs {
  return Math.floor(now / DAY_MS) * DAY_MS - days * DAY_MS
}

export interface Said {
  readonly reporter?: DomainName
  readonly dayAt?: UnixMs
  readonly receivedAt?: UnixMs
  readonly failed?: number
  readonly of?: number
  readonly resultType?: string | null
  readonly mx?: string | null
  readonly policyType?: string
  readonly policyString?: readonly string[]
  readonly detail?: Partial<FailureDetail>
}

/** One policy of one report: of 1,000 sessions with yesterday's mx2 so many failed, arrived at four in the morning. */
export function said(edit: Said = {}): ReportedPolicy {
  const { reporter = GOOGLE, dayAt = daysAgo(1), failed = 0, of = 1_000 } = edit
  const { resultType = 'certificate-expired', mx = MX2, policyType = 'sts', policyString = [] } = edit
  const detail: FailureDetail = {
    resultType,
    sendingMtaIp: '192.0.2.200',
    receivingMxHostname: mx,
    receivingMxHelo: null,
    receivingIp: null,
    failedSessions: failed,
    additionalInformation: null,
    failureReasonCode: null,
    ...edit.detail,
  }
  return {
    report: `rep_${reporter}_${dayAt}` as ReportId,
    reporter,
    organization: `${reporter} Inc.`,
    dayAt,
    receivedAt: edit.receivedAt ?? dayAt + DAY_MS + 4 * HOUR_MS,
    mx: null,
    policy: {
      policyType,
      policyString,
      policyDomain: null,
      mxHostPatterns: [],
      successfulSessions: of - failed,
      failedSessions: failed,
      failureDetails: failed === 0 ? [] : [detail],
    },
  }
}

export function history(reporter: DomainName, days: number, spanDays: number = days): ReporterHistory {
  return { reporter, days, firstDayAt: daysAgo(spanDays + 1), lastDayAt: daysAgo(1) }
}

export function reportWindow(
  policies: readonly ReportedPolicy[],
  edit: Partial<ReportWindow> = {},
): ReportWindow {
  const sorted = policies.toSorted(
    (one, other) => one.dayAt - other.dayAt || one.receivedAt - other.receivedAt,
  )
  return { ...NO_REPORTS, policies: sorted, firstLookAt: daysAgo(60), mailboxReadAt: NOW - HOUR_MS, ...edit }
}

/** An incident of ours on mx2, by default one that was seen two days ago and lasts. */
export function sighting(edit: Partial<OwnSighting> = {}): OwnSighting {
  return { code: 'mx.certificate.expired', subject: MX2, firstSeenAt: daysAgo(2), endedAt: null, ...edit }
}

export function judgeReports(
  reports: ReportWindow,
  edit: {
    readonly snapshot?: Snapshot
    readonly domain?: Partial<WatchedDomain>
    readonly now?: UnixMs
    readonly versions?: readonly PolicyVersion[]
  } = {},
): Judgement {
  const now = edit.now ?? NOW
  const snapshot = edit.snapshot ?? healthy({ takenAt: now })
  return judge(snapshot, watched(edit.domain), context({ reports, now, versions: edit.versions ?? [] }))
}

/** `severity code subject` of what rests on reports alone. */
export function toldOfReports({ findings }: Judgement): readonly string[] {
  return findings
    .filter(({ code }) => code.startsWith('tlsrpt.report'))
    .map(({ severity, code, subject }) => `${severity} ${code} ${subject}`)
}
