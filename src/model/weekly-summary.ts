import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Severity } from './finding.ts'
import type { IncidentId } from './incident.ts'
import type { MailAtRisk } from './mail-at-risk.ts'
import type { MailClass } from './received-report.ts'
import type { SightProtocol } from './vantage.ts'

/**
 * What happened in a stretch of time, how things stand at its end, and what comes. Facts; the only sentences are the titles
 * of findings and changes, which may hold untrusted text. Lists are cut, with the number of what they stand for, but for
 * `domains`.
 */
export interface WeeklySummary {
  readonly period: SummaryPeriod
  /** When it was put together; what stands, stands now. */
  readonly at: UnixMs
  /** IANA zone of the texts. */
  readonly timezone: string
  /** Every watched domain: those that need hands first, the worst before the others, then by name. */
  readonly domains: readonly DomainState[]
  readonly incidents: IncidentsOfPeriod
  readonly changes: ChangesOfPeriod
  /** What ends within the next 30 days unless somebody acts, the soonest first. */
  readonly due: Listed<DueItem>
  /** The certificates that end next, due or not, the soonest first. */
  readonly certificates: Listed<CertificateEnd>
  /** Null: no report counts, neither in the period nor in the four weeks before. */
  readonly reports: ReportedSessions | null
  /** Mails and files of the period by what became of them. */
  readonly mails: Readonly<Record<MailClass, number>>
  readonly monitor: MonitorRecord
}

/** A stretch of time between two local midnights. */
export interface SummaryPeriod {
  readonly kind: 'day' | 'week' | 'month' | 'days'
  /** `2026-11-23`, `2026-W47`, `2026-11`, or `2026-11-20/2026-11-22`: the same for the same days, whoever asks. */
  readonly name: string
  readonly startAt: UnixMs
  readonly endAt: UnixMs
  /** Midnight UTC of the first of its dates, and of the first date after it: what is counted by UTC days. */
  readonly firstDayAt: UnixMs
  readonly endDayAt: UnixMs
}

/** A list that was cut: how many there are, and the first of them. */
export interface Listed<T> {
  readonly total: number
  readonly first: readonly T[]
}

export interface DomainState {
  readonly domain: DomainName
  /** The worst incident that is open; `undecided`: we could not find out; `unseen`: not looked at yet. */
  readonly state: Severity | 'well' | 'undecided' | 'unseen'
  /** Is there anything to do: an open warning or worse, or something that ends soon? */
  readonly needsHands: boolean
  readonly openIncidents: number
  /** Title of the worst open one; null: none is open. */
  readonly problem: string | null
  /** Since when that is open. */
  readonly since: UnixMs | null
  /** Of the newest policy that was seen and that senders may still hold; null: none. */
  readonly policyMode: 'enforce' | 'testing' | 'none' | null
  /** The certificate of the domain's hosts that ends first; null: none was seen in the last look. */
  readonly certificate: { readonly host: string; readonly endsAt: UnixMs } | null
  /** As reported, in the period. */
  readonly sessions: number
  readonly failedSessions: number
  /** How much of the reported mail rests on what is open or due, the largest share; null: none, or not told. */
  readonly atRisk: MailAtRisk | null
  readonly looks: number
  /** Looks that left something open. */
  readonly undecidedLooks: number
  readonly lastLookAt: UnixMs | null
}

/** Incidents of domains, those with the same words as one. */
export interface IncidentsOfPeriod {
  /** Counted by incident. */
  readonly opened: number
  readonly resolved: number
  readonly open: number
  /** The worst, then those of the most domains, then the oldest first. */
  readonly stillOpen: Listed<IncidentGroup>
  /** Ended in the period, the newest first. */
  readonly ended: Listed<IncidentGroup>
}

export interface IncidentGroup {
  readonly id: IncidentId
  readonly title: string
  readonly severity: Severity
  readonly domains: Listed<DomainName>
  readonly openedAt: UnixMs
  /** Null while it lasts. */
  readonly resolvedAt: UnixMs | null
  /** How much of the reported mail rested on it when it was last told; null: reports do not tell. */
  readonly atRisk: MailAtRisk | null
}

export interface ChangesOfPeriod {
  readonly notable: Listed<ChangeGroup>
  /** Ordinary ones, such as a renewed certificate. */
  readonly others: number
}

/** The same change, at whichever domains. */
export interface ChangeGroup {
  readonly at: UnixMs
  readonly summary: string
  readonly domains: Listed<DomainName>
}

export type DueItem =
  | (CertificateEnd & { readonly kind: 'certificate' })
  /** The policy is not to be had any more; senders go on with copies until then (RFC 8461 §5.1). */
  | { readonly kind: 'cached-policy'; readonly endsAt: UnixMs; readonly domains: Listed<DomainName> }

export interface CertificateEnd {
  readonly host: string
  readonly role: 'mx' | 'policy-host'
  readonly endsAt: UnixMs
  /** In the last quarter of its life and within 30 days, when an automatic renewal would have come. */
  readonly isDue: boolean
  /** The host has TLSA records: a new key must be announced before it is used. */
  readonly hasTlsa: boolean
  readonly domains: Listed<DomainName>
  /** How much of the reported mail rests on it; null: none, it is not due, or reports do not tell. */
  readonly atRisk: MailAtRisk | null
}

export interface ReportedSessions {
  /** Each UTC day, from four weeks before the period to its end; days without a report have zeros. */
  readonly days: readonly SessionDay[]
  readonly sessions: number
  readonly failedSessions: number
  /** Senders that reported a session. */
  readonly reporters: number
  /** What was usual: the four weeks before, as far as there were reports; null: fewer than seven days of them. */
  readonly before: UsualSessions | null
  /** Most sessions first. */
  readonly senders: Listed<SenderLine>
  /** By result type, over all senders, most sessions first. Types may overlap (RFC 8460 §4). */
  readonly failures: Listed<FailureLine>
}

export interface SessionDay {
  readonly dayAt: UnixMs
  readonly sessions: number
  readonly failedSessions: number
  readonly inPeriod: boolean
}

/** Sessions in a time as long as the period. */
export interface UsualSessions {
  readonly sessions: number
  readonly failedSessions: number
}

export interface SenderLine {
  readonly reporter: DomainName
  readonly sessions: number
  readonly failedSessions: number
  readonly before: UsualSessions | null
  readonly failures: readonly FailureLine[]
}

export interface FailureLine {
  /** A registered type, or what the sender wrote; null: not given. */
  readonly resultType: string | null
  readonly sessions: number
}

/** Our own TLS reports to others by what became of them. */
export interface OwnReportCounts {
  readonly sent: number
  /** Still on their way. */
  readonly waiting: number
  readonly givenUp: number
  readonly leftOut: number
}

/** How well the monitor itself saw. */
export interface MonitorRecord {
  /** Minutes of the period in which nothing could be seen over a protocol, by its own incidents. */
  readonly blind: readonly { readonly protocol: SightProtocol; readonly minutes: number }[]
  /** Times in which it did not run. */
  readonly down: Listed<{ readonly fromAt: UnixMs; readonly untilAt: UnixMs }>
  readonly downMinutes: number
  readonly looks: number
  readonly undecidedLooks: number
  /** The domains that looks told least about. */
  readonly leastKnown: Listed<{
    readonly domain: DomainName
    readonly looks: number
    readonly undecided: number
  }>
  /** Messages that their channel did not take. */
  readonly undelivered: { readonly givenUp: number; readonly waiting: number }
  /** TLS reports to ourselves, and how many of them got there. */
  readonly canaries: { readonly sent: number; readonly arrived: number }
  readonly ownReports: OwnReportCounts
  readonly openTrouble: Listed<IncidentGroup>
  readonly endedTrouble: number
}
