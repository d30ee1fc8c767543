/** From a report to what it was read from, and back. */
import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import type { UnixMs } from '../lib/time.ts'
import type { ReceivedReport } from '../model/received-report.ts'
import type { Database, Sql } from './database.ts'
import { findMail } from './report-mails.ts'
import { readReport, reportRows } from './report-rows.ts'
import type { MailKey } from './report-store.ts'

const inflate = promisify(inflateRaw)

/** See ReportStore.reportsOf. */
export async function reportsOfKey(sql: Sql, key: MailKey): Promise<readonly ReceivedReport[]> {
  const mail = await findMail(sql, key)
  if (mail === null) return []
  const rows = await reportRows(sql).where('report.mail', '=', mail.id).orderBy('report.position').execute()
  const found: ReceivedReport[] = []
  for (const row of rows) found.push(await readReport(sql, row))
  return found
}

/** See ReportStore.original. */
export async function originalOf(
  database: Database,
  rawSha256: string,
): Promise<{ readonly bytes: Uint8Array; readonly lastAt: UnixMs } | null> {
  const row = await database.read((sql) =>
    sql.selectFrom('raw').selectAll().where('sha256', '=', rawSha256).executeTakeFirst(),
  )
  if (row === undefined) return null
  return { bytes: row.deflated === 1 ? await inflate(row.bytes) : row.bytes, lastAt: row.last_at }
}
