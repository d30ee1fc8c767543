/** A report as rows: what is asked for in columns, the rest as JSON, each policy in a row of its own. */
import type { Insertable } from 'kysely'
import type { Authenticity, ReceivedReport, ReportId, Standing } from '../model/received-report.ts'
import type { PolicyResult, TlsReport } from '../protocol/tlsrpt/report.ts'
import type { Sql } from './database.ts'
import { prepared } from './prepared.ts'
import type { NewReport } from './report-store.ts'
import { dayOf } from './reporters.ts'
import type { Schema } from './schema.ts'

/** Which report of which mail: also the order in which they were read. */
export interface ReportPlace {
  readonly mail: number
  readonly position: number
}

/** What the operator and the reports before it make of a report. */
export interface Decision {
  readonly id: ReportId
  readonly standing: Standing
  readonly vouchedAt: number | null
}

/** Who stands behind a report: its signer, or with 0 the domain that is claimed; empty when none is. */
export function senderOf(authenticity: Authenticity): { readonly sender: string; readonly signed: 0 | 1 } {
  return authenticity.trust === 'unverified'
    ? { sender: authenticity.claimed ?? '', signed: 0 }
    : { sender: authenticity.signer, signed: 1 }
}

/** Reports of one sender that arrived on one day, signed and unsigned apart; null: the operator's own import. */
export function crowdOf({ authenticity, source, receivedAt }: NewReport): string | null {
  if (source.via === 'file') return null
  const { sender, signed } = senderOf(authenticity)
  return `${signed} ${sender} ${dayOf(receivedAt)}`
}

export function doesCount(standing: Standing): boolean {
  return standing === 'counted' || standing === 'admitted'
}

/** Everything of a report that has no column. */
type Body = Pick<NewReport, 'authenticity' | 'source' | 'otherPolicies'> & {
  readonly report: Omit<TlsReport, 'policies' | 'organizationName'>
}

export async function insertReport(
  sql: Sql,
  report: NewReport,
  place: ReportPlace,
  decision: Decision,
): Promise<void> {
  const { policies, organizationName, ...rest } = report.report
  const { authenticity, source, otherPolicies } = report
  const body: Body = { authenticity, source, otherPolicies, report: rest }
  const counts = doesCount(decision.standing) ? 1 : 0
  const [row] = await insertReportRow(sql, {
    ...place,
    ...senderOf(authenticity),
    id: decision.id,
    identity: report.identity,
    content_sha256: report.contentSha256,
    standing: decision.standing,
    counts,
    vouched_at: decision.vouchedAt,
    imported: source.via === 'file' ? 1 : 0,
    received_at: report.receivedAt,
    organization: organizationName,
    policies: policies.length,
    deviations: JSON.stringify(report.deviations),
    body: JSON.stringify(body),
  })
  if (row === undefined) throw new Error('A report was written and has no number')
  await insertPolicies(sql, row.number, report, counts)
}

const insertReportRow = prepared((sql, row: Insertable<Schema['report']>) =>
  sql.insertInto('report').values(row).returning('number'),
)

/** SQLite takes 32,766 values in one statement; texts of few lengths are prepared once. */
const POLICIES_AT_ONCE = 100

async function insertPolicies(sql: Sql, number: number, report: NewReport, counts: number): Promise<void> {
  const crowd = crowdOf(report)
  const rows = report.report.policies.map((policy, index) => {
    const attribution = report.attributions[index]
    if (attribution === undefined) throw new Error(`Report ${report.id} does not say whom a policy concerns`)
    const { domain, mx, dayAt } = attribution
    const failing = policy.failedSessions > 0 ? 1 : 0
    return { report: number, domain, mx, day_at: dayAt, counts, failing, crowd, body: JSON.stringify(policy) }
  })
  const [only] = rows
  if (rows.length === 1 && only !== undefined) {
    await insertPolicyRow(sql, only)
    return
  }
  for (let from = 0; from < rows.length; from += POLICIES_AT_ONCE) {
    await sql
      .insertInto('report_policy')
      .values(rows.slice(from, from + POLICIES_AT_ONCE))
      .execute()
  }
}

/** Most reports have one. */
const insertPolicyRow = prepared((sql, row: Insertable<Schema['report_policy']>) =>
  sql.insertInto('report_policy').values(row),
)

type ReportRow = NonNullable<Awaited<ReturnType<ReturnType<typeof reportRows>['executeTakeFirst']>>>

/** Rows that readReport makes a report of. */
export function reportRows(sql: Sql) {
  return sql
    .selectFrom('report')
    .innerJoin('mail', 'mail.id', 'report.mail')
    .selectAll('report')
    .select('mail.raw_sha256')
}

/** Puts a report together again. */
export async function readReport(sql: Sql, row: ReportRow): Promise<ReceivedReport> {
  const policies = await sql
    .selectFrom('report_policy')
    .select(['domain', 'mx', 'day_at', 'body'])
    .where('report', '=', row.number)
    .orderBy('id')
    .execute()
  const { authenticity, source, otherPolicies, report } = JSON.parse(row.body) as Body
  return {
    id: row.id as ReportId,
    identity: row.identity,
    contentSha256: row.content_sha256,
    rawSha256: row.raw_sha256 ?? '',
    receivedAt: row.received_at,
    source,
    authenticity,
    standing: row.standing,
    report: {
      organizationName: row.organization,
      ...report,
      policies: policies.map(({ body }) => JSON.parse(body) as PolicyResult),
    },
    attributions: policies.map(({ domain, mx, day_at }) => ({
      domain: domain as ReceivedReport['attributions'][number]['domain'],
      mx: mx as ReceivedReport['attributions'][number]['mx'],
      dayAt: day_at,
    })),
    otherPolicies,
    deviations: JSON.parse(row.deviations) as ReceivedReport['deviations'],
  }
}
