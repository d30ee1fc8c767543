/**
 * The statements about mails and files: what became of each. A mail is one row with one state, so that it is in one class at
 * any time (R48).
 */
import type { UnixMs } from '../lib/time.ts'
import type { MailClass } from '../model/received-report.ts'
import { parseDomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'
import { enterPlace, findPlace } from './mailbox-places.ts'
import type { MailboxPlace, MailCommit, MailKey, MailRow, MailVerdict } from './report-store.ts'

/** What is known of a mail under its key. */
export interface KnownMail {
  readonly id: number
  readonly state: MailClass | 'attempted'
  readonly attempts: number
}

export async function findMail(sql: Sql, key: MailKey): Promise<KnownMail | null> {
  const mails = sql.selectFrom('mail').select(['id', 'state', 'attempts'])
  if (key.kind === 'file') {
    return (await mails.where('file_sha256', '=', key.sha256).executeTakeFirst()) ?? null
  }
  const place = await findPlace(sql, key.place)
  const row = await mails.where('place', '=', place).where('uid', '=', key.uid).executeTakeFirst()
  return row ?? null
}

export function hasEnded({ state }: KnownMail): boolean {
  return state !== 'attempted' && state !== 'postponed'
}

/** Writes a mail in the place of its journal entry, if there is one, and gives its new id. */
export async function insertMail(sql: Sql, commit: MailCommit, known: KnownMail | null): Promise<number> {
  if (known !== null) await sql.deleteFrom('mail').where('id', '=', known.id).execute()
  const { key } = commit
  const postponed = commit.verdict.kind === 'postponed'
  // Mail that is no report is somebody else's: it stays where it is.
  const isOurs = !postponed && commit.verdict.kind !== 'not-a-report'
  const row = await sql
    .insertInto('mail')
    .values({
      place: key.kind === 'imap' ? await placeOf(sql, key.place) : null,
      uid: key.kind === 'imap' ? key.uid : null,
      file_sha256: key.kind === 'file' ? key.sha256 : null,
      awaiting: key.kind === 'imap' && isOurs ? 1 : 0,
      // An attempt that ended, if only for now, did not end the program.
      attempts: postponed ? 0 : (known?.attempts ?? 0),
      duplicates: 0,
      refused: 0,
      ...describe(commit),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

async function placeOf(sql: Sql, place: MailboxPlace): Promise<number> {
  return (await findPlace(sql, place)) ?? enterPlace(sql, place)
}

/** Puts a new reading in the place of the old one; what belonged to that must be gone. */
export async function updateMail(sql: Sql, id: number, commit: MailCommit): Promise<void> {
  const fresh = { duplicates: 0, refused: 0, ...describe(commit) }
  await sql.updateTable('mail').set(fresh).where('id', '=', id).execute()
}

function describe(commit: MailCommit) {
  return {
    received_at: commit.receivedAt,
    size_bytes: commit.sizeBytes,
    raw_sha256: commit.rawSha256,
    message_id: commit.messageId,
    from_header: commit.from,
    claimed: parseDomainName(/@([^@<>\s]+)>?\s*$/.exec(commit.from ?? '')?.[1] ?? ''),
    subject: commit.subject,
    due_at: null,
    deviations: null,
    authenticity: null,
    ...ending(commit.verdict),
  }
}

function ending(verdict: MailVerdict) {
  switch (verdict.kind) {
    case 'reports': {
      const [first] = verdict.reports
      if (first === undefined) throw new Error('A mail was committed with reports, but there are none')
      // The state follows from the standings of its reports.
      return {
        state: 'duplicate' as const,
        reason: null,
        authenticity: JSON.stringify(first.authenticity),
      }
    }
    case 'rejected':
      return {
        state: 'rejected' as const,
        reason: verdict.reason,
        deviations: JSON.stringify(verdict.deviations),
      }
    case 'not-a-report':
      return { state: 'not-a-report' as const, reason: verdict.reason }
    case 'postponed':
      return { state: 'postponed' as const, reason: verdict.reason, due_at: verdict.until }
    case 'poison':
      return { state: 'quarantined' as const, reason: 'poison', attempts: verdict.attempts }
  }
}

/** How many mails that arrived since then are in each class; those being read are in none yet. */
export async function mailClasses(sql: Sql, since: UnixMs): Promise<ReadonlyMap<MailClass, number>> {
  const rows = await sql
    .selectFrom('mail')
    .select((mail) => ['state', mail.fn.countAll<number>().as('mails')])
    .where('received_at', '>=', since)
    .groupBy('state')
    .execute()
  return new Map(rows.flatMap(({ state, mails }) => (state === 'attempted' ? [] : [[state, mails]])))
}

/** Mails of a class that arrived since then, newest first. */
export async function mailsOf(
  sql: Sql,
  mailClass: MailClass,
  since: UnixMs,
  limit: number,
): Promise<readonly MailRow[]> {
  const rows = await mailsWithPlace(sql)
    .where('mail.state', '=', mailClass)
    .where('mail.received_at', '>=', since)
    .orderBy('mail.received_at', 'desc')
    .orderBy('mail.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    key: readKey(row),
    mailClass: row.state,
    reason: row.reason,
    attempts: row.attempts,
    receivedAt: row.received_at,
    from: row.from_header,
    subject: row.subject,
    sizeBytes: row.size_bytes,
  }))
}

/** Every mail with the names of its place. */
export function mailsWithPlace(sql: Sql) {
  return sql
    .selectFrom('mail')
    .leftJoin('mailbox_place', 'mailbox_place.id', 'mail.place')
    .selectAll('mail')
    .select(['mailbox_place.account', 'mailbox_place.folder', 'mailbox_place.uid_validity'])
}

interface KeyColumns {
  readonly file_sha256: string | null
  readonly uid: number | null
  readonly account: string | null
  readonly folder: string | null
  readonly uid_validity: string | null
}

export function readKey(row: KeyColumns): MailKey {
  if (row.file_sha256 !== null) return { kind: 'file', sha256: row.file_sha256 }
  const place = {
    account: row.account ?? '',
    folder: row.folder ?? '',
    uidValidity: row.uid_validity ?? '',
  }
  return { kind: 'imap', place, uid: row.uid ?? 0 }
}
