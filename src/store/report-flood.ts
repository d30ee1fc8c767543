import { DAY_MS } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'
import { membersOf, prepared } from './prepared.ts'
import { crowdOf, senderOf } from './report-rows.ts'
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

/** Counts the reports of one transaction, whose mails arrived before or with the mail `upTo`, on from those that are kept. */
export interface FloodWatch {
  /**
   * True when the reports read before this one use up its sender's day, or that of a domain it is about. A name that is only
   * claimed has a day of its own, so that nobody uses up another's. What the operator imports is neither limited nor counted.
   */
  isFlood(report: NewReport): Promise<boolean>
  /** One more is kept. */
  add(report: NewReport): void
}

/** The reports of one sender that arrived on one day, and how many of them are about a domain. */
interface CrowdCount {
  reports: number
  /** Null: there are not enough of them to fill a domain. */
  readonly domains: Map<string, number> | null
}

/** `reports`: those that are to be written, the only ones that may be asked about. */
export function watchFloods(sql: Sql, reports: readonly NewReport[], upTo: number): FloodWatch {
  const wanted = Map.groupBy(reports, crowdOf)
  const counts = new Map<string, CrowdCount>()

  async function countOf(crowd: string, report: NewReport): Promise<CrowdCount> {
    const known = counts.get(crowd)
    if (known !== undefined) return known
    const theirs = wanted.get(crowd) ?? []
    const kept = await countOfDay(sql, report, upTo)
    const mayFill = kept + theirs.length > FLOOD_LIMITS.reportsPerDomain
    const count = { reports: kept, domains: mayFill ? await countOfDomains(sql, crowd, theirs, upTo) : null }
    counts.set(crowd, count)
    return count
  }

  return {
    isFlood: async (report) => {
      const crowd = crowdOf(report)
      if (crowd === null) return false
      const { reports: kept, domains } = await countOf(crowd, report)
      if (kept >= FLOOD_LIMITS.reports && !(await mayBeMany(sql, report))) return true
      return domainsOf(report).some((domain) => (domains?.get(domain) ?? 0) >= FLOOD_LIMITS.reportsPerDomain)
    },
    add: (report) => {
      const count = counts.get(crowdOf(report) ?? '')
      if (count === undefined) return
      count.reports += 1
      for (const domain of domainsOf(report)) {
        count.domains?.set(domain, (count.domains.get(domain) ?? 0) + 1)
      }
    },
  }
}

/** Each once, however many policies of the report are about it. */
function domainsOf({ attributions }: NewReport): readonly DomainName[] {
  return [...new Set(attributions.flatMap(({ domain }) => domain ?? []))]
}

async function mayBeMany(sql: Sql, { authenticity, isOfLargeSender }: NewReport): Promise<boolean> {
  if (authenticity.trust === 'unverified') return false
  return isOfLargeSender || (await hasReportedOnDays(sql, authenticity.signer, FAMILIAR_DAYS))
}

async function countOfDomains(
  sql: Sql,
  crowd: string,
  reports: readonly NewReport[],
  upTo: number,
): Promise<Map<string, number>> {
  const domains = JSON.stringify([...new Set(reports.flatMap(domainsOf))])
  const rows = await keptOfDomains(sql, { crowd, domains, upTo })
  return new Map(rows.map(({ domain, reports: kept }) => [domain ?? '', kept]))
}

const keptOfDomains = prepared(
  (
    sql,
    { crowd, domains, upTo }: { readonly crowd: string; readonly domains: string; readonly upTo: number },
  ) =>
    sql
      .selectFrom('report_policy')
      .innerJoin('report', 'report.number', 'report_policy.report')
      .select((row) => [
        'report_policy.domain',
        row.fn.count<number>('report_policy.report').distinct().as('reports'),
      ])
      .where('report_policy.crowd', '=', crowd)
      .where('report_policy.domain', 'in', membersOf<string>(domains))
      .where('report.mail', '<=', upTo)
      .groupBy('report_policy.domain'),
)

/** How many there are, as far as it matters. */
async function countOfDay(sql: Sql, report: NewReport, upTo: number): Promise<number> {
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
        .where('mail', '<=', upTo)
        .limit(FLOOD_LIMITS.reports)
        .as('some'),
    )
    .select((row) => row.fn.countAll<number>().as('reports'))
    .executeTakeFirstOrThrow()
  return reports
}
