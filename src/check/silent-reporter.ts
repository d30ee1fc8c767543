import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import type { ReportWindow } from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Facts } from './facts.ts'
import { isKnownReporter } from './known-senders.ts'
import { dayEnd } from './reported-days.ts'
import { isLive } from './reported-life.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const CODE: FindingCode = 'tlsrpt.reporter.silent'
export const MISSING_DAYS = 3
export const USUAL_DAYS = 14
/** Of the days from the first to the last report: 29 of 30. */
export const USUAL_SHARE = 0.93
/** RFC 8460 §4.1: sent after the day ends; and tried again for a day. */
const DUE_MS = DAY_MS
const MAILBOX_MS = DAY_MS
const OTHERS_MS = 2 * DAY_MS

/** A sender that reported every day and no longer does (reliability §12.3). Its next report ends it, or a month without any. */
export function checkSilentReporters(facts: Facts): Verdict {
  const byReporter = Map.groupBy(facts.reports.policies, ({ reporter }) => reporter)
  return together(
    [...byReporter].map(([reporter, policies]) => {
      const days = [...new Set(policies.map(({ dayAt }) => dayAt))].toSorted((one, other) => one - other)
      return judgeReporter(reporter, days, facts)
    }),
  )
}

function judgeReporter(reporter: DomainName, days: readonly UnixMs[], facts: Facts): Verdict {
  const { reports, snapshot, now } = facts
  const { domain, takenAt } = snapshot
  const [firstDayAt = 0] = days
  const lastDayAt = days.at(-1) ?? 0
  const missing = Math.floor((now - DUE_MS - dayEnd(lastDayAt)) / DAY_MS)
  if (missing < MISSING_DAYS || !isKnownReporter(reporter, reports.reporters.get(reporter))) return CLEAR
  if (!isArriving(reporter, reports, now)) {
    return undecided([CODE], domain, reporter, moot('no mailbox was read lately'))
  }
  const ofDays = Math.round((lastDayAt - firstDayAt) / DAY_MS) + 1
  const isUsual = ofDays >= USUAL_DAYS && days.length >= ofDays * USUAL_SHARE
  if (!isUsual) {
    // What is forgotten day by day must not look as if it had been mended.
    return isLive(facts, CODE, reporter)
      ? undecided([CODE], domain, reporter, moot('its next report will tell'))
      : CLEAR
  }
  return found(CODE, { domain, subject: reporter, at: takenAt }, 'info', {
    reporter,
    lastDayAt,
    days: days.length,
    ofDays,
  })
}

/** Do reports reach us at all? */
function isArriving(reporter: DomainName, { policies, mailboxReadAt }: ReportWindow, now: UnixMs): boolean {
  if (mailboxReadAt !== null && now - mailboxReadAt <= MAILBOX_MS) return true
  return policies.some((other) => other.reporter !== reporter && now - other.receivedAt <= OTHERS_MS)
}
