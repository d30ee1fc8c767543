import { expect, test } from 'vitest'
import { MINUTE_MS } from '../../../src/lib/time.ts'
import { type Migration, migrate } from '../../../src/store/migrate.ts'
import { init } from '../../../src/store/migrations/0001-init.ts'
import { reports } from '../../../src/store/migrations/0002-reports.ts'
import { openSqlite } from '../../../src/store/node-sqlite.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { mail, newReport } from '../../contract/report-samples.ts'
import { at, DOMAIN, incident, notification, OPEN, SLACK } from '../../contract/store-samples.ts'
import { OPTIONS, scratch } from './scratch.ts'

const QUIETLY = { ...OPTIONS, warn: () => {} }
const { held: _held, ...WAITING } = notification('n1', incident('inc-a', OPEN))

// Rows as the programs of the older schemas wrote them: nothing of today's code may be needed for that.
const FIRST_ROWS = [
  `insert into watched (domain, snapshot, state, first_at, last_at, looks)
   values ('${DOMAIN}', 'snap_1', x'00', ${at(0)}, ${at(9)}, 10)`,
  `insert into change (domain, at, body) values ('${DOMAIN}', ${at(0)}, '{"domain":"${DOMAIN}","at":1}')`,
  `insert into outbox (id, dedupe_key, channel, thread, due_at, state, open, ambiguous, attempts, body)
   values ('n1', '${WAITING.dedupeKey}', '${SLACK}', '${WAITING.thread}', ${at(0)}, 'pending', 1, 0, 0,
           '${JSON.stringify(WAITING).replaceAll("'", "''")}')`,
  `insert into job (key, kind, argument, due_at, ready_at, state, open, attempts)
   values ('j1', 'check', '${DOMAIN}', ${at(3)}, ${at(3)}, 'waiting', 1, 0)`,
  `insert into meta (key, value) values ('left-cleanly', 'yes')`,
]

const SECOND_ROWS = [
  ...FIRST_ROWS,
  `insert into mailbox_place (account, folder, uid_validity, turn) values ('tls@mail.example:993', 'INBOX', '7', 1)`,
  `insert into mail (place, uid, state, attempts, awaiting, received_at, size_bytes, duplicates, refused)
   values (1, 4, 'postponed', 1, 0, ${at(0)}, 900, 0, 0)`,
  `insert into admitted_sender (sender, admitted_at) values ('google.example', ${at(0)})`,
]

const OLD: readonly (readonly [number, readonly Migration[], readonly string[]])[] = [
  [1, [init], FIRST_ROWS],
  [2, [init, reports], SECOND_ROWS],
]

async function oldDatabase(migrations: readonly Migration[], rows: readonly string[]) {
  const place = await scratch()
  using connection = openSqlite(place.file, 0)
  migrate(connection, migrations)
  for (const row of rows) connection.exec(row)
  return place
}

test.each(OLD)(
  'a database of version %i is upgraded, keeps its rows, and takes reports',
  async (_, ...old) => {
    await using place = await oldDatabase(...old)
    {
      await using store = await openStore(place.file, QUIETLY)
      expect(await store.reports.commitMails([mail(1, newReport())])).toMatchObject([
        { mailClass: 'accepted' },
      ])
    }
    await using store = await openStore(place.file, QUIETLY)
    expect(await store.snapshots.lookSummary(DOMAIN)).toEqual({ looks: 10, firstAt: at(0), lastAt: at(9) })
    expect(await store.snapshots.changes(DOMAIN, 0, 10)).toHaveLength(1)
    expect(await store.outbox.pending(10)).toMatchObject([{ notification: { id: 'n1' }, state: 'pending' }])
    expect(await store.jobs.nextDueAt()).toBe(at(3))
    expect(await store.reports.policiesOf(DOMAIN, 0)).toHaveLength(1)
  },
)

test.each(OLD)(
  'what version %i had waiting is sent by the newest, and nothing is held',
  async (_, ...old) => {
    await using place = await oldDatabase(...old)
    await using store = await openStore(place.file, QUIETLY)
    const claimed = await store.outbox.claim(SLACK, at(0), MINUTE_MS, null)
    expect(claimed?.notifications).toEqual([{ ...WAITING, held: null }])
    expect([await store.quiet.held(), await store.quiet.silences(at(0))]).toEqual([[], []])
  },
)

test('senders that were admitted under version 2 still are', async () => {
  await using place = await oldDatabase([init, reports], SECOND_ROWS)
  await using store = await openStore(place.file, QUIETLY)
  expect(await store.reports.admittedSenders()).toEqual(['google.example'])
})
