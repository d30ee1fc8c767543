import { DAY_MS } from '../lib/time.ts'
import type { Sql } from './database.ts'
import { crowdOf, type ReportPlace, senderOf } from './report-rows.ts'
import type { NewReport } from './report-store.ts'
import { dayOf, hasReportedOnDays } from './reporters.ts'

/** S22: so many reports of one signer are kept for one UTC day of arrival; the rest is counted. */
export const FLOOD_LIMITS = {
  /** Of a sender that is new. One that is known sends a report for each domain, and there may be thousands. */
  reports: 200,
  reportsPerDomain: 50,
  /** Of one report, ever: the first and its conflicts. */
  versions: 10,
} as const

/** From this many days of reports on a sender is no stranger (S20). */
const FAMILIAR_DAYS = 3

/** The reason of a mail whose reports were refused for it. */
export const TOO_MANY = 'too-many-from-signer'

/**
 * True when the reports read before this one use up its sender's day, or that of a domain it is about. A name that is only
 * claimed has a day of its own, so that nobody uses up another's. What the operator imports is neither limited nor counted.
 */
export async function isFlood(sql: Sql, report: NewReport, place: ReportPlace): Promise<boolean> {
  const crowd = crowdOf(report)
  if (crowd === null) return false
  const reports = await countOfDay(sql, report, place)
  if (reports >= FLOOD_LIMITS.reports && !(await mayBeMany(sql, report))) return true
  // Not worth asking: fewer reports in all than one domain may have.
  if (reports < FLOOD_LIMITS.reportsPerDomain) return false
  const domains = [...new Set(report.attributions.flatMap(({ domain }) => domain ?? []))]
  const full = await sql
    .selectFrom('report_policy')
    .innerJoin('report', 'report.number', 'report_policy.report')
    .select('report_policy.domain')
    .where('report_policy.crowd', '=', crowd)
    .where('report_policy.domain', 'in', domains)
    .where('report.mail', '<=', place.mail)
    .groupBy('report_policy.domain')
    .having((row) => row.fn.count('report_policy.report').distinct(), '>=', FLOOD_LIMITS.reportsPerDomain)
    .limit(1)
    .execute()
  return full.length > 0
}

async function mayBeMany(sql: Sql, { authenticity, isOfLargeSender }: NewReport): Promise<boolean> {
  if (authenticity.trust === 'unverified') return false
  return isOfLargeSender || (await hasReportedOnDays(sql, authenticity.signer, FAMILIAR_DAYS))
}

/** How many there are, as far as it matters. */
async function countOfDay(sql: Sql, report: NewReport, place: ReportPlace): Promise<number> {
  const day = dayOf(report.receivedAt)
  const { sender, signed } = senderOf(report.authenticity)
  const { reports } = await sql
    .selectFrom((outer) =>
      outer
        .selectFrom('report')
        .select('number')
        .where('sender', '=', sender)
        .where('received_at', '>=', day)
        .where('received_at', '<', day + DAY_MS)
        .where('signed', '=', signed)
        .where('imported', '=', 0)
        .where('mail', '<=', place.mail)
        .limit(FLOOD_LIMITS.reports)
        .as('some'),
    )
    .select((row) => row.fn.countAll<number>().as('reports'))
    .executeTakeFirstOrThrow()
  return reports
}
