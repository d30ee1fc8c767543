import { expect, test } from 'vitest'
import { type Migration, migrate } from '../../../src/store/migrate.ts'
import { MIGRATIONS } from '../../../src/store/migrations.ts'
import { openSqlite, type SqliteConnection } from '../../../src/store/node-sqlite.ts'

const FIRST: Migration = { version: 1, statements: ['create table one (a integer) strict'] }
const SECOND: Migration = {
  version: 2,
  statements: ['create table two (a integer) strict', 'insert into one values (2)'],
}

function tables(connection: SqliteConnection): readonly unknown[] {
  const rows = connection.prepare(`select name from sqlite_schema where type = 'table' order by name`).all()
  return rows.map((row) => row.name)
}

test('migrations run once each, in order', () => {
  using connection = openSqlite(':memory:', 0)
  migrate(connection, [FIRST])
  migrate(connection, [FIRST, SECOND])
  migrate(connection, [FIRST, SECOND])
  expect(tables(connection)).toEqual(['migration', 'one', 'two'])
  expect(connection.prepare('select count(*) as n from one').get()).toMatchObject({ n: 1 })
})

test('a migration that fails at any statement leaves the version before it', () => {
  using connection = openSqlite(':memory:', 0)
  migrate(connection, [FIRST])
  for (let failing = 0; failing <= SECOND.statements.length; failing++) {
    const statements = SECOND.statements.toSpliced(failing, 0, 'no such statement')
    expect(() => migrate(connection, [FIRST, { version: 2, statements }])).toThrow(/syntax/)
    expect(tables(connection)).toEqual(['migration', 'one'])
  }
  migrate(connection, [FIRST, SECOND])
  expect(tables(connection)).toEqual(['migration', 'one', 'two'])
})

test('a schema from a newer program is refused before anything is changed', () => {
  using connection = openSqlite(':memory:', 0)
  migrate(connection, [FIRST, SECOND])
  expect(() => migrate(connection, [FIRST])).toThrow(expect.objectContaining({ kind: 'newer-schema' }))
})

test('a migration that was edited after it was applied is refused', () => {
  using connection = openSqlite(':memory:', 0)
  migrate(connection, [FIRST])
  const edited = { ...FIRST, statements: ['create table one (b text) strict'] }
  expect(() => migrate(connection, [edited, SECOND])).toThrow(
    expect.objectContaining({ kind: 'changed-migration' }),
  )
  expect(tables(connection)).toEqual(['migration', 'one'])
})

test('the versions of the program have no gaps', () => {
  expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, index) => index + 1))
})
