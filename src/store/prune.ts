/** Forgetting (R12): bounded transactions, so that no writer waits long. */
import type { UnixMs } from '../lib/time.ts'
import { pruneCanaries } from './canaries.ts'
import type { Database, Sql } from './database.ts'
import { pruneDowntimes } from './downtimes.ts'
import { pruneLookDays } from './look-days.ts'
import { BATCH, inBatches } from './prune-batches.ts'
import { pruneReports } from './prune-reports.ts'
import { pruneSessions, pruneSubmissions } from './prune-submissions.ts'
import type { Pruned, Retention } from './store.ts'

/** See Store.prune. */
export async function prune(database: Database, now: UnixMs, retention: Retention): Promise<Pruned> {
  const looksBefore = now - retention.looksMs
  const outboxBefore = now - retention.outboxMs
  await database.write((sql) => pruneDowntimes(sql, now - retention.changesMs))
  return {
    looks: await pruneLooks(database, looksBefore),
    contents: await pruneUnused(database, 'content'),
    parts: await pruneUnused(database, 'part'),
    changes: await pruneChanges(database, now - retention.changesMs),
    policyVersions: await prunePolicyVersions(database, looksBefore),
    notifications: await pruneOutbox(database, outboxBefore),
    suspicions: await pruneSuspicions(database, outboxBefore),
    jobs: await pruneJobs(database, now - retention.jobsMs),
    ...(await pruneReports(database, now, retention)),
    lookDays: await pruneLookDays(database, looksBefore),
    probeSessions: await pruneSessions(database, looksBefore),
    submissions: await pruneSubmissions(database, now - retention.reportsMs),
    canaries: await pruneCanaries(database, now - retention.reportsMs),
  }
}

async function pruneLooks(database: Database, before: UnixMs): Promise<number> {
  const domains = await database.read((sql) => sql.selectFrom('watched').select(['id', 'last_at']).execute())
  let total = 0
  for (const { id, last_at } of domains) {
    total += await pruneRuns(database, id, last_at < before ? Number.MAX_SAFE_INTEGER : before)
    if (last_at < before) await forgetDomain(database, id, before)
  }
  return total
}

/** Ended runs, save the newest answer of a part that is still looked at: changes are told against it. */
async function pruneRuns(database: Database, watched: number, before: UnixMs): Promise<number> {
  return inBatches(database, (sql) =>
    sql
      .deleteFrom('look')
      .where('watched', '=', watched)
      .where((run) =>
        run(
          run.refTuple('part', 'first_look'),
          'in',
          run
            .selectFrom('look as old')
            .select(['old.part', 'old.first_look'])
            .where('old.watched', '=', watched)
            .where('old.last_at', '<', before)
            .where((old) =>
              old.or([
                old('old.answered', '=', 0),
                old.exists(
                  old
                    .selectFrom('look as newer')
                    .select('newer.part')
                    .where('newer.watched', '=', watched)
                    .whereRef('newer.part', '=', 'old.part')
                    .whereRef('newer.first_look', '>', 'old.first_look')
                    .where('newer.answered', '=', 1),
                ),
                old.not(
                  old.exists(
                    old
                      .selectFrom('look as current')
                      .select('current.part')
                      .where('current.watched', '=', watched)
                      .whereRef('current.part', '=', 'old.part')
                      .where('current.last_look', 'is', null),
                  ),
                ),
              ]),
            )
            .limit(BATCH)
            .$asTuple('part', 'first_look'),
        ),
      )
      .executeTakeFirst(),
  )
}

/** A domain that was not looked at for the whole retention. */
async function forgetDomain(database: Database, watched: number, before: UnixMs): Promise<void> {
  await database.write(async (sql) => {
    const row = await sql
      .selectFrom('watched')
      .select('id')
      .where('id', '=', watched)
      .where('last_at', '<', before)
      .executeTakeFirst()
    // It was looked at again in the meantime.
    if (row === undefined) return
    await sql.deleteFrom('look').where('watched', '=', watched).execute()
    await sql.deleteFrom('watched').where('id', '=', watched).execute()
  })
}

/** Contents, or names of parts, that no run has any more; found by walking along the ids. */
async function pruneUnused(database: Database, table: 'content' | 'part'): Promise<number> {
  let total = 0
  let from: number | null = 0
  while (from !== null) {
    const start: number = from
    const step = await database.write(async (sql) => {
      const window = await sql
        .selectFrom(table)
        .select('id')
        .where('id', '>', start)
        .orderBy('id')
        .limit(BATCH)
        .execute()
      const last = window.at(-1)
      if (last === undefined) return { deleted: 0, next: null }
      const { numDeletedRows } = await sql
        .deleteFrom(table)
        .where('id', '>', start)
        .where('id', '<=', last.id)
        .where('id', 'not in', (run) => run.selectFrom('look').select(table))
        .executeTakeFirst()
      return { deleted: Number(numDeletedRows), next: last.id }
    })
    total += step.deleted
    from = step.next
  }
  return total
}

async function pruneChanges(database: Database, before: UnixMs): Promise<number> {
  return inBatches(database, (sql) =>
    sql
      .deleteFrom('change')
      .where('id', 'in', (old) =>
        old.selectFrom('change').select('id').where('at', '<', before).orderBy('at').limit(BATCH),
      )
      .executeTakeFirst(),
  )
}

/** Versions that no sender holds any more; the one seen last stays. */
async function prunePolicyVersions(database: Database, before: UnixMs): Promise<number> {
  return inBatches(database, (sql) =>
    sql
      .deleteFrom('policy_version')
      .where('id', 'in', (old) =>
        old
          .selectFrom('policy_version as old')
          .select('old.id')
          .where('old.horizon_at', '<', before)
          .where((row) =>
            row.exists(
              row
                .selectFrom('policy_version as newer')
                .select('newer.id')
                .whereRef('newer.domain', '=', 'old.domain')
                .whereRef('newer.last_seen_at', '>', 'old.last_seen_at'),
            ),
          )
          .limit(BATCH),
      )
      .executeTakeFirst(),
  )
}

/** Finished rows whose incident, if any, ended before as well: what was said of a live incident is never forgotten. */
async function pruneOutbox(database: Database, before: UnixMs): Promise<number> {
  const total = await inBatches(database, (sql) =>
    sql
      .deleteFrom('outbox')
      .where('seq', 'in', (old) =>
        old
          .selectFrom('outbox')
          .leftJoin('incident', 'incident.id', 'outbox.incident')
          .select('outbox.seq')
          .where('outbox.open', '=', 0)
          .where('outbox.due_at', '<', before)
          .where((row) =>
            row.or([
              row('incident.id', 'is', null),
              row.and([row('incident.flapping', '=', 0), row('incident.ended_at', '<', before)]),
            ]),
          )
          .limit(BATCH),
      )
      .executeTakeFirst(),
  )
  await database.write(forgetThreads)
  return total
}

async function forgetThreads(sql: Sql): Promise<void> {
  await sql
    .deleteFrom('thread_reference')
    .where((reference) =>
      reference.not(
        reference.exists(
          reference
            .selectFrom('outbox')
            .select('outbox.seq')
            .whereRef('outbox.channel', '=', 'thread_reference.channel')
            .whereRef('outbox.thread', '=', 'thread_reference.thread'),
        ),
      ),
    )
    .execute()
}

/** Incidents that were suspected, never confirmed and never spoken of. */
async function pruneSuspicions(database: Database, before: UnixMs): Promise<number> {
  return inBatches(database, (sql) =>
    sql
      .deleteFrom('incident')
      .where('number', 'in', (old) =>
        old
          .selectFrom('incident')
          .select('incident.number')
          .where('incident.phase', '=', 'dismissed')
          .where('incident.confirmed', '=', 0)
          .where('incident.ended_at', '<', before)
          .where((row) =>
            row.not(
              row.exists(
                row.selectFrom('outbox').select('outbox.seq').whereRef('outbox.incident', '=', 'incident.id'),
              ),
            ),
          )
          .limit(BATCH),
      )
      .executeTakeFirst(),
  )
}

/** See JobQueue.prune; gives the number of rows. */
export async function pruneJobs(database: Database, before: UnixMs): Promise<number> {
  return inBatches(database, (sql) =>
    sql
      .deleteFrom('job')
      .where('id', 'in', (old) =>
        old
          .selectFrom('job as old')
          .select('old.id')
          .where('old.open', '=', 0)
          .where('old.due_at', '<', before)
          .where((row) =>
            row.or([
              row('old.schedule', 'is', null),
              row.exists(
                row
                  .selectFrom('job as newer')
                  .select('newer.id')
                  .whereRef('newer.schedule', '=', 'old.schedule')
                  .whereRef('newer.slot_at', '>', 'old.slot_at'),
              ),
            ]),
          )
          .limit(BATCH),
      )
      .executeTakeFirst(),
  )
}
