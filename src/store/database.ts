/** Kysely over the embedded SQLite, behind two doors: one to read and one that is a transaction. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { Kysely, SqliteDialect } from 'kysely'
import type { SqliteConnection } from './node-sqlite.ts'
import type { Schema } from './schema.ts'

/** What statements are made with; it belongs to one `read` or `write` and ends with it. */
export type Sql = Pick<
  Kysely<Schema>,
  'selectFrom' | 'insertInto' | 'updateTable' | 'deleteFrom' | 'getExecutor'
>

/**
 * There is one connection, so a query beside an open transaction would wait for it for ever. Hence nothing but these
 * two functions leads to it, and calling one inside the other throws at once. `work` awaits nothing but its own
 * statements, which run synchronously, so that no transaction spans a wait for the outside (R5).
 */
export interface Database extends AsyncDisposable {
  read<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  /** `begin immediate` … `commit`; rolled back when `work` rejects, and rejects with the same error. */
  write<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  /**
   * The same for what is simply done again when a power failure took it back: the commit does not wait for the disk.
   * The next `write` brings it there before itself; no order is ever lost, and nothing to the end of the process alone.
   */
  writeRepeatable<T>(work: (sql: Sql) => Promise<T>): Promise<T>
}

/** Takes the connection over: closing the database closes it. */
export function database(connection: SqliteConnection): Database {
  const kysely = new Kysely<Schema>({ dialect: new SqliteDialect({ database: driver(connection) }) })
  const inside = new AsyncLocalStorage<true>()
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    if (inside.getStore()) throw new Error('A query of the store was started inside another one')
    return inside.run(true, work)
  }
  return {
    read: async (work) => alone(() => kysely.connection().execute(work)),
    write: async (work) => alone(() => kysely.transaction().execute(work)),
    writeRepeatable: async (work) =>
      alone(() =>
        // The connection is held, so that nobody else's commit is hurried.
        kysely.connection().execute(async (held) => {
          connection.exec('PRAGMA synchronous = NORMAL')
          try {
            return await held.transaction().execute(work)
          } finally {
            connection.exec('PRAGMA synchronous = FULL')
          }
        }),
      ),
    async [Symbol.asyncDispose]() {
      await kysely.destroy()
      // Kysely closes only what it has used.
      if (connection.isOpen) connection.close()
    },
  }
}

interface Prepared {
  readonly reader: boolean
  all(parameters: readonly unknown[]): unknown[]
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  iterate(parameters: readonly unknown[]): IterableIterator<unknown>
}

/** The texts that occur are few, but lists of different lengths make some more. */
const MAX_PREPARED = 256

/** node:sqlite in the shape that kysely's SqliteDialect expects. */
function driver(connection: SqliteConnection) {
  const prepared = new Map<string, Prepared>()
  return {
    close: () => connection.close(),
    prepare(text: string): Prepared {
      const known = prepared.get(text)
      if (known !== undefined) return known
      // SQLite has rolled back by itself after some errors (a full disk); a second rollback would hide the first error.
      if (text === 'rollback' && !connection.isTransaction) return NOTHING
      if (prepared.size >= MAX_PREPARED) prepared.clear()
      const fresh = prepare(connection, text)
      if (text !== 'rollback') prepared.set(text, fresh)
      return fresh
    },
  }
}

function prepare(connection: SqliteConnection, text: string): Prepared {
  // A transaction that reads first and then writes would fail at once, not wait, when another process writes.
  const statement = connection.prepare(text === 'begin' ? 'begin immediate' : text)
  type Values = Parameters<typeof statement.all>
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as Values)),
    run: (parameters) => statement.run(...(parameters as Values)),
    iterate: (parameters) => statement.iterate(...(parameters as Values)),
  }
}

const NOTHING: Prepared = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
}
