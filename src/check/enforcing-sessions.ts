import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { MailAtRisk } from '../model/mail-at-risk.ts'
import type { ReportedPolicy } from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { addCounts } from '../protocol/tlsrpt/report-fields.ts'
import { isPlausible } from './session-counts.ts'
import type { PolicyMode } from './severity.ts'

/** How many UTC days of reports a share is taken from, and what is too little to tell one. */
export const RISK_DAYS = 14
export const RISK_DAYS_MIN = 3
export const RISK_SESSIONS_MIN = 50
const REPORTERS_MAX = 3

/** The sessions of one reporter with one domain on one UTC day, and those among them that are at risk. */
export interface EnforcingCount {
  readonly reporter: DomainName
  readonly dayAt: UnixMs
  readonly sessions: number
  readonly atRisk: number
}

/**
 * Sessions per reporter and day, each counted once, and those that stand under a policy for which `isAtRisk` holds. Within a report
 * the policy types may tell the same sessions again (RFC 8460 §4), so that of several types the largest count stands for
 * all. `policies`: all of one domain, of reports that count.
 */
export function enforcingSessions(
  policies: readonly ReportedPolicy[],
  isAtRisk: (policy: ReportedPolicy) => boolean,
): readonly EnforcingCount[] {
  const days = Map.groupBy(policies.filter(isPlausible), ({ dayAt, reporter }) => `${dayAt} ${reporter}`)
  return [...days.values()].flatMap((own) => {
    const [first] = own
    if (first === undefined) return []
    const reports = [...Map.groupBy(own, ({ report }) => report).values()]
    const sessions = addCounts(reports.map((report) => largestType(report)))
    const atRisk = addCounts(reports.map((report) => largestType(report.filter(isAtRisk))))
    return [{ reporter: first.reporter, dayAt: first.dayAt, sessions, atRisk }]
  })
}

function largestType(policies: readonly ReportedPolicy[]): number {
  const types = Map.groupBy(policies, ({ policy }) => policy.policyType).values()
  const sums = [...types].map((same) =>
    addCounts(same.flatMap(({ policy }) => [policy.successfulSessions, policy.failedSessions])),
  )
  return Math.max(0, ...sums)
}

/** The first UTC day whose reports are asked for a share at that instant. */
export function riskSince(now: UnixMs): UnixMs {
  return now - (now % DAY_MS) - RISK_DAYS * DAY_MS
}

/** The share that these counts tell; null when nothing is at risk, or when they are too few to tell a share. */
export function shareAtRisk(
  counts: readonly EnforcingCount[],
  effect: MailAtRisk['effect'],
): MailAtRisk | null {
  const sessions = addCounts(counts.map((count) => count.sessions))
  const atRisk = addCounts(counts.map((count) => count.atRisk))
  const days = [...new Set(counts.map(({ dayAt }) => dayAt))]
  if (atRisk === 0 || sessions < RISK_SESSIONS_MIN || days.length < RISK_DAYS_MIN) return null
  const reporters = [...Map.groupBy(counts, ({ reporter }) => reporter)]
    .map(([reporter, own]) => ({ reporter, atRisk: addCounts(own.map((count) => count.atRisk)) }))
    .filter((one) => one.atRisk > 0)
    .sort((one, other) => other.atRisk - one.atRisk || (one.reporter < other.reporter ? -1 : 1))
  return {
    effect,
    sessions,
    atRisk,
    days: days.length,
    firstDayAt: Math.min(...days),
    lastDayAt: Math.max(...days),
    reporters: {
      total: reporters.length,
      first: reporters.slice(0, REPORTERS_MAX).map(({ reporter }) => reporter),
    },
  }
}

/** The mode of the MTA-STS policy that the sessions were under, as the sender states it; else the mode that is in force. */
export function appliedMode({ policy }: ReportedPolicy, inForce: PolicyMode | null): PolicyMode | null {
  if (policy.policyType !== 'sts') return null
  for (const line of policy.policyString) {
    const mode = MODE_LINE.exec(line)?.[1]
    if (mode !== undefined) return mode as PolicyMode
  }
  return inForce
}

// RFC 8461 §3.2: blanks may stand around the colon and at the end; one sender ends each line with a CR.
const MODE_LINE = /^mode[ \t]*:[ \t]*(enforce|testing|none)\s*$/
