import { display } from '../lib/display.ts'
import type { UnixMs } from '../lib/time.ts'
import type { ReportedFailure } from '../model/report-window.ts'
import { dayText } from './text-time.ts'

/** What senders report, in words. */

const MOST_REPORTERS = 3

/** "Senders report it too: google.com 12 of 340 sessions on 2026-11-25 (certificate-expired)." */
export function reportedToo(reported: readonly ReportedFailure[]): string {
  return `Senders report it too: ${reported.slice(0, MOST_REPORTERS).map(whoAndHowMany).join('; ')}.`
}

/** "google.com 12 of 340 sessions, microsoft.com 3 of 9 on 2026-11-25 (certificate-expired)" */
export function whoAndHowMany(failure: ReportedFailure): string {
  const shown = failure.reporters.slice(0, MOST_REPORTERS).map(({ reporter, known, ...counts }, index) => {
    const numbers = `${counts.failedSessions} of ${counts.ofSessions}${index === 0 ? ' sessions' : ''}`
    return `${display(reporter)}${known ? '' : ' (a new reporter)'} ${numbers}`
  })
  const rest = failure.reporters.length - MOST_REPORTERS
  const more = rest > 0 ? ` and ${rest} more` : ''
  return `${shown.join(', ')}${more} ${daysText(failure)} (${typeText(failure.resultType)})`
}

/** "on 2026-11-25", "from 2026-11-24 to 2026-11-25": days of reports are UTC days. */
export function daysText({
  firstDayAt,
  lastDayAt,
}: {
  readonly firstDayAt: UnixMs
  readonly lastDayAt: UnixMs
}): string {
  const last = reportDay(lastDayAt)
  return firstDayAt === lastDayAt ? `on ${last}` : `from ${reportDay(firstDayAt)} to ${last}`
}

export function reportDay(at: UnixMs): string {
  return dayText(at, 'UTC')
}

export function typeText(resultType: string | null): string {
  return resultType === null ? 'no result type given' : display(resultType, 60)
}
