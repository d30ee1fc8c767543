import { DatabaseSync } from 'node:sqlite'

export type SqliteConnection = DatabaseSync

/** Opens (and creates) a SQLite file; the only place that knows the driver. `busyMs`: how long to wait for a lock. */
export function openSqlite(file: string, busyMs: number): SqliteConnection {
  return new DatabaseSync(file, { timeout: busyMs })
}

/** SQLite's primary result codes that are told apart here. */
export const SQLITE = { busy: 5, corrupt: 11, notADatabase: 26 } as const

/** The primary result code of an error that SQLite raised, null for any other error. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null
  // https://sqlite.org/rescode.html: the low byte is the primary code.
  return error.errcode & 0xff
}
