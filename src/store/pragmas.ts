import type { SqliteConnection } from './node-sqlite.ts'
import { StoreError } from './store-error.ts'

/** R1: what every connection runs under. Values as SQLite reads them back; synchronous 2 is FULL. */
const PRAGMAS: readonly (readonly [name: string, value: string | number])[] = [
  ['busy_timeout', 5000],
  ['journal_mode', 'wal'],
  ['synchronous', 2],
  ['foreign_keys', 1],
  ['trusted_schema', 0],
  ['journal_size_limit', 67_108_864],
  ['wal_autocheckpoint', 1000],
]

/** Sets the R1 pragmas and reads each back; throws StoreError `pragma` when one did not take. */
export function setPragmas(connection: SqliteConnection, inMemory: boolean): void {
  for (const [name, value] of PRAGMAS) {
    connection.exec(`PRAGMA ${name} = ${value}`)
    const found = readPragma(connection, name)
    // A database in memory has no journal file.
    const wanted = inMemory && name === 'journal_mode' ? 'memory' : value
    if (found !== wanted) {
      throw new StoreError('pragma', `SQLite did not accept PRAGMA ${name} = ${value}: it says ${found}`)
    }
  }
}

function readPragma(connection: SqliteConnection, name: string): unknown {
  const row = connection.prepare(`PRAGMA ${name}`).get()
  // busy_timeout answers in a column named `timeout`.
  return row === undefined ? undefined : Object.values(row)[0]
}

/** R4: reads the whole file for damage; throws StoreError `corrupt` and changes nothing. */
export function checkIntegrity(connection: SqliteConnection, file: string): void {
  const complaints = connection
    .prepare('PRAGMA quick_check(5)')
    .all()
    .map((row) => String(Object.values(row)[0]))
  if (complaints.length === 1 && complaints[0] === 'ok') return
  throw new StoreError(
    'corrupt',
    `${file} is damaged (${complaints.join('; ')}). It was left as it is: put a backup in its place.`,
  )
}
