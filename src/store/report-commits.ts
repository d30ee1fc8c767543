/** Writing what was read, and what follows from it (R45, R46). */
import type { MailClass, ReportId } from '../model/received-report.ts'
import type { Sql } from './database.ts'
import { keepRaw, type PackedRaw } from './raw-mails.ts'
import { isAdmitted } from './report-admissions.ts'
import { classifyMail } from './report-classes.ts'
import { FLOOD_LIMITS, isFlood } from './report-flood.ts'
import { findMail, hasEnded, insertMail, updateMail } from './report-mails.ts'
import { doesCount, insertReport, type ReportPlace, senderOf } from './report-rows.ts'
import {
  removeReport,
  reportsOfIdentity,
  reportsOfMail,
  type StandingRow,
  settleContent,
  settleIdentity,
  type TouchedMails,
} from './report-standing.ts'
import type { CommittedMail, MailCommit, NewReport } from './report-store.ts'
import { countReporterDay } from './reporters.ts'

/** A mail to be written, its bytes packed already; null: not kept. */
export interface PackedCommit {
  readonly commit: MailCommit
  readonly raw: PackedRaw | null
}

/** See ReportStore.commitMails. */
export async function writeMails(
  sql: Sql,
  packed: readonly PackedCommit[],
): Promise<readonly CommittedMail[]> {
  const touched: TouchedMails = new Set()
  const written: { readonly commit: MailCommit; readonly mail: number; readonly isNew: boolean }[] = []
  for (const one of packed) {
    const { commit } = one
    const known = await findMail(sql, commit.key)
    const isNew = known === null || !hasEnded(known)
    const mail = isNew ? await insertMail(sql, commit, known) : known.id
    if (isNew) await insertFindings(sql, one, mail, [], touched)
    written.push({ commit, mail, isNew })
  }
  for (const mail of touched) await classifyMail(sql, mail)
  const mails = written.map(({ mail }) => mail)
  const classes = await classesOf(sql, mails)
  const counting = await countingReports(sql, mails)
  return written.map(({ commit, mail, isNew }) => {
    const mailClass = classes.get(mail)
    if (mailClass === undefined) throw new Error('A mail was written and is not there')
    return { key: commit.key, mailClass, counted: isNew ? (counting.get(mail) ?? []) : [] }
  })
}

/** See ReportStore.replaceReading. */
export async function rewriteMail(sql: Sql, packed: PackedCommit): Promise<CommittedMail> {
  const { key, verdict } = packed.commit
  const known = await findMail(sql, key)
  if (known === null || !hasEnded(known)) {
    const [committed] = await writeMails(sql, [packed])
    if (committed === undefined) throw new Error('A mail was written and is not there')
    return committed
  }
  const mail = known.id
  if (verdict.kind === 'postponed') return { key, mailClass: await classOf(sql, mail), counted: [] }
  const touched: TouchedMails = new Set()
  const before = await reportsOfMail(sql, mail)
  for (const row of before) await removeReport(sql, row)
  await updateMail(sql, mail, packed.commit)
  for (const { identity, content } of before) {
    await settleIdentity(sql, identity, touched)
    await settleContent(sql, content, touched)
  }
  await insertFindings(sql, packed, mail, before, touched)
  for (const one of touched) await classifyMail(sql, one)
  const countedBefore = new Set(before.filter(({ standing }) => doesCount(standing)).map(({ id }) => id))
  const counting = (await countingReports(sql, [mail])).get(mail) ?? []
  const counted = counting.filter((id) => !countedBefore.has(id))
  return { key, mailClass: await classOf(sql, mail), counted }
}

/** The bytes and the reports of a mail. `before`: its reports in the reading that this one replaces. */
async function insertFindings(
  sql: Sql,
  { commit, raw }: PackedCommit,
  mail: number,
  before: readonly StandingRow[],
  touched: TouchedMails,
): Promise<void> {
  if (raw !== null) await keepRaw(sql, commit.rawSha256, raw, commit.receivedAt)
  if (commit.verdict.kind !== 'reports') return
  touched.add(mail)
  const heritage = heritageOf(before)
  for (const [position, report] of commit.verdict.reports.entries()) {
    const outcome = await placeReport(sql, report, { mail, position }, heritage, touched)
    if (outcome !== 'kept') await countLeftOut(sql, mail, outcome)
  }
}

async function countLeftOut(sql: Sql, mail: number, outcome: 'duplicates' | 'refused'): Promise<void> {
  await sql
    .updateTable('mail')
    .set((row) => ({ [outcome]: row(outcome, '+', 1) }))
    .where('id', '=', mail)
    .execute()
}

async function placeReport(
  sql: Sql,
  report: NewReport,
  place: ReportPlace,
  heritage: Heritage,
  touched: TouchedMails,
): Promise<'kept' | 'duplicates' | 'refused'> {
  const rows = await reportsOfIdentity(sql, report.identity)
  const earlier = rows.filter(({ mail }) => mail <= place.mail)
  if (earlier.some(({ content }) => content === report.contentSha256)) return 'duplicates'
  if (earlier.length >= FLOOD_LIMITS.versions || (await isFlood(sql, report, place))) return 'refused'
  const { sender, signed } = senderOf(report.authenticity)
  const first = signed === 1 ? 'counted' : 'quarantined'
  const standing = earlier.length > 0 ? 'conflict' : first
  const { id, vouchedAt } = inherited(report, heritage)
  await insertReport(sql, report, place, { id, vouchedAt, standing })
  if (standing === 'counted') await countReporterDay(sql, sender, report.receivedAt, 1)
  if (rows.length > earlier.length) {
    await settleIdentity(sql, report.identity, touched)
    return 'kept'
  }
  // Of what cannot count the content is not asked for, or a flood of one content would be read again with each mail.
  const isVouched = vouchedAt !== null || (signed === 0 && (await isAdmitted(sql, sender)))
  const mayCount = standing === 'counted' || (standing === 'quarantined' && isVouched)
  if (mayCount) await settleContent(sql, report.contentSha256, touched)
  return 'kept'
}

/** What a new reading of a mail takes over from the one before. */
interface Heritage {
  /** Those that no report of the new reading has taken the place of yet. */
  readonly rows: StandingRow[]
  /** When the operator had vouched for all of them: the mail is vouched for, whatever is found in it now. */
  readonly vouchedAt: number | null
}

function heritageOf(before: readonly StandingRow[]): Heritage {
  const isVouched = before.every(({ vouchedAt }) => vouchedAt !== null)
  return { rows: [...before], vouchedAt: isVouched ? (before[0]?.vouchedAt ?? null) : null }
}

/** A report that was there before keeps its id; what the operator vouched for stays vouched for. */
function inherited(
  report: NewReport,
  { rows, vouchedAt }: Heritage,
): { readonly id: ReportId; readonly vouchedAt: number | null } {
  const index = rows.findIndex(({ identity }) => identity === report.identity)
  const [same] = index === -1 ? [] : rows.splice(index, 1)
  return { id: same?.id ?? report.id, vouchedAt: same?.vouchedAt ?? vouchedAt }
}

/** Of each mail the reports that count, in their order. */
async function countingReports(
  sql: Sql,
  mails: readonly number[],
): Promise<ReadonlyMap<number, readonly ReportId[]>> {
  const rows = await sql
    .selectFrom('report')
    .select(['mail', 'id'])
    .where('mail', 'in', mails)
    .where('counts', '=', 1)
    .orderBy('mail')
    .orderBy('position')
    .execute()
  const ids = new Map<number, ReportId[]>()
  for (const { mail, id } of rows) ids.set(mail, [...(ids.get(mail) ?? []), id as ReportId])
  return ids
}

async function classesOf(sql: Sql, mails: readonly number[]): Promise<ReadonlyMap<number, MailClass>> {
  const rows = await sql.selectFrom('mail').select(['id', 'state']).where('id', 'in', mails).execute()
  return new Map(
    rows.map(({ id, state }) => {
      if (state === 'attempted') throw new Error('A mail was written and is still being read')
      return [id, state]
    }),
  )
}

async function classOf(sql: Sql, mail: number): Promise<MailClass> {
  const mailClass = (await classesOf(sql, [mail])).get(mail)
  if (mailClass === undefined) throw new Error('A mail was written and is not there')
  return mailClass
}
