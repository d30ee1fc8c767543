/**
 * The statements about mails and files: what became of each. A mail is one row with one state, so that it is in one class at
 * any time (R48).
 */
import type { Insertable } from 'kysely'
import type { UnixMs } from '../lib/time.ts'
import type { MailClass } from '../model/received-report.ts'
import { parseDomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'
import { enterPlace, findPlace } from './mailbox-places.ts'
import { membersOf, prepared } from './prepared.ts'
import { probableClass } from './report-classes.ts'
import type { MailboxPlace, MailCommit, MailKey, MailRow, MailVerdict } from './report-store.ts'
import type { Schema } from './schema.ts'

/** What is known of a mail under its key. */
export interface KnownMail {
  readonly id: number
  /** Null for a file. */
  readonly place: number | null
  readonly state: MailClass | 'attempted'
  readonly attempts: number
}

export async function findMail(sql: Sql, key: MailKey): Promise<KnownMail | null> {
  const mails = sql.selectFrom('mail').select(['mail.id', 'mail.place', 'mail.state', 'mail.attempts'])
  if (key.kind === 'file') {
    return (await mails.where('mail.file_sha256', '=', key.sha256).executeTakeFirst()) ?? null
  }
  const row = await mails
    .innerJoin('mailbox_place', 'mailbox_place.id', 'mail.place')
    .where('mailbox_place.account', '=', key.place.account)
    .where('mailbox_place.folder', '=', key.place.folder)
    .where('mailbox_place.uid_validity', '=', key.place.uidValidity)
    .where('mail.uid', '=', key.uid)
    .executeTakeFirst()
  return row ?? null
}

/** The same for many, by `nameOf` their keys. */
export async function findMails(sql: Sql, keys: readonly MailKey[]): Promise<ReadonlyMap<string, KnownMail>> {
  const found = new Map<string, KnownMail>()
  for (const key of keys.filter(({ kind }) => kind === 'file')) {
    const mail = await findMail(sql, key)
    if (mail !== null) found.set(nameOf(key), mail)
  }
  const imap = keys.filter((key) => key.kind === 'imap')
  for (const ofPlace of Map.groupBy(imap, ({ place }) => JSON.stringify(place)).values()) {
    const place = ofPlace[0]?.place
    const id = place === undefined ? null : await findPlace(sql, place)
    if (place === undefined || id === null) continue
    const uids = JSON.stringify(ofPlace.map(({ uid }) => uid))
    for (const { uid, ...mail } of await mailsOfPlace(sql, { id, uids })) {
      found.set(nameOf({ kind: 'imap', place, uid: uid ?? 0 }), mail)
    }
  }
  return found
}

const mailsOfPlace = prepared((sql, { id, uids }: { readonly id: number; readonly uids: string }) =>
  sql
    .selectFrom('mail')
    .select(['uid', 'id', 'place', 'state', 'attempts'])
    .where('place', '=', id)
    .where('uid', 'in', membersOf<number>(uids)),
)

/** Equal for equal keys. */
export function nameOf(key: MailKey): string {
  if (key.kind === 'file') return key.sha256
  const { account, folder, uidValidity } = key.place
  return JSON.stringify([account, folder, uidValidity, key.uid])
}

export function hasEnded({ state }: KnownMail): boolean {
  return state !== 'attempted' && state !== 'postponed'
}

/** Takes entries out of the journal, for their mails to be written. */
export async function removeEntries(sql: Sql, entries: readonly KnownMail[]): Promise<void> {
  const ids = JSON.stringify(entries.map(({ id }) => id))
  await sql.deleteFrom('mail').where('id', 'in', membersOf<number>(ids)).execute()
}

/** Writes a mail that is not there. `entry`: the one that it had in the journal. */
export async function insertMail(sql: Sql, commit: MailCommit, entry: KnownMail | null): Promise<KnownMail> {
  const { key } = commit
  const postponed = commit.verdict.kind === 'postponed'
  // Mail that is no report is somebody else's: it stays where it is.
  const isOurs = !postponed && commit.verdict.kind !== 'not-a-report'
  const [row] = await insertMailRow(sql, {
    place: key.kind === 'imap' ? (entry?.place ?? (await placeOf(sql, key.place))) : null,
    uid: key.kind === 'imap' ? key.uid : null,
    file_sha256: key.kind === 'file' ? key.sha256 : null,
    awaiting: key.kind === 'imap' && isOurs ? 1 : 0,
    // An attempt that ended, if only for now, did not end the program.
    attempts: postponed ? 0 : (entry?.attempts ?? 0),
    duplicates: 0,
    refused: 0,
    ...describe(commit),
  })
  if (row === undefined) throw new Error('A mail was written and has no id')
  return row
}

const insertMailRow = prepared((sql, row: Insertable<Schema['mail']>) =>
  sql.insertInto('mail').values(row).returning(['id', 'place', 'state', 'attempts']),
)

async function placeOf(sql: Sql, place: MailboxPlace): Promise<number> {
  return (await findPlace(sql, place)) ?? enterPlace(sql, place)
}

/** Puts a new reading in the place of the old one; the reports of that must be gone. Who answered for them is not forgotten. */
export async function updateMail(sql: Sql, id: number, commit: MailCommit): Promise<void> {
  const { authenticity, ...fresh } = describe(commit)
  await sql
    .updateTable('mail')
    .set((row) => ({
      duplicates: 0,
      refused: 0,
      ...fresh,
      authenticity: row.fn.coalesce(row.val(authenticity), 'authenticity'),
    }))
    .where('id', '=', id)
    .execute()
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
      // What its reports turn out to be may still correct the class.
      return { ...probableClass(first.authenticity), authenticity: JSON.stringify(first.authenticity) }
    }
    case 'rejected':
      return {
        state: 'rejected' as const,
        reason: verdict.reason,
        deviations: JSON.stringify(verdict.deviations),
      }
    case 'not-a-report':
      return { state: 'not-a-report' as const, reason: verdict.reason }
    case 'canary':
      return { state: 'not-a-report' as const, reason: 'canary' }
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
