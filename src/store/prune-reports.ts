/** Forgetting mails and reports (R12). */
import { sql as text } from 'kysely'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { Database, Sql } from './database.ts'
import { BATCH, inBatches } from './prune-batches.ts'
import type { Pruned, Retention } from './store.ts'

/**
 * The server is asked for mails that arrived since a day (RFC 3501 §6.4.4), which it understands in its own time zone: what it
 * may still name must be known, or it would be read as new.
 */
const SEARCH_SLACK_MS = 2 * DAY_MS

/** Bytes of mails are large: a few hundred in one transaction. */
const RAWS_AT_ONCE = 200

export async function pruneReports(
  database: Database,
  now: UnixMs,
  retention: Retention,
): Promise<Pick<Pruned, 'raws' | 'reports' | 'mails'>> {
  const before = now - retention.reportsMs
  const raws = await pruneRaws(database, now - retention.rawMs)
  const reports = await pruneWholeReports(database, before)
  await inBatches(database, (sql) => forgetReporterDays(sql, before))
  const mails = await pruneMails(database, before - SEARCH_SLACK_MS)
  await database.write(forgetPlaces)
  return { raws, reports, mails }
}

async function pruneRaws(database: Database, before: UnixMs): Promise<number> {
  const deleteSome = (sql: Sql) =>
    sql
      .deleteFrom('raw')
      .where('sha256', 'in', (old) =>
        old.selectFrom('raw').select('sha256').where('last_at', '<', before).limit(RAWS_AT_ONCE),
      )
      .executeTakeFirst()
  return inBatches(database, deleteSome, RAWS_AT_ONCE)
}

/** A report goes with its policies; one that has more of them than a batch goes alone. */
async function pruneWholeReports(database: Database, before: UnixMs): Promise<number> {
  let total = 0
  for (;;) {
    const gone = await database.write((sql) => deleteReports(sql, before))
    total += gone
    if (gone === 0) return total
  }
}

async function deleteReports(sql: Sql, before: UnixMs): Promise<number> {
  const old = await sql
    .selectFrom('report')
    .select(['number', 'policies'])
    .where('received_at', '<', before)
    .orderBy('received_at')
    .limit(BATCH)
    .execute()
  let rows = 0
  const going = old.filter(({ policies }, index) => {
    rows += 1 + policies
    return index === 0 || rows <= BATCH
  })
  const numbers = JSON.stringify(going.map(({ number }) => number))
  await sql
    .deleteFrom('report')
    .where('number', 'in', text<number>`(select value from json_each(${numbers}))`)
    .execute()
  return going.length
}

/** Days that are over before, so that no report of them is left. */
function forgetReporterDays(sql: Sql, before: UnixMs) {
  return sql
    .deleteFrom('reporter_day')
    .where((day) =>
      day(
        day.refTuple('reporter', 'day_at'),
        'in',
        day
          .selectFrom('reporter_day as old')
          .select(['old.reporter', 'old.day_at'])
          .where('old.day_at', '<=', before - DAY_MS)
          .limit(BATCH)
          .$asTuple('reporter', 'day_at'),
      ),
    )
    .executeTakeFirst()
}

async function pruneMails(database: Database, before: UnixMs): Promise<number> {
  return inBatches(database, (sql) =>
    sql
      .deleteFrom('mail')
      .where('id', 'in', (old) =>
        old
          .selectFrom('mail')
          .select('id')
          .where('received_at', '<', before)
          .orderBy('received_at')
          .limit(BATCH),
      )
      .executeTakeFirst(),
  )
}

/** Earlier lives of folders of which no mail is left. */
async function forgetPlaces(sql: Sql): Promise<void> {
  await sql
    .deleteFrom('mailbox_place')
    .where('id', 'not in', (mail) => mail.selectFrom('mail').select('place').where('place', 'is not', null))
    .where((place) =>
      place.exists(
        place
          .selectFrom('mailbox_place as later')
          .select('later.id')
          .whereRef('later.account', '=', 'mailbox_place.account')
          .whereRef('later.folder', '=', 'mailbox_place.folder')
          .whereRef('later.turn', '>', 'mailbox_place.turn'),
      ),
    )
    .execute()
}
