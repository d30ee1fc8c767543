/** Folders in each of their lives (RFC 3501 §2.3.1.1). */
import { sql as text } from 'kysely'
import type { Sql } from './database.ts'
import type { MailboxPlace } from './report-store.ts'

/** The life of a folder that was read last. */
export async function lastPlace(sql: Sql, account: string, folder: string): Promise<MailboxPlace | null> {
  const row = await sql
    .selectFrom('mailbox_place')
    .select('uid_validity')
    .where('account', '=', account)
    .where('folder', '=', folder)
    .orderBy('turn', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { account, folder, uidValidity: row.uid_validity }
}

export async function findPlace(sql: Sql, place: MailboxPlace): Promise<number | null> {
  const row = await sql
    .selectFrom('mailbox_place')
    .select('id')
    .where('account', '=', place.account)
    .where('folder', '=', place.folder)
    .where('uid_validity', '=', place.uidValidity)
    .executeTakeFirst()
  return row?.id ?? null
}

/** Makes this the life that was read last; gives its row. */
export async function enterPlace(sql: Sql, place: MailboxPlace): Promise<number> {
  const current = await lastPlace(sql, place.account, place.folder)
  const known = await findPlace(sql, place)
  if (known !== null && current?.uidValidity === place.uidValidity) return known
  const { account, folder, uidValidity } = place
  const row = await sql
    .insertInto('mailbox_place')
    .values((value) => ({
      account,
      folder,
      uid_validity: uidValidity,
      turn: value.selectFrom('mailbox_place').select(text<number>`coalesce(max(turn), 0) + 1`.as('turn')),
    }))
    .onConflict((conflict) =>
      conflict
        .columns(['account', 'folder', 'uid_validity'])
        .doUpdateSet((place) => ({ turn: place.ref('excluded.turn') })),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}
