/** The statements about jobs: work that is due at an instant, each key once. */
import { randomBytes } from 'node:crypto'
import type { UnixMs } from '../lib/time.ts'
import type { Sql } from './database.ts'
import type { ClaimedJob, NewJob } from './store.ts'

/** False when the key is known already, whatever became of it. */
export async function enqueueJob(sql: Sql, job: NewJob): Promise<boolean> {
  const result = await sql
    .insertInto('job')
    .values({
      key: job.key,
      kind: job.kind,
      argument: job.argument,
      schedule: job.slot?.schedule ?? null,
      slot_at: job.slot?.at ?? null,
      due_at: job.dueAt,
      ready_at: job.dueAt,
      state: 'waiting',
      open: 1,
      attempts: 0,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Leases the job that has been due longest; one whose lease ran out is given again. Null when none is due. */
export async function claimJob(
  sql: Sql,
  kinds: readonly string[],
  now: UnixMs,
  leaseMs: number,
): Promise<ClaimedJob | null> {
  if (kinds.length === 0) return null
  const lease = randomBytes(16).toString('hex')
  const row = await sql
    .updateTable('job')
    .set((job) => ({ state: 'leased', lease, ready_at: now + leaseMs, attempts: job('attempts', '+', 1) }))
    .where('id', '=', (job) =>
      job
        .selectFrom('job as due')
        .select('due.id')
        .where('due.open', '=', (literal) => literal.lit(1))
        .where('due.ready_at', '<=', now)
        .where('due.kind', 'in', kinds)
        .orderBy('due.ready_at')
        .orderBy('due.id')
        .limit(1),
    )
    .returning(['key', 'kind', 'argument', 'schedule', 'slot_at', 'due_at', 'attempts'])
    .executeTakeFirst()
  if (row === undefined) return null
  const { key, kind, argument, schedule, slot_at } = row
  const slot = schedule !== null && slot_at !== null ? { schedule, at: slot_at } : null
  return { key, kind, argument, slot, dueAt: row.due_at, leaseToken: lease, attempt: row.attempts }
}

/** Ends a job; a lease that was lost ends nothing. */
export async function finishJob(sql: Sql, job: ClaimedJob, outcome: 'done' | 'failed'): Promise<void> {
  await sql
    .updateTable('job')
    .set({ state: outcome, open: 0, lease: null })
    .where('key', '=', job.key)
    .where('lease', '=', job.leaseToken)
    .execute()
}

/** What a dead process left leased is due again at once; returns how many. */
export async function recoverJobs(sql: Sql, now: UnixMs): Promise<number> {
  const result = await sql
    .updateTable('job')
    .set({ state: 'waiting', lease: null, ready_at: now })
    .where('open', '=', (literal) => literal.lit(1))
    .where('state', '=', 'leased')
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

/** When the next job falls due, or a lease runs out; null when there is none. */
export async function nextJobDueAt(sql: Sql): Promise<UnixMs | null> {
  const row = await sql
    .selectFrom('job')
    .select('ready_at')
    .where('open', '=', (literal) => literal.lit(1))
    .orderBy('ready_at')
    .limit(1)
    .executeTakeFirst()
  return row?.ready_at ?? null
}

/** The newest slot of a schedule that ever became a job; pruning keeps it. */
export async function lastSlot(sql: Sql, schedule: string): Promise<UnixMs | null> {
  const row = await sql
    .selectFrom('job')
    .select('slot_at')
    .where('schedule', '=', schedule)
    .orderBy('slot_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.slot_at ?? null
}
