import { sha256 } from '../lib/sha256.ts'
import type { SqliteConnection } from './node-sqlite.ts'
import { StoreError } from './store-error.ts'

/** One step of the schema, forward only. Once released its statements never change. */
export interface Migration {
  /** 1, 2, 3 … without gaps. */
  readonly version: number
  readonly statements: readonly string[]
}

/**
 * Brings the schema up to the newest migration, one transaction each, so that a death at any statement leaves
 * version N or N + 1 (R8). Throws StoreError `newer-schema` or `changed-migration` before it changes anything.
 */
export function migrate(connection: SqliteConnection, migrations: readonly Migration[]): void {
  connection.exec(
    'create table if not exists migration (version integer primary key, checksum text not null) strict',
  )
  verifyApplied(connection, migrations)
  for (const migration of migrations) apply(connection, migration)
}

function verifyApplied(connection: SqliteConnection, migrations: readonly Migration[]): void {
  for (const [version, checksum] of applied(connection)) {
    const known = migrations.find((migration) => migration.version === version)
    if (known === undefined) {
      throw new StoreError(
        'newer-schema',
        `The database has schema version ${version}; this program knows up to ${migrations.at(-1)?.version ?? 0}. Start the newer program, or restore the backup from before its first start.`,
      )
    }
    if (checksum !== checksumOf(known)) {
      throw new StoreError(
        'changed-migration',
        `Schema version ${version} of the database was made by other statements than this program has. Start the program that made it.`,
      )
    }
  }
}

function apply(connection: SqliteConnection, migration: Migration): void {
  connection.exec('begin immediate')
  try {
    // Asked inside the transaction: another process may have been quicker.
    if (!applied(connection).has(migration.version)) {
      for (const statement of migration.statements) connection.exec(statement)
      connection
        .prepare('insert into migration (version, checksum) values (?, ?)')
        .run(migration.version, checksumOf(migration))
    }
    connection.exec('commit')
  } catch (error) {
    if (connection.isTransaction) connection.exec('rollback')
    throw error
  }
}

function applied(connection: SqliteConnection): ReadonlyMap<number, string> {
  const rows = connection.prepare('select version, checksum from migration order by version').all()
  return new Map(rows.map((row) => [Number(row.version), String(row.checksum)]))
}

function checksumOf(migration: Migration): string {
  return sha256(migration.statements.join(';\n'))
}
