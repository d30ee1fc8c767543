/** Writing what was read, and what follows from it (R45, R46). */
import type { MailClass, ReportId } from '../model/received-report.ts'
import { noteArrival } from './canaries.ts'
import type { Sql } from './database.ts'
import { type KnownReports, knownReports } from './known-reports.ts'
import { membersOf, prepared } from './prepared.ts'
import { keepRaw, type PackedRaw } from './raw-mails.ts'
import { isAdmitted } from './report-admissions.ts'
import { classifyMails } from './report-classes.ts'
import { FLOOD_LIMITS, type FloodWatch, watchFloods } from './report-flood.ts'
import {
  findMail,
  findMails,
  hasEnded,
  insertMail,
  nameOf,
  removeEntries,
  updateMail,
} from './report-mails.ts'
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

/** What is known in one transaction, and what follows from it. */
interface Writing {
  readonly sql: Sql
  readonly known: KnownReports
  readonly floods: FloodWatch
  readonly touched: TouchedMails
}

/** `upTo`: the newest mail that is written. */
async function startWriting(sql: Sql, packed: readonly PackedCommit[], upTo: number): Promise<Writing> {
  const reports = packed.flatMap(({ commit: { verdict } }) =>
    verdict.kind === 'reports' ? verdict.reports : [],
  )
  const known = await knownReports(sql, reports)
  return { sql, known, floods: watchFloods(sql, reports, upTo), touched: new Set() }
}

/** See ReportStore.commitMails. */
export async function writeMails(
  sql: Sql,
  packed: readonly PackedCommit[],
): Promise<readonly CommittedMail[]> {
  const keys = packed.map(({ commit }) => commit.key)
  const mails = new Map(await findMails(sql, keys))
  await removeEntries(
    sql,
    [...mails.values()].filter((mail) => !hasEnded(mail)),
  )
  // A mail that is written is newer than all others.
  const writing = await startWriting(sql, packed, Number.MAX_SAFE_INTEGER)
  const written: { readonly commit: MailCommit; readonly mail: number; readonly isNew: boolean }[] = []
  for (const one of packed) {
    const { commit } = one
    const name = nameOf(commit.key)
    const before = mails.get(name) ?? null
    const isNew = before === null || !hasEnded(before)
    const mail = isNew ? await insertMail(sql, commit, before) : before
    mails.set(name, mail)
    if (isNew) await insertFindings(writing, one, mail.id, [])
    written.push({ commit, mail: mail.id, isNew })
  }
  await classifyMails(sql, writing.touched)
  const ids = written.map(({ mail }) => mail)
  const classes = await classesOf(sql, ids)
  const counting = await countingReports(sql, ids)
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
  const before = await reportsOfMail(sql, mail)
  for (const row of before) await removeReport(sql, row)
  await updateMail(sql, mail, packed.commit)
  const writing = await startWriting(sql, [packed], mail)
  const { touched } = writing
  for (const { identity, content } of before) {
    await settleIdentity(sql, identity, touched)
    await settleContent(sql, content, touched)
  }
  await insertFindings(writing, packed, mail, before)
  await classifyMails(sql, touched)
  const countedBefore = new Set(before.filter(({ standing }) => doesCount(standing)).map(({ id }) => id))
  const counting = (await countingReports(sql, [mail])).get(mail) ?? []
  const counted = counting.filter((id) => !countedBefore.has(id))
  return { key, mailClass: await classOf(sql, mail), counted }
}

/** The bytes and the reports of a mail. `before`: its reports in the reading that this one replaces. */
async function insertFindings(
  writing: Writing,
  { commit, raw }: PackedCommit,
  mail: number,
  before: readonly StandingRow[],
): Promise<void> {
  const { sql, touched } = writing
  if (raw !== null) await keepRaw(sql, commit.rawSha256, raw, commit.receivedAt)
  const { verdict, receivedAt: arrivedAt } = commit
  if (verdict.kind === 'canary') await noteArrival(sql, verdict, { arrivedAt, readAt: verdict.readAt })
  if (verdict.kind !== 'reports') return
  touched.add(mail)
  const heritage = heritageOf(before)
  for (const [position, report] of verdict.reports.entries()) {
    const outcome = await placeReport(writing, report, { mail, position }, heritage)
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
  writing: Writing,
  report: NewReport,
  place: ReportPlace,
  heritage: Heritage,
): Promise<'kept' | 'duplicates' | 'refused'> {
  const { sql, known, floods, touched } = writing
  const rows = known.hasIdentity(report.identity) ? await reportsOfIdentity(sql, report.identity) : []
  const earlier = rows.filter(({ mail }) => mail <= place.mail)
  if (earlier.some(({ content }) => content === report.contentSha256)) return 'duplicates'
  if (earlier.length >= FLOOD_LIMITS.versions || (await floods.isFlood(report))) return 'refused'
  const { sender, signed } = senderOf(report.authenticity)
  const first = signed === 1 ? 'counted' : 'quarantined'
  const standing = earlier.length > 0 ? 'conflict' : first
  const { id, vouchedAt } = inherited(report, heritage)
  const isFirstOfContent = !known.hasContent(report.contentSha256)
  await insertReport(sql, report, place, { id, vouchedAt, standing })
  known.add(report)
  floods.add(report)
  if (standing === 'counted') await countReporterDay(sql, sender, report.receivedAt, 1)
  if (rows.length > earlier.length) {
    await settleIdentity(sql, report.identity, touched)
    return 'kept'
  }
  if (standing === 'counted' && isFirstOfContent) return 'kept'
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
  const rows = await rowsThatCount(sql, { mails: JSON.stringify(mails) })
  const ids = new Map<number, ReportId[]>()
  for (const { mail, id } of rows) ids.set(mail, [...(ids.get(mail) ?? []), id as ReportId])
  return ids
}

const rowsThatCount = prepared((sql, { mails }: { readonly mails: string }) =>
  sql
    .selectFrom('report')
    .select(['mail', 'id'])
    .where('mail', 'in', membersOf<number>(mails))
    .where('counts', '=', 1)
    .orderBy('mail')
    .orderBy('position'),
)

async function classesOf(sql: Sql, mails: readonly number[]): Promise<ReadonlyMap<number, MailClass>> {
  const rows = await mailStates(sql, { mails: JSON.stringify(mails) })
  return new Map(
    rows.map(({ id, state }) => {
      if (state === 'attempted') throw new Error('A mail was written and is still being read')
      return [id, state]
    }),
  )
}

const mailStates = prepared((sql, { mails }: { readonly mails: string }) =>
  sql.selectFrom('mail').select(['id', 'state']).where('id', 'in', membersOf<number>(mails)),
)

async function classOf(sql: Sql, mail: number): Promise<MailClass> {
  const mailClass = (await classesOf(sql, [mail])).get(mail)
  if (mailClass === undefined) throw new Error('A mail was written and is not there')
  return mailClass
}
