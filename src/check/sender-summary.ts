import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { ReportedPolicy, ReporterHistory } from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { addCounts } from '../protocol/tlsrpt/report-fields.ts'
import { isKnownReporter } from './known-senders.ts'
import { sessionCounts } from './session-counts.ts'

/** What one sender told us about all watched domains. */
export interface SenderSummary {
  readonly reporter: DomainName
  /** Its own name for itself, untrusted; null: none given. */
  readonly organization: string | null
  readonly known: boolean
  /** UTC days that its reports are about. */
  readonly days: number
  readonly reports: number
  readonly domains: number
  readonly successfulSessions: number
  readonly failedSessions: number
  /** Sessions by result type, as the details say; the most frequent first. Types may overlap (RFC 8460 §4). */
  readonly failures: readonly { readonly resultType: string | null; readonly sessions: number }[]
  readonly lastDayAt: UnixMs
  readonly lastReceivedAt: UnixMs
  /** Arrivals of reports that came within three days of the day they are about: imports of old ones tell no habit. */
  readonly arrivals: readonly UnixMs[]
}

export type DomainPolicy = ReportedPolicy & { readonly domain: DomainName | null }

const PROMPT_MS = 4 * DAY_MS

/** One summary a reporter, the one with most sessions first. */
export function summarizeSenders(
  policies: readonly DomainPolicy[],
  histories: ReadonlyMap<DomainName, ReporterHistory>,
): readonly SenderSummary[] {
  return [...Map.groupBy(policies, ({ reporter }) => reporter)]
    .map(([reporter, own]) => summarize(reporter, own, isKnownReporter(reporter, histories.get(reporter))))
    .sort((a, b) => sessions(b) - sessions(a) || (a.reporter < b.reporter ? -1 : 1))
}

function sessions({ successfulSessions, failedSessions }: SenderSummary): number {
  return successfulSessions + failedSessions
}

function summarize(reporter: DomainName, own: readonly DomainPolicy[], known: boolean): SenderSummary {
  // A host that several watched domains share stands for itself.
  const domains = Map.groupBy(own, ({ domain, mx }) => domain ?? mx)
  const counts = [...domains.values()].flatMap((ofDomain) => sessionCounts(ofDomain))
  const reports = new Map(own.map(({ report, dayAt, receivedAt }) => [report, { dayAt, receivedAt }]))
  return {
    reporter,
    organization: own.findLast(({ organization }) => organization !== null)?.organization ?? null,
    known,
    days: new Set(own.map(({ dayAt }) => dayAt)).size,
    reports: reports.size,
    domains: domains.size,
    successfulSessions: addCounts(counts.map(({ successfulSessions }) => successfulSessions)),
    failedSessions: addCounts(counts.map(({ failedSessions }) => failedSessions)),
    failures: failuresByType(own),
    lastDayAt: own.reduce((last, { dayAt }) => Math.max(last, dayAt), 0),
    lastReceivedAt: own.reduce((last, { receivedAt }) => Math.max(last, receivedAt), 0),
    arrivals: [...reports.values()]
      .filter(({ dayAt, receivedAt }) => receivedAt - dayAt <= PROMPT_MS)
      .map(({ receivedAt }) => receivedAt),
  }
}

function failuresByType(own: readonly DomainPolicy[]): SenderSummary['failures'] {
  const details = own.flatMap(({ policy }) => policy.failureDetails)
  return [...Map.groupBy(details, ({ resultType }) => resultType)]
    .map(([resultType, same]) => ({
      resultType,
      sessions: addCounts(same.map(({ failedSessions }) => failedSessions)),
    }))
    .sort((a, b) => b.sessions - a.sessions)
}
