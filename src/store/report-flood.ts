import { DAY_MS } from '../lib/time.ts'
import type { Sql } from './database.ts'
import { type ReportPlace, senderOf } from './report-rows.ts'
import type { NewReport } from './report-store.ts'
import { dayOf } from './reporters.ts'

/** S22: so many reports of one signer are kept for one UTC day of arrival; the rest is counted. */
export const FLOOD_LIMITS = {
  reports: 200,
  reportsPerDomain: 50,
  /** Of one report, ever: the first and its conflicts. */
  versions: 10,
} as const

/** The reason of a mail whose reports were refused for it. */
export const TOO_MANY = 'too-many-from-signer'

/**
 * True when the reports read before this one use up its sender's day, or that of a domain it is about. A name that is only
 * claimed has a day of its own, so that nobody uses up another's. What the operator imports is neither limited nor counted.
 */
export async function isFlood(sql: Sql, report: NewReport, place: ReportPlace): Promise<boolean> {
  if (report.source.via === 'file') return false
  const { reports } = await reportsOfDay(sql, report, place)
    .select((row) => row.fn.countAll<number>().as('reports'))
    .executeTakeFirstOrThrow()
  if (reports >= FLOOD_LIMITS.reports) return true
  // Not worth asking: fewer reports in all than one domain may have.
  if (reports < FLOOD_LIMITS.reportsPerDomain) return false
  const perDomain = await sql
    .selectFrom('report_policy')
    .select('domain')
    .where('report', 'in', reportsOfDay(sql, report, place).select('number'))
    .where('domain', 'is not', null)
    .groupBy('domain')
    .having((row) => row.fn.count('report').distinct(), '>=', FLOOD_LIMITS.reportsPerDomain)
    .execute()
  const full = new Set(perDomain.map(({ domain }) => domain))
  return report.attributions.some(({ domain }) => full.has(domain))
}

function reportsOfDay(sql: Sql, report: NewReport, place: ReportPlace) {
  const day = dayOf(report.receivedAt)
  const { sender, signed } = senderOf(report.authenticity)
  return sql
    .selectFrom('report')
    .where('sender', '=', sender)
    .where('received_at', '>=', day)
    .where('received_at', '<', day + DAY_MS)
    .where('signed', '=', signed)
    .where('imported', '=', 0)
    .where('mail', '<=', place.mail)
}
