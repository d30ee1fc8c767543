import type { Database, Sql } from './database.ts'

/** R12: at most this many rows go in one transaction. */
export const BATCH = 5_000

interface Deleted {
  readonly numDeletedRows: bigint
}

/** Runs `deleteSome`, which deletes up to `batch` rows, until it finds fewer; gives how many went. */
export async function inBatches(
  database: Database,
  deleteSome: (sql: Sql) => Promise<Deleted>,
  batch = BATCH,
): Promise<number> {
  let total = 0
  for (;;) {
    const deleted = Number((await database.write(deleteSome)).numDeletedRows)
    total += deleted
    if (deleted < batch) return total
  }
}
