/** The statements about TLS reports to ourselves. */
import type { UnixMs } from '../lib/time.ts'
import { type Canary, isPosted } from '../model/canary.ts'
import type { Authenticity } from '../model/received-report.ts'
import type { Submission, SubmissionState } from '../model/submission.ts'
import type { CanaryStore } from './canary-store.ts'
import type { Database, Sql } from './database.ts'
import { BATCH, inBatches } from './prune-batches.ts'
import { insertSubmission } from './submissions.ts'

export function canaryStore(db: Database): CanaryStore {
  return {
    queue: (canaries) =>
      db.write(async (sql) => {
        let fresh = 0
        for (const canary of canaries) fresh += (await queueCanary(sql, canary)) ? 1 : 0
        return fresh
      }),
    recent: (ruas, mostPerUri) =>
      db.read(async (sql) => {
        const found: Canary[] = []
        for (const rua of ruas) found.push(...(await recentCanaries(sql, rua, mostPerUri)))
        return found
      }),
  }
}

async function queueCanary(sql: Sql, submission: Submission): Promise<boolean> {
  if (!(await insertSubmission(sql, submission, null))) return false
  await sql
    .insertInto('canary')
    .values({
      report_id: submission.reportId,
      submission: submission.id,
      rua: submission.rua,
      slot_at: submission.dayAt,
      arrived_at: null,
      read_at: null,
      authenticity: null,
    })
    .onConflict((conflict) => conflict.column('report_id').doNothing())
    .execute()
  return true
}

/** Its first arrival counts: a copy that comes later says nothing about the way. One that we did not send is nothing to us. */
export async function noteArrival(
  sql: Sql,
  canary: { readonly reportId: string; readonly authenticity: Authenticity },
  times: { readonly arrivedAt: UnixMs; readonly readAt: UnixMs },
): Promise<void> {
  await sql
    .updateTable('canary')
    .set({
      arrived_at: times.arrivedAt,
      read_at: times.readAt,
      authenticity: JSON.stringify(canary.authenticity),
    })
    .where('report_id', '=', canary.reportId)
    .where('arrived_at', 'is', null)
    .execute()
}

async function recentCanaries(sql: Sql, rua: string, most: number): Promise<readonly Canary[]> {
  const rows = await sql
    .selectFrom('canary')
    .innerJoin('submission', 'submission.id', 'canary.submission')
    .selectAll('canary')
    .select([
      'submission.state',
      'submission.attempts',
      'submission.first_at',
      'submission.settled_at',
      'submission.note',
    ])
    .where('canary.rua', '=', rua)
    .orderBy('canary.slot_at', 'desc')
    .limit(most)
    .execute()
  return rows.map((row) => ({
    rua,
    reportId: row.report_id,
    slotAt: row.slot_at,
    state: row.state as SubmissionState,
    attempts: row.attempts,
    firstTriedAt: row.first_at,
    settledAt: row.settled_at,
    note: row.note,
    arrival:
      row.arrived_at === null || row.read_at === null || row.authenticity === null
        ? null
        : {
            at: row.arrived_at,
            readAt: row.read_at,
            authenticity: JSON.parse(row.authenticity) as Authenticity,
          },
  }))
}

/** See SummaryStore.canaries. */
export async function canariesBetween(
  sql: Sql,
  since: UnixMs,
  until: UnixMs,
): Promise<{ readonly sent: number; readonly arrived: number }> {
  const rows = await sql
    .selectFrom('canary')
    .innerJoin('submission', 'submission.id', 'canary.submission')
    .select(['canary.rua', 'canary.arrived_at', 'submission.state'])
    .where('canary.slot_at', '>=', since)
    .where('canary.slot_at', '<', until)
    .where('submission.attempts', '>', 0)
    .execute()
  const arrived = rows.filter(
    ({ rua, state, arrived_at }) => arrived_at !== null || (state === 'sent' && isPosted({ rua })),
  )
  return { sent: rows.length, arrived: arrived.length }
}

/** Those of slots before that instant. */
export async function pruneCanaries(database: Database, before: UnixMs): Promise<number> {
  return inBatches(database, (sql) =>
    sql
      .deleteFrom('canary')
      .where('report_id', 'in', (row) =>
        row
          .selectFrom('canary as old')
          .select('old.report_id')
          .where('old.slot_at', '<', before)
          .limit(BATCH),
      )
      .executeTakeFirst(),
  )
}
