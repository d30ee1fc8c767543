/** The operator vouches for what nobody signed. */
import type { UnixMs } from '../lib/time.ts'
import type { ReceivedReport, ReportId } from '../model/received-report.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'
import { classifyMails } from './report-classes.ts'
import { readReport, reportRows } from './report-rows.ts'
import { settleContent, type TouchedMails } from './report-standing.ts'

/** See ReportStore.admit. */
export async function admitReports(
  sql: Sql,
  what: { readonly id: ReportId } | { readonly sender: DomainName },
  now: UnixMs,
): Promise<readonly ReceivedReport[]> {
  const quarantined = sql
    .selectFrom('report')
    .select(['number', 'content_sha256'])
    .where('standing', '=', 'quarantined')
    .orderBy('number')
  const rows =
    'id' in what
      ? await quarantined.where('id', '=', what.id).execute()
      : await quarantined.where('sender', '=', what.sender).where('signed', '=', 0).execute()
  if ('sender' in what) await vouchForSender(sql, what.sender, now)
  else for (const { number } of rows) await vouchForReport(sql, number, now)
  const touched: TouchedMails = new Set()
  for (const content of new Set(rows.map((row) => row.content_sha256))) {
    await settleContent(sql, content, touched)
  }
  await classifyMails(sql, touched)
  return admittedOf(
    sql,
    rows.map(({ number }) => number),
  )
}

async function vouchForSender(sql: Sql, sender: DomainName, now: UnixMs): Promise<void> {
  await sql
    .insertInto('admitted_sender')
    .values({ sender, admitted_at: now })
    .onConflict((conflict) => conflict.column('sender').doNothing())
    .execute()
}

async function vouchForReport(sql: Sql, number: number, now: UnixMs): Promise<void> {
  await sql.updateTable('report').set({ vouched_at: now }).where('number', '=', number).execute()
}

async function admittedOf(sql: Sql, numbers: readonly number[]): Promise<readonly ReceivedReport[]> {
  const admitted: ReceivedReport[] = []
  for (const number of numbers) {
    const row = await reportRows(sql)
      .where('report.number', '=', number)
      .where('report.standing', '=', 'admitted')
      .executeTakeFirst()
    if (row !== undefined) admitted.push(await readReport(sql, row))
  }
  return admitted
}

/** Whether the operator vouches for everything that claims to be from there. */
export async function isAdmitted(sql: Sql, sender: string): Promise<boolean> {
  const row = await sql
    .selectFrom('admitted_sender')
    .select('sender')
    .where('sender', '=', sender)
    .executeTakeFirst()
  return row !== undefined
}

/** By name. */
export async function admittedSenders(sql: Sql): Promise<readonly DomainName[]> {
  const rows = await sql.selectFrom('admitted_sender').select('sender').orderBy('sender').execute()
  return rows.map(({ sender }) => sender as DomainName)
}
