import { expect, test } from 'vitest'
import { MINUTE_MS } from '../../../src/lib/time.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { init } from '../../../src/store/migrations/0001-init.ts'
import { openSqlite } from '../../../src/store/node-sqlite.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { at, incident, notification, OPEN, SLACK } from '../../contract/store-samples.ts'
import { OPTIONS, scratch } from './scratch.ts'

test('what the first schema had waiting is sent by the newest', async () => {
  await using place = await scratch()
  const { held: _held, ...old } = notification('n1', incident('inc-a', OPEN))
  {
    using connection = openSqlite(place.file, 0)
    migrate(connection, [init])
    connection
      .prepare(
        `insert into outbox (id, dedupe_key, channel, thread, due_at, state, open, ambiguous, attempts, body)
         values ('n1', ?, ?, ?, ?, 'pending', 1, 0, 0, ?)`,
      )
      .run(old.dedupeKey, old.channel, old.thread, old.notBefore, JSON.stringify(old))
  }
  await using store = await openStore(place.file, { ...OPTIONS, warn: () => {} })
  const claimed = await store.outbox.claim(SLACK, at(0), MINUTE_MS, null)
  expect(claimed?.notifications).toEqual([{ ...old, held: null }])
  expect(await store.quiet.held()).toEqual([])
})
