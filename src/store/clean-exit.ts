/** Did the last owner of the database close it? If not, its file is read for damage at the next start (R4). */
import type { Sql } from './database.ts'
import type { SqliteConnection } from './node-sqlite.ts'

const KEY = 'left-cleanly'

/** True for a new database too: there is nothing to check. */
export function leftCleanly(connection: SqliteConnection): boolean {
  const tables = connection.prepare(`select name from sqlite_schema where type = 'table'`).all()
  if (tables.length === 0) return true
  if (!tables.some((table) => table.name === 'meta')) return false
  return connection.prepare('select value from meta where key = ?').get(KEY) !== undefined
}

/** From now on a death is noticed. */
export async function noteEntry(sql: Sql): Promise<void> {
  await sql.deleteFrom('meta').where('key', '=', KEY).execute()
}

/** The last write of an owner. */
export async function noteCleanExit(sql: Sql): Promise<void> {
  await sql
    .insertInto('meta')
    .values({ key: KEY, value: 'yes' })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
}
