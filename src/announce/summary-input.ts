import type { UnixMs } from '../lib/time.ts'
import type { Change } from '../model/change.ts'
import type { Incident } from '../model/incident.ts'
import type { MailAtRisk } from '../model/mail-at-risk.ts'
import type { MailClass } from '../model/received-report.ts'
import type { FailureLine, MonitorRecord, SummaryPeriod } from '../model/weekly-summary.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/** What a summary is made of, as plain facts of one instant. */
export interface SummaryInput {
  readonly period: SummaryPeriod
  readonly at: UnixMs
  readonly timezone: string
  /** Every watched domain, each once. */
  readonly domains: readonly DomainName[]
  /** Confirmed ones that are open, or ended at or after the period's start; domain null: the monitor's own. */
  readonly incidents: readonly Incident[]
  /** Of the period, oldest first. */
  readonly changes: readonly Change[]
  readonly looks: ReadonlyMap<DomainName, LookRecord>
  /** One entry a domain and host as the last look saw it; of several addresses the certificate that ends first. */
  readonly certificates: readonly SeenCertificate[]
  /** How much of the reported mail rests on the certificate of an MX host that is due, by host. */
  readonly atRisk: ReadonlyMap<string, MailAtRisk>
  readonly policies: ReadonlyMap<DomainName, SeenPolicy>
  readonly reported: ReportedTally
  readonly mails: Readonly<Record<MailClass, number>>
  readonly down: readonly { readonly fromAt: UnixMs; readonly untilAt: UnixMs }[]
  readonly undelivered: MonitorRecord['undelivered']
  readonly canaries: MonitorRecord['canaries']
  readonly ownReports: MonitorRecord['ownReports']
}

export interface LookRecord {
  /** In the period. */
  readonly looks: number
  readonly undecided: number
  /** Ever. */
  readonly lastLookAt: UnixMs
}

export interface SeenCertificate {
  readonly domain: DomainName
  readonly host: string
  readonly role: 'mx' | 'policy-host'
  readonly notBeforeAt: UnixMs
  readonly notAfterAt: UnixMs
  readonly hasTlsa: boolean
}

/** The policy that was seen last. */
export interface SeenPolicy {
  readonly mode: 'enforce' | 'testing' | 'none'
  readonly horizonAt: UnixMs
}

/** What reports that count say, from four weeks before the period to its end, each session once. */
export interface ReportedTally {
  readonly days: readonly {
    readonly reporter: DomainName
    readonly dayAt: UnixMs
    readonly sessions: number
    readonly failedSessions: number
  }[]
  /** In the period. */
  readonly ofDomains: ReadonlyMap<DomainName, { readonly sessions: number; readonly failedSessions: number }>
  /** In the period, one entry a reporter and type. */
  readonly failures: readonly (FailureLine & { readonly reporter: DomainName })[]
}
