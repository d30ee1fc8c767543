/** How many looks a day, and how many of them told all they were made for. */
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Database, Sql } from './database.ts'
import { BATCH, inBatches } from './prune-batches.ts'

export async function countLook(
  sql: Sql,
  domain: DomainName,
  at: UnixMs,
  isUndecided: boolean,
): Promise<void> {
  const undecided = isUndecided ? 1 : 0
  await sql
    .insertInto('look_day')
    .values({ domain, day_at: at - (at % DAY_MS), looks: 1, undecided })
    .onConflict((conflict) =>
      conflict.columns(['domain', 'day_at']).doUpdateSet((row) => ({
        looks: row('look_day.looks', '+', 1),
        undecided: row('look_day.undecided', '+', undecided),
      })),
    )
    .execute()
}

export interface LookCount {
  readonly domain: DomainName
  /** On those days. */
  readonly looks: number
  readonly undecided: number
  /** The newest look of all; null: never. */
  readonly lastLookAt: UnixMs
}

/** One entry for every domain that was ever looked at and is remembered. */
export async function lookCounts(
  sql: Sql,
  firstDayAt: UnixMs,
  endDayAt: UnixMs,
): Promise<readonly LookCount[]> {
  const rows = await sql
    .selectFrom('watched')
    .leftJoin('look_day', (join) =>
      join
        .onRef('look_day.domain', '=', 'watched.domain')
        .on('look_day.day_at', '>=', firstDayAt)
        .on('look_day.day_at', '<', endDayAt),
    )
    .select(['watched.domain', 'watched.last_at'])
    .select((row) => [
      row.fn.sum<number | null>('look_day.looks').as('looks'),
      row.fn.sum<number | null>('look_day.undecided').as('undecided'),
    ])
    .groupBy(['watched.domain', 'watched.last_at'])
    .execute()
  return rows.map(({ domain, last_at, looks, undecided }) => ({
    domain: domain as DomainName,
    looks: looks ?? 0,
    undecided: undecided ?? 0,
    lastLookAt: last_at,
  }))
}

export async function pruneLookDays(database: Database, before: UnixMs): Promise<number> {
  return inBatches(database, (sql) =>
    sql
      .deleteFrom('look_day')
      .where((row) =>
        row(
          row.refTuple('domain', 'day_at'),
          'in',
          row
            .selectFrom('look_day as old')
            .select(['old.domain', 'old.day_at'])
            .where('old.day_at', '<', before)
            .limit(BATCH)
            .$asTuple('domain', 'day_at'),
        ),
      )
      .executeTakeFirst(),
  )
}
