/**
 * Which of the reports that are kept count (R46). It follows from what there is, in the order in which it was read:
 *
 * 1. Of one identity the first counts or is quarantined. A later one with the same content is not kept; with another
 *    content it is a conflict, shown and never counted.
 * 2. A first one that somebody answers for is counted. Nothing unsigned has an influence on that.
 * 3. A first one that nobody answers for is quarantined. When the operator vouches for it, or for its claimed sender, it is
 *    admitted, unless its content counts already: because it also came signed, at whatever time, or under another claimed
 *    name before. When the signed one comes later, the admitted one steps back.
 */
import type { ReportId, Standing } from '../model/received-report.ts'
import type { Sql } from './database.ts'
import { prepared } from './prepared.ts'
import { doesCount } from './report-rows.ts'
import { countReporterDay } from './reporters.ts'

/** What standings are made of. */
export interface StandingRow {
  readonly number: number
  readonly id: ReportId
  readonly mail: number
  readonly position: number
  readonly identity: string
  readonly content: string
  readonly standing: Standing
  readonly sender: string
  readonly signed: boolean
  /** The operator vouches for it, or for its sender. */
  readonly vouched: boolean
  /** When the operator vouched for this very report; null: never. */
  readonly vouchedAt: number | null
  readonly receivedAt: number
}

/** Collects the mails whose class may have changed, for the caller to look at. */
export type TouchedMails = Set<number>

/** Reports of one identity in the order of reading. */
export async function reportsOfIdentity(sql: Sql, identity: string): Promise<readonly StandingRow[]> {
  return readRows(await rowsOfIdentity(sql, { identity }))
}

/** Reports of one mail in the order of reading. */
export async function reportsOfMail(sql: Sql, mail: number): Promise<readonly StandingRow[]> {
  return readRows(await rowsOfMail(sql, { mail }))
}

function standingRows(sql: Sql) {
  return sql
    .selectFrom('report')
    .select(['number', 'id', 'mail', 'position', 'identity', 'content_sha256 as content', 'standing'])
    .select(['sender', 'signed', 'vouched_at', 'received_at'])
    .select((row) =>
      row
        .or([
          row('vouched_at', 'is not', null),
          row('sender', 'in', row.selectFrom('admitted_sender').select('admitted_sender.sender')),
        ])
        .as('vouched'),
    )
    .orderBy('mail')
    .orderBy('position')
}

const rowsOfIdentity = prepared((sql, { identity }: { readonly identity: string }) =>
  standingRows(sql).where('identity', '=', identity),
)
const rowsOfMail = prepared((sql, { mail }: { readonly mail: number }) =>
  standingRows(sql).where('mail', '=', mail),
)
const rowsOfContent = prepared((sql, { content }: { readonly content: string }) =>
  standingRows(sql).where('content_sha256', '=', content),
)

function readRows(rows: Awaited<ReturnType<typeof rowsOfMail>>): readonly StandingRow[] {
  return rows.map(({ id, signed, vouched, vouched_at, received_at, ...row }) => ({
    ...row,
    id: id as ReportId,
    signed: signed === 1,
    vouched: Boolean(vouched),
    vouchedAt: vouched_at,
    receivedAt: received_at,
  }))
}

/** Rule 1 for an identity after one of its reports came or went, then the others for the contents that this concerns. */
export async function settleIdentity(sql: Sql, identity: string, touched: TouchedMails): Promise<void> {
  const rows = await reportsOfIdentity(sql, identity)
  const contents = new Set<string>()
  for (const [index, row] of rows.entries()) {
    if (contents.has(row.content)) await dropRepeat(sql, row, touched)
    else await setStanding(sql, row, index === 0 ? firstStanding(row) : 'conflict', touched)
    contents.add(row.content)
  }
  for (const content of contents) await settleContent(sql, content, touched)
}

/** How the first of its identity stands, before its content is looked at. */
function firstStanding(row: StandingRow): Standing {
  if (row.signed) return 'counted'
  return row.standing === 'admitted' ? 'admitted' : 'quarantined'
}

/** Rule 3 for all reports of one content. */
export async function settleContent(sql: Sql, content: string, touched: TouchedMails): Promise<void> {
  const rows = readRows(await rowsOfContent(sql, { content }))
  let isCounted = rows.some(({ standing }) => standing === 'counted')
  for (const row of rows) {
    if (row.standing !== 'quarantined' && row.standing !== 'admitted') continue
    const admitted = row.vouched && !isCounted
    await setStanding(sql, row, admitted ? 'admitted' : 'quarantined', touched)
    isCounted ||= admitted
  }
}

async function setStanding(
  sql: Sql,
  row: StandingRow,
  standing: Standing,
  touched: TouchedMails,
): Promise<void> {
  if (row.standing === standing) return
  touched.add(row.mail)
  const counts = doesCount(standing)
  await sql
    .updateTable('report')
    .set({ standing, counts: counts ? 1 : 0 })
    .where('number', '=', row.number)
    .execute()
  if (counts === doesCount(row.standing)) return
  await sql
    .updateTable('report_policy')
    .set({ counts: counts ? 1 : 0 })
    .where('report', '=', row.number)
    .execute()
  await countReporterDay(sql, row.sender, row.receivedAt, counts ? 1 : -1)
}

/** An earlier report turned out to say the same. */
async function dropRepeat(sql: Sql, row: StandingRow, touched: TouchedMails): Promise<void> {
  touched.add(row.mail)
  await removeReport(sql, row)
  await sql
    .updateTable('mail')
    .set((mail) => ({ duplicates: mail('duplicates', '+', 1) }))
    .where('id', '=', row.mail)
    .execute()
}

/** Takes a report away as if it had never come; what others make of it is for settleIdentity. */
export async function removeReport(sql: Sql, row: StandingRow): Promise<void> {
  if (doesCount(row.standing)) await countReporterDay(sql, row.sender, row.receivedAt, -1)
  await sql.deleteFrom('report').where('number', '=', row.number).execute()
}
