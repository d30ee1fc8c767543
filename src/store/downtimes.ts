/** When the monitor did not run, as far as it can know: a sign of life a minute, and the gaps between them. */
import { MINUTE_MS, type UnixMs } from '../lib/time.ts'
import type { Sql } from './database.ts'

export interface Downtime {
  readonly fromAt: UnixMs
  readonly untilAt: UnixMs
}

const ALIVE = 'alive-at'
/** A shorter gap is a busy machine, or a quick restart. */
const GAP_MS = 5 * MINUTE_MS

/** A sign of life; a gap since the one before is remembered. A clock that was set back begins anew. */
export async function noteAlive(sql: Sql, now: UnixMs): Promise<void> {
  const row = await sql.selectFrom('meta').select('value').where('key', '=', ALIVE).executeTakeFirst()
  const before = row === undefined ? now : Number(row.value)
  if (now - before > GAP_MS) {
    await sql
      .insertInto('downtime')
      .values({ from_at: before, until_at: now })
      .onConflict((conflict) => conflict.column('from_at').doUpdateSet({ until_at: now }))
      .execute()
  }
  await sql
    .insertInto('meta')
    .values({ key: ALIVE, value: String(now) })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: String(now) }))
    .execute()
}

/** Those that touch the time from `since` to `until`, oldest first. */
export async function downtimesBetween(sql: Sql, since: UnixMs, until: UnixMs): Promise<readonly Downtime[]> {
  const rows = await sql
    .selectFrom('downtime')
    .selectAll()
    .where('until_at', '>', since)
    .where('from_at', '<', until)
    .orderBy('from_at')
    .execute()
  return rows.map(({ from_at, until_at }) => ({ fromAt: from_at, untilAt: until_at }))
}

export async function pruneDowntimes(sql: Sql, before: UnixMs): Promise<void> {
  await sql.deleteFrom('downtime').where('until_at', '<', before).execute()
}
