import { expect, test } from 'vitest'
import { database } from '../../../src/store/database.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { MIGRATIONS } from '../../../src/store/migrations.ts'
import { openSqlite } from '../../../src/store/node-sqlite.ts'
import { membersOf, prepared } from '../../../src/store/prepared.ts'

function open() {
  const connection = openSqlite(':memory:', 1_000)
  migrate(connection, MIGRATIONS)
  return database(connection)
}

test('a statement is built once and takes the values of each execution, in whatever order they are named', async () => {
  await using db = open()
  let built = 0
  const insert = prepared((sql, row: { readonly key: string; readonly value: string }) => {
    built += 1
    return sql.insertInto('meta').values(row).returning('key')
  })
  const find = prepared((sql, { value, key }: { readonly value: string; readonly key: string }) =>
    sql.selectFrom('meta').select('value').where('value', '=', value).where('key', '>=', key),
  )
  await db.write(async (sql) => {
    expect(await insert(sql, { key: 'a', value: '1' })).toEqual([{ key: 'a' }])
    expect(await insert(sql, { value: '2', key: 'b' })).toEqual([{ key: 'b' }])
  })
  expect(await db.read((sql) => find(sql, { value: '2', key: 'a' }))).toEqual([{ value: '2' }])
  expect(await db.read((sql) => find(sql, { key: 'a', value: '1' }))).toEqual([{ value: '1' }])
  expect(await db.read((sql) => find(sql, { key: 'b', value: '1' }))).toEqual([])
  expect(built).toBe(1)
})

test('what does not change stands in the statement, a list of any length in one value', async () => {
  await using db = open()
  const among = prepared((sql, { keys }: { readonly keys: string }) =>
    sql
      .selectFrom('meta')
      .select('key')
      .where('key', 'in', membersOf<string>(keys))
      .where('value', '=', 'right')
      .orderBy('key'),
  )
  await db.write(async (sql) => {
    for (const [key, value] of [
      ['a', 'right'],
      ['b', 'wrong'],
      ['c', 'right'],
    ] as const) {
      await sql.insertInto('meta').values({ key, value }).execute()
    }
  })
  const found = async (...keys: readonly string[]) =>
    (await db.read((sql) => among(sql, { keys: JSON.stringify(keys) }))).map(({ key }) => key)
  expect(await found()).toEqual([])
  expect(await found('c', 'b')).toEqual(['c'])
  expect(await found('a', 'b', 'c', 'd')).toEqual(['a', 'c'])
})

test('a statement rejects with what SQLite says, again and again', async () => {
  await using db = open()
  const insert = prepared((sql, row: { readonly key: string; readonly value: string }) =>
    sql.insertInto('meta').values(row),
  )
  const twice = { key: 'twice', value: '1' }
  await db.write((sql) => insert(sql, twice))
  for (let time = 0; time < 2; time += 1) {
    await expect(db.write((sql) => insert(sql, twice))).rejects.toThrow('UNIQUE')
  }
})
