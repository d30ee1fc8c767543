/** The statements about our own TLS reports on their way. */
import { randomBytes } from 'node:crypto'
import type { UnixMs } from '../lib/time.ts'
import type {
  Submission,
  SubmissionId,
  SubmissionOutcome,
  SubmissionRow,
  SubmissionState,
} from '../model/submission.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Database, Sql } from './database.ts'
import { sessionsOf } from './probe-sessions.ts'
import type { ClaimedSubmission, SubmissionStore } from './submission-store.ts'

/** R77: so many refusals in a row, and the URI is left alone for a while. */
const REFUSALS_MAX = 3

export function submissionStore(db: Database): SubmissionStore {
  return {
    sessionsOf: (domain, dayAt) => db.read((sql) => sessionsOf(sql, domain, dayAt)),
    queue: (submissions, { mostPerUri }) =>
      db.write(async (sql) => {
        let fresh = 0
        for (const submission of submissions) fresh += (await queueOne(sql, submission, mostPerUri)) ? 1 : 0
        return fresh
      }),
    claim: (now, leaseMs) => db.write((sql) => claimSubmission(sql, now, leaseMs, null)),
    claimThis: (id, now, leaseMs) => db.write((sql) => claimSubmission(sql, now, leaseMs, id)),
    settle: (claim, outcome) => db.write((sql) => settleSubmission(sql, claim, outcome)),
    recover: (now) => db.write((sql) => recoverSubmissions(sql, now)),
    nextDueAt: () => db.read(nextSubmissionDueAt),
    recent: (domain, limit) => db.read((sql) => recentSubmissions(sql, domain, limit)),
  }
}

/** R77: mail for Victim@ and victim@ fills the same mailbox. Where it goes to stands in the body as it was written. */
function counted(rua: string): string {
  return rua.toLowerCase()
}

async function queueOne(sql: Sql, submission: Submission, mostPerUri: number): Promise<boolean> {
  return insertSubmission(sql, submission, await whyLeftOut(sql, submission, mostPerUri))
}

/** `because`: why it is not sent; null: it is. False when one of this domain, day and URI is known. */
export async function insertSubmission(
  sql: Sql,
  submission: Submission,
  because: string | null,
): Promise<boolean> {
  const result = await sql
    .insertInto('submission')
    .values({
      id: submission.id,
      domain: submission.domain,
      day_at: submission.dayAt,
      rua: counted(submission.rua),
      body: JSON.stringify(submission),
      state: because === null ? 'waiting' : 'left-out',
      open: because === null ? 1 : 0,
      ready_at: submission.notBefore,
      lease: null,
      attempts: 0,
      first_at: null,
      settled_at: because === null ? null : submission.createdAt,
      note: because,
    })
    .onConflict((conflict) => conflict.columns(['domain', 'day_at', 'rua']).doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

async function whyLeftOut(
  sql: Sql,
  { rua, dayAt, createdAt }: Submission,
  mostPerUri: number,
): Promise<string | null> {
  const suppressed = await sql
    .selectFrom('suppressed_rua')
    .select('until_at')
    .where('rua', '=', counted(rua))
    .where('until_at', '>', createdAt)
    .executeTakeFirst()
  if (suppressed !== undefined)
    return `it refused ${REFUSALS_MAX} reports in a row and is left alone for a while`
  const { sent } = await sql
    .selectFrom('submission')
    .select((row) => row.fn.countAll<number>().as('sent'))
    .where('rua', '=', counted(rua))
    .where('day_at', '=', dayAt)
    .where('state', '!=', 'left-out')
    .executeTakeFirstOrThrow()
  return sent >= mostPerUri ? `${mostPerUri} reports of this day go there already` : null
}

/** `id` null: whichever has been due longest. */
async function claimSubmission(
  sql: Sql,
  now: UnixMs,
  leaseMs: number,
  id: SubmissionId | null,
): Promise<ClaimedSubmission | null> {
  const lease = randomBytes(16).toString('hex')
  const row = await sql
    .updateTable('submission')
    .set((set) => ({
      state: 'leased',
      lease,
      ready_at: now + leaseMs,
      attempts: set('attempts', '+', 1),
    }))
    .where('number', '=', (submission) =>
      submission
        .selectFrom('submission as due')
        .select('due.number')
        .where('due.open', '=', (literal) => literal.lit(1))
        .where((due) =>
          id === null
            ? due('due.ready_at', '<=', now)
            : due.and([
                due('due.id', '=', id),
                // A lease that has not run out is somebody else's.
                due.or([due('due.state', '=', 'waiting'), due('due.ready_at', '<=', now)]),
              ]),
        )
        .orderBy('due.ready_at')
        .orderBy('due.number')
        .limit(1),
    )
    .returning(['body', 'attempts', 'first_at', 'id'])
    .executeTakeFirst()
  if (row === undefined) return null
  if (row.first_at === null) {
    await sql.updateTable('submission').set({ first_at: now }).where('id', '=', row.id).execute()
  }
  return {
    ...(JSON.parse(row.body) as Submission),
    leaseToken: lease,
    attempt: row.attempts,
    firstTriedAt: row.first_at,
  }
}

/** A lease that was lost settles nothing. */
async function settleSubmission(
  sql: Sql,
  claim: ClaimedSubmission,
  outcome: SubmissionOutcome,
): Promise<void> {
  const isOver = outcome.kind !== 'again'
  const result = await sql
    .updateTable('submission')
    .set({
      state: outcome.kind === 'again' ? 'waiting' : outcome.kind,
      open: isOver ? 0 : 1,
      lease: null,
      note: outcome.note,
      ...(outcome.kind === 'again' ? { ready_at: outcome.notBefore } : { settled_at: outcome.at }),
    })
    .where('id', '=', claim.id)
    .where('lease', '=', claim.leaseToken)
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) return
  if (outcome.kind === 'sent') {
    await sql.deleteFrom('suppressed_rua').where('rua', '=', counted(claim.rua)).execute()
  } else if (outcome.kind === 'given-up' && outcome.refused !== null) {
    await noteRefusal(sql, counted(claim.rua), outcome.refused.suppressUntil)
  }
}

async function noteRefusal(sql: Sql, rua: string, suppressUntil: UnixMs): Promise<void> {
  await sql
    .insertInto('suppressed_rua')
    .values({ rua, refusals: 1, until_at: null })
    .onConflict((conflict) =>
      conflict.column('rua').doUpdateSet((row) => ({ refusals: row('suppressed_rua.refusals', '+', 1) })),
    )
    .execute()
  // What comes after the time is a new beginning: one more refusal must not be the third again.
  await sql
    .updateTable('suppressed_rua')
    .set({ until_at: suppressUntil, refusals: 0 })
    .where('rua', '=', rua)
    .where('refusals', '>=', REFUSALS_MAX)
    .execute()
}

async function recoverSubmissions(sql: Sql, now: UnixMs): Promise<number> {
  const result = await sql
    .updateTable('submission')
    .set({ state: 'waiting', lease: null, ready_at: now })
    .where('open', '=', (literal) => literal.lit(1))
    .where('state', '=', 'leased')
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

async function nextSubmissionDueAt(sql: Sql): Promise<UnixMs | null> {
  const row = await sql
    .selectFrom('submission')
    .select((submission) => submission.fn.min('ready_at').as('at'))
    .where('open', '=', (literal) => literal.lit(1))
    .executeTakeFirst()
  return row?.at ?? null
}

async function recentSubmissions(
  sql: Sql,
  domain: DomainName,
  limit: number,
): Promise<readonly SubmissionRow[]> {
  const rows = await sql
    .selectFrom('submission')
    .select(['body', 'state', 'open', 'ready_at', 'attempts', 'settled_at', 'note'])
    .where('domain', '=', domain)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ body, state, open, ready_at, attempts, settled_at, note }) => ({
    ...(JSON.parse(body) as Submission),
    state: state as SubmissionState,
    attempts,
    dueAt: open === 1 ? ready_at : null,
    settledAt: settled_at,
    note,
  }))
}
