import { expect, test } from 'vitest'
import { migrate } from '../../../src/store/migrate.ts'
import { init } from '../../../src/store/migrations/0001-init.ts'
import { openSqlite } from '../../../src/store/node-sqlite.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { mail, newReport } from '../../contract/report-samples.ts'
import { at, DOMAIN, SLACK } from '../../contract/store-samples.ts'
import { OPTIONS, scratch } from './scratch.ts'

// Rows as the program of the first schema wrote them: nothing of today's code may be needed for that.
const ROWS = [
  `insert into watched (domain, snapshot, state, first_at, last_at, looks)
   values ('${DOMAIN}', 'snap_1', x'00', ${at(0)}, ${at(9)}, 10)`,
  `insert into change (domain, at, body) values ('${DOMAIN}', ${at(0)}, '{"domain":"${DOMAIN}","at":1}')`,
  `insert into outbox (id, dedupe_key, channel, thread, due_at, state, open, ambiguous, attempts, body)
   values ('n1', 'k1', '${SLACK}', 't1', ${at(0)}, 'pending', 1, 0, 0, '{"id":"n1"}')`,
  `insert into job (key, kind, argument, due_at, ready_at, state, open, attempts)
   values ('j1', 'check', '${DOMAIN}', ${at(3)}, ${at(3)}, 'waiting', 1, 0)`,
  `insert into meta (key, value) values ('left-cleanly', 'yes')`,
]

test('a database of the first schema is upgraded, keeps its rows, and takes reports', async () => {
  await using place = await scratch()
  {
    using connection = openSqlite(place.file, 0)
    migrate(connection, [init])
    for (const row of ROWS) connection.exec(row)
  }
  const options = { ...OPTIONS, warn: () => {} }
  {
    await using store = await openStore(place.file, options)
    expect(await store.reports.commitMails([mail(1, newReport())])).toMatchObject([{ mailClass: 'accepted' }])
  }
  await using store = await openStore(place.file, options)
  expect(await store.snapshots.lookSummary(DOMAIN)).toEqual({ looks: 10, firstAt: at(0), lastAt: at(9) })
  expect(await store.snapshots.changes(DOMAIN, 0, 10)).toHaveLength(1)
  expect(await store.outbox.pending(10)).toMatchObject([{ notification: { id: 'n1' }, state: 'pending' }])
  expect(await store.jobs.nextDueAt()).toBe(at(3))
  expect(await store.reports.policiesOf(DOMAIN, 0)).toHaveLength(1)
})
