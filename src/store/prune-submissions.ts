/** Forgetting what our own TLS reports were made of, and what became of them. */
import type { UnixMs } from '../lib/time.ts'
import type { Database } from './database.ts'
import { BATCH, inBatches } from './prune-batches.ts'

/** Days before that instant. */
export async function pruneSessions(database: Database, before: UnixMs): Promise<number> {
  return inBatches(database, (sql) =>
    sql
      .deleteFrom('probe_session')
      .where((row) =>
        row(
          row.refTuple('domain', 'day_at', 'body'),
          'in',
          row
            .selectFrom('probe_session as old')
            .select(['old.domain', 'old.day_at', 'old.body'])
            .where('old.day_at', '<', before)
            .limit(BATCH)
            .$asTuple('domain', 'day_at', 'body'),
        ),
      )
      .executeTakeFirst(),
  )
}

/** Those that are over, of days before that instant. */
export async function pruneSubmissions(database: Database, before: UnixMs): Promise<number> {
  return inBatches(database, (sql) =>
    sql
      .deleteFrom('submission')
      .where('number', 'in', (row) =>
        row
          .selectFrom('submission as old')
          .select('old.number')
          .where('old.open', '=', 0)
          .where('old.day_at', '<', before)
          .limit(BATCH),
      )
      .executeTakeFirst(),
  )
}
