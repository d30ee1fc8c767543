import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type {
  FailureLine,
  ReportedSessions,
  SenderLine,
  SummaryPeriod,
  UsualSessions,
} from '../model/weekly-summary.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { addCounts } from '../protocol/tlsrpt/report-fields.ts'
import { listed } from './listed.ts'
import type { ReportedTally } from './summary-input.ts'

/** What a period is held against. */
export const DAYS_BEFORE = 28
/** Fewer days tell no habit. */
const ENOUGH_DAYS = 7
const SENDERS_MAX = 8
const FAILURES_MAX = 6

type Count = ReportedTally['days'][number]

/** Sessions by sender against what was usual; null when nobody reported at all. */
export function reportedSessions(
  { days, failures }: ReportedTally,
  { firstDayAt, endDayAt }: SummaryPeriod,
): ReportedSessions | null {
  const since = firstDayAt - DAYS_BEFORE * DAY_MS
  const counts = days.filter(({ dayAt }) => dayAt >= since && dayAt < endDayAt)
  if (counts.length === 0) return null
  const within = counts.filter(({ dayAt }) => dayAt >= firstDayAt)
  const earlier = counts.filter(({ dayAt }) => dayAt < firstDayAt)
  const span: Span = { firstDayAt, periodDays: (endDayAt - firstDayAt) / DAY_MS }
  return {
    days: dayByDay(counts, since, { firstDayAt, endDayAt }),
    ...sum(within),
    reporters: new Set(within.filter(({ sessions }) => sessions > 0).map(({ reporter }) => reporter)).size,
    before: usual(earlier, span),
    senders: listed(senderLines(within, earlier, failures, span), SENDERS_MAX),
    failures: listed(byType(failures), FAILURES_MAX),
  }
}

interface Span {
  readonly firstDayAt: UnixMs
  readonly periodDays: number
}

function dayByDay(
  counts: readonly Count[],
  since: UnixMs,
  { firstDayAt, endDayAt }: Pick<SummaryPeriod, 'firstDayAt' | 'endDayAt'>,
): ReportedSessions['days'] {
  const byDay = Map.groupBy(counts, ({ dayAt }) => dayAt)
  const length = Math.round((endDayAt - since) / DAY_MS)
  return Array.from({ length }, (_, index) => {
    const dayAt = since + index * DAY_MS
    return { dayAt, ...sum(byDay.get(dayAt) ?? []), inPeriod: dayAt >= firstDayAt }
  })
}

/** Of a time as long as the period, from the first day that was reported on; null when that is too short a while. */
function usual(earlier: readonly Count[], { firstDayAt, periodDays }: Span): UsualSessions | null {
  const first = earlier.reduce((least, { dayAt }) => Math.min(least, dayAt), firstDayAt)
  const days = (firstDayAt - first) / DAY_MS
  if (days < ENOUGH_DAYS) return null
  const { sessions, failedSessions } = sum(earlier)
  const share = periodDays / days
  return { sessions: Math.round(sessions * share), failedSessions: Math.round(failedSessions * share) }
}

/** Also those that reported before and fell silent: a sender with nothing to say is worth a line. */
function senderLines(
  within: readonly Count[],
  earlier: readonly Count[],
  failures: ReportedTally['failures'],
  span: Span,
): readonly SenderLine[] {
  const now = Map.groupBy(within, ({ reporter }) => reporter)
  const before = Map.groupBy(earlier, ({ reporter }) => reporter)
  const own = Map.groupBy(failures, ({ reporter }) => reporter)
  const reporters = [...new Set<DomainName>([...now.keys(), ...before.keys()])]
  return reporters
    .map((reporter) => ({
      reporter,
      ...sum(now.get(reporter) ?? []),
      before: usual(before.get(reporter) ?? [], span),
      failures: byType(own.get(reporter) ?? []).slice(0, FAILURES_MAX),
    }))
    .filter((line) => line.sessions > 0 || line.before !== null)
    .sort(
      (a, b) =>
        b.sessions - a.sessions ||
        (b.before?.sessions ?? 0) - (a.before?.sessions ?? 0) ||
        (a.reporter < b.reporter ? -1 : 1),
    )
}

function byType(failures: readonly FailureLine[]): readonly FailureLine[] {
  return [...Map.groupBy(failures, ({ resultType }) => resultType)]
    .map(([resultType, same]) => ({ resultType, sessions: addCounts(same.map(({ sessions }) => sessions)) }))
    .sort((a, b) => b.sessions - a.sessions)
}

function sum(counts: readonly Pick<Count, 'sessions' | 'failedSessions'>[]): UsualSessions {
  return {
    sessions: addCounts(counts.map(({ sessions }) => sessions)),
    failedSessions: addCounts(counts.map(({ failedSessions }) => failedSessions)),
  }
}
