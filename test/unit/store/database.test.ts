import { expect, test } from 'vitest'
import { database } from '../../../src/store/database.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { MIGRATIONS } from '../../../src/store/migrations.ts'
import { openSqlite } from '../../../src/store/node-sqlite.ts'

function open() {
  const connection = openSqlite(':memory:', 0)
  migrate(connection, MIGRATIONS)
  return database(connection)
}

const put = (key: string) => (sql: Parameters<Parameters<ReturnType<typeof open>['write']>[0]>[0]) =>
  sql.insertInto('meta').values({ key, value: 'x' }).execute()

test('a query inside another one throws at once, where it would wait for ever', async () => {
  await using db = open()
  for (const outer of [db.read, db.write]) {
    for (const inner of [db.read, db.write]) {
      await expect(outer(() => inner(put('a')))).rejects.toThrow(/inside another/)
    }
  }
  await db.write(put('b'))
})

test('many writers and readers at once take turns', async () => {
  await using db = open()
  await Promise.all(Array.from({ length: 50 }, (_, n) => db.write(put(`k${n}`))))
  const count = await db.read((sql) =>
    sql
      .selectFrom('meta')
      .select((row) => row.fn.countAll().as('n'))
      .executeTakeFirstOrThrow(),
  )
  expect(count.n).toBe(50)
})

test('a write that rejects leaves nothing, gives its own error, and the next one works', async () => {
  await using db = open()
  const failure = new Error('after the first statement')
  const half = db.write(async (sql) => {
    await put('half')(sql)
    throw failure
  })
  await expect(half).rejects.toBe(failure)
  await db.write(put('half'))
})

test('what can be done again does not wait for the disk; everything else does, also after it failed', async () => {
  const connection = openSqlite(':memory:', 0)
  migrate(connection, MIGRATIONS)
  connection.exec('PRAGMA synchronous = FULL')
  await using db = database(connection)
  const synchronous = () => connection.prepare('PRAGMA synchronous').get()?.synchronous
  const seen: unknown[] = []
  const look = async () => void seen.push(synchronous())
  const failing = async () => {
    await look()
    throw new Error('no')
  }
  await Promise.allSettled([
    db.write(look),
    db.writeRepeatable(look),
    db.write(look),
    db.writeRepeatable(failing),
  ])
  await db.write(look)
  const [full, normal] = [2, 1]
  expect(seen).toEqual([full, normal, full, normal, full])
  await expect(db.writeRepeatable(() => db.read(put('a')))).rejects.toThrow(/inside another/)
})
