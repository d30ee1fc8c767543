/** Asking for what senders told us. */
import { setImmediate as turn } from 'node:timers/promises'
import { sql as text } from 'kysely'
import type { UnixMs } from '../lib/time.ts'
import type { ReceivedReport, ReportId } from '../model/received-report.ts'
import type { ReportedPolicy } from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { PolicyResult } from '../protocol/tlsrpt/report.ts'
import type { Database, Sql } from './database.ts'
import { readReport, reportRows } from './report-rows.ts'
import type { ReportFilter } from './report-store.ts'
import { NOBODY, reporterOf } from './reporters.ts'

type PolicyOfAny = ReportedPolicy & { readonly domain: DomainName | null }

/** See ReportStore.policiesOf. */
export async function policiesOf(
  sql: Sql,
  domain: DomainName,
  sinceDayAt: UnixMs,
): Promise<readonly ReportedPolicy[]> {
  const rows = await countingPolicies(sql)
    .where('report_policy.domain', '=', domain)
    .where('report_policy.day_at', '>=', sinceDayAt)
    .orderBy('report_policy.day_at')
    .orderBy('report.received_at')
    .orderBy('report_policy.id')
    .execute()
  return rows.map(readPolicy)
}

/** Larger pages hold up what else waits for the database. */
const POLICIES_AT_ONCE = 1_000

/** See ReportStore.policiesSince. */
export async function* policiesSince(database: Database, sinceDayAt: UnixMs): AsyncIterable<PolicyOfAny> {
  let [day, id] = [sinceDayAt, 0]
  for (;;) {
    const [afterDay, afterId] = [day, id]
    const rows = await database.read((sql) =>
      countingPolicies(sql)
        .select(['report_policy.domain', 'report_policy.id as row'])
        .where((row) =>
          row(row.refTuple('report_policy.day_at', 'report_policy.id'), '>', row.tuple(afterDay, afterId)),
        )
        .orderBy('report_policy.day_at')
        .orderBy('report_policy.id')
        .limit(POLICIES_AT_ONCE)
        .execute(),
    )
    for (const row of rows) {
      yield { ...readPolicy(row), domain: row.domain as DomainName | null }
      ;[day, id] = [row.day_at, row.row]
    }
    if (rows.length < POLICIES_AT_ONCE) return
    // SQLite answers at once: without this nothing else would get its turn until the last page.
    await turn()
  }
}

function countingPolicies(sql: Sql) {
  return (
    sql
      .selectFrom('report_policy')
      .innerJoin('report', 'report.number', 'report_policy.report')
      .select(['report.id', 'report.sender', 'report.organization', 'report.received_at'])
      .select(['report_policy.day_at', 'report_policy.mx', 'report_policy.body'])
      // A literal, so that the index of those that count fits.
      .where('report_policy.counts', '=', (literal) => literal.lit(1))
  )
}

type PolicyRow = Awaited<ReturnType<ReturnType<typeof countingPolicies>['execute']>>[number]

function readPolicy(row: PolicyRow): ReportedPolicy {
  return {
    report: row.id as ReportId,
    reporter: reporterOf(row.sender),
    organization: row.organization,
    dayAt: row.day_at,
    receivedAt: row.received_at,
    mx: row.mx as DomainName | null,
    policy: JSON.parse(row.body) as PolicyResult,
  }
}

/** Newest arrival first. Domain, day and failures are asked of the same policy. */
export async function listReports(
  sql: Sql,
  filter: ReportFilter,
  limit: number,
): Promise<readonly ReceivedReport[]> {
  const { domain, sender, standing, sinceDayAt, failuresOnly } = filter
  let reports = reportRows(sql)
  if (sender !== null) reports = reports.where('report.sender', '=', sender)
  if (standing !== null) reports = reports.where('report.standing', '=', standing)
  if (domain !== null || sinceDayAt !== null || failuresOnly) {
    reports = reports.where('report.number', 'in', (row) => {
      let policies = row.selectFrom('report_policy').select('report_policy.report')
      if (domain !== null) policies = policies.where('report_policy.domain', '=', domain)
      if (sinceDayAt !== null) policies = policies.where('report_policy.day_at', '>=', sinceDayAt)
      if (failuresOnly) policies = policies.where('report_policy.failing', '=', 1)
      return policies
    })
  }
  const rows = await reports
    .orderBy('report.received_at', 'desc')
    .orderBy('report.number', 'desc')
    .limit(limit)
    .execute()
  const found: ReceivedReport[] = []
  for (const row of rows) found.push(await readReport(sql, row))
  return found
}

/** By id, or by a beginning of it that only one report has. */
export async function findReport(sql: Sql, idPrefix: string): Promise<ReceivedReport | null> {
  if (idPrefix === '') return null
  const [first, second] = await reportRows(sql)
    .where('report.id', '>=', idPrefix)
    .where('report.id', '<', `${idPrefix}\u{10ffff}`)
    .orderBy('report.id')
    .limit(2)
    .execute()
  // Sorted, so the id itself comes before every longer one.
  const isOne = first !== undefined && (second === undefined || first.id === idPrefix)
  return isOne ? readReport(sql, first) : null
}

export interface DeviationCount {
  readonly sender: string
  readonly code: string
  readonly times: number
  /** Reports, or mails that could not be read, in which it was met. */
  readonly reports: number
}

/**
 * Of reports that arrived since then, whether they count or not, and of rejected mails by the domain of their From; most
 * frequent first.
 */
export async function deviationCounts(sql: Sql, since: UnixMs): Promise<readonly DeviationCount[]> {
  const { rows } = await text<DeviationCount>`
    select sender, code, sum(times) as times, count(*) as reports
    from (
      select
        iif(report.sender = '', ${NOBODY}, report.sender) as sender,
        json_extract(deviation.value, '$.code') as code,
        json_extract(deviation.value, '$.times') as times
      from report, json_each(report.deviations) as deviation
      where report.received_at >= ${since}
      union all
      select
        coalesce(mail.claimed, ${NOBODY}),
        json_extract(deviation.value, '$.code'),
        json_extract(deviation.value, '$.times')
      from mail, json_each(mail.deviations) as deviation
      where mail.state = 'rejected' and mail.received_at >= ${since}
    )
    group by sender, code
    order by times desc, sender, code`.execute(sql)
  return rows
}
