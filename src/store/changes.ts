import type { UnixMs } from '../lib/time.ts'
import type { Change } from '../model/change.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Sql } from './database.ts'

/** Remembers changes in the order given. */
export async function insertChanges(sql: Sql, changes: readonly Change[]): Promise<void> {
  for (const change of changes) {
    const row = { domain: change.domain, at: change.at, body: JSON.stringify(change) }
    await sql.insertInto('change').values(row).execute()
  }
}

/** The first `limit` changes of a domain at or after `since`, oldest first. */
export async function changesSince(
  sql: Sql,
  domain: DomainName,
  since: UnixMs,
  limit: number,
): Promise<readonly Change[]> {
  const rows = await sql
    .selectFrom('change')
    .select('body')
    .where('domain', '=', domain)
    .where('at', '>=', since)
    .orderBy('at')
    .orderBy('id')
    .limit(limit)
    .execute()
  // Rows of earlier versions do not say how a change spreads.
  return rows.map((row) => ({ settles: null, ...(JSON.parse(row.body) as Omit<Change, 'settles'>) }))
}
