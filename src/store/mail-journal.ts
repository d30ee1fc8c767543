/** What is still to be read in a folder, what was begun, and what the server is still to be told (R41, R45, R47). */
import { sql as text } from 'kysely'
import type { UnixMs } from '../lib/time.ts'
import type { Sql } from './database.ts'
import { enterPlace, findPlace } from './mailbox-places.ts'
import type { MailboxPlace } from './report-store.ts'

/** Of some UIDs those that are to be read now, in the order given. */
export async function unreadOf(
  sql: Sql,
  place: MailboxPlace,
  uids: readonly number[],
  now: UnixMs,
): Promise<readonly { readonly uid: number; readonly attempts: number }[]> {
  const id = await findPlace(sql, place)
  const { rows } = await text<{ uid: number; attempts: number }>`
    select wanted.value as uid, coalesce(mail.attempts, 0) as attempts
    from json_each(${JSON.stringify(uids)}) as wanted
    left join mail on mail.place = ${id} and mail.uid = wanted.value
    where mail.id is null or mail.state = 'attempted' or (mail.state = 'postponed' and mail.due_at <= ${now})
    order by wanted.key`.execute(sql)
  return rows
}

/** Counts one more attempt for each; what ended stays as it is. */
export async function noteAttempts(
  sql: Sql,
  place: MailboxPlace,
  uids: readonly number[],
  now: UnixMs,
): Promise<void> {
  const id = await enterPlace(sql, place)
  for (const uid of uids) {
    await sql
      .insertInto('mail')
      .values({
        place: id,
        uid,
        state: 'attempted',
        attempts: 1,
        awaiting: 0,
        received_at: now,
        size_bytes: 0,
        duplicates: 0,
        refused: 0,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['place', 'uid'])
          .doUpdateSet((mail) => ({
            state: 'attempted',
            due_at: null,
            attempts: mail('mail.attempts', '+', 1),
          }))
          .where('mail.state', 'in', ['attempted', 'postponed']),
      )
      .execute()
  }
}

/** Takes one attempt back from each that has not ended; one without any attempt is as if never begun. */
export async function withdrawAttempts(
  sql: Sql,
  place: MailboxPlace,
  uids: readonly number[],
): Promise<void> {
  const id = await findPlace(sql, place)
  if (uids.length === 0) return
  await sql
    .updateTable('mail')
    .set((mail) => ({ attempts: mail('attempts', '-', 1) }))
    .where('place', '=', id)
    .where('uid', 'in', uids)
    .where('state', '=', 'attempted')
    .execute()
  await sql
    .deleteFrom('mail')
    .where('place', '=', id)
    .where('uid', 'in', uids)
    .where('state', '=', 'attempted')
    .where('attempts', '<=', 0)
    .execute()
}

/** UIDs that ended and that the server was not told of yet, ascending. */
export async function awaitingServerAction(
  sql: Sql,
  place: MailboxPlace,
  limit: number,
): Promise<readonly number[]> {
  const rows = await sql
    .selectFrom('mail')
    .select('uid')
    .where('place', '=', await findPlace(sql, place))
    .where('awaiting', '=', (literal) => literal.lit(1))
    .orderBy('uid')
    .limit(limit)
    .execute()
  return rows.flatMap(({ uid }) => (uid === null ? [] : [uid]))
}

export async function noteServerAction(
  sql: Sql,
  place: MailboxPlace,
  uids: readonly number[],
  now: UnixMs,
): Promise<void> {
  const id = await findPlace(sql, place)
  for (const uid of uids) {
    await sql
      .updateTable('mail')
      .set({ awaiting: 0, acted_at: now })
      .where('place', '=', id)
      .where('uid', '=', uid)
      .where('awaiting', '=', (literal) => literal.lit(1))
      .execute()
  }
}
