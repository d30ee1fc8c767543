/**
 * The outbox (reliability §7.2). Of each thread only the first unfinished row counts: while it waits, is leased or is to
 * be tried again, nothing of the thread overtakes it. A claim binds that row and the due ones behind it into one
 * delivery (of several threads when there are too many: outbox-pace.ts), which stays the same rows and the same payload once an attempt may have got through.
 */
import { randomBytes } from 'node:crypto'
import type { UnixMs } from '../lib/time.ts'
import type { IncidentId } from '../model/incident.ts'
import type { ChannelId, Notification, NotificationContent } from '../model/notification.ts'
import type { Sql } from './database.ts'
import { bindMany, postpone, type Turn, turnOf } from './outbox-pace.ts'
import { readNotification } from './outbox-rows.ts'
import type { ClaimedDelivery, Pace } from './store.ts'

/** Puts notifications in; one whose dedupeKey is known already is left out (R53). */
export async function insertNotifications(sql: Sql, notifications: readonly Notification[]): Promise<void> {
  for (const notification of notifications) {
    const isHeld = notification.held !== null
    await sql
      .insertInto('outbox')
      .values({
        id: notification.id,
        dedupe_key: notification.dedupeKey,
        channel: notification.channel,
        thread: notification.thread,
        incident: incidentOf(notification.content),
        due_at: notification.notBefore,
        state: isHeld ? 'held' : 'pending',
        open: isHeld ? 0 : 1,
        ambiguous: 0,
        alone: notification.content.kind === 'summary' ? 1 : 0,
        attempts: 0,
        body: JSON.stringify(notification),
      })
      .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
      .execute()
  }
}

function incidentOf(content: NotificationContent): IncidentId | null {
  if (content.kind === 'fallback') return incidentOf(content.original)
  return 'incident' in content ? content.incident.id : null
}

export interface ClaimTerms {
  readonly now: UnixMs
  readonly leaseMs: number
  readonly pace: Pace | null
}

/** See Outbox.claim. A lease that ran out is given again, as ambiguous. */
export async function claimDelivery(
  sql: Sql,
  channel: ChannelId,
  terms: ClaimTerms,
): Promise<ClaimedDelivery | null> {
  const { now, leaseMs } = terms
  const head = await boundHead(sql, channel, terms)
  if (head === null) return null
  const lease = randomBytes(16).toString('hex')
  const firstAttemptAt = head.first_attempt_at ?? now
  const ambiguous = head.ambiguous === 1 || head.state === 'leased'
  const rows = await sql
    .updateTable('outbox')
    .set({
      state: 'leased',
      lease,
      // A leased row falls due when its lease runs out.
      due_at: now + leaseMs,
      attempts: head.attempts + 1,
      first_attempt_at: firstAttemptAt,
      ambiguous: ambiguous ? 1 : 0,
    })
    .where('open', '=', (literal) => literal.lit(1))
    .where('delivery', '=', head.delivery)
    .returning(['seq', 'id', 'thread', 'body'])
    .execute()
  const isDigest = rows.some(({ thread }) => thread !== head.thread)
  if (isDigest) await markDigest(sql, head.delivery)
  // The row that names the delivery comes first, although another thread may have an older one.
  const first = ({ id }: { readonly id: string }) => (id === head.delivery ? 0 : 1)
  return {
    notifications: rows.sort((a, b) => first(a) - first(b) || a.seq - b.seq).map(readNotification),
    leaseToken: lease,
    attempt: head.attempts + 1,
    firstAttemptAt,
    ambiguous,
    payload: head.payload,
    threadReference: isDigest ? null : await threadReference(sql, channel, head.thread),
  }
}

type Head = NonNullable<Awaited<ReturnType<typeof firstDue>>>

/** The head of the delivery that is to be tried now, with its rows bound to it; null when there is none. */
async function boundHead(
  sql: Sql,
  channel: ChannelId,
  { now, pace }: ClaimTerms,
): Promise<(Head & { readonly delivery: string }) | null> {
  const head = await firstDue(sql, channel, now)
  if (head === undefined) return null
  const { delivery } = head
  // What was begun is gone on with, whatever the pace: it was counted when it began.
  if (delivery !== null) return { ...head, delivery }
  const turn: Turn =
    pace === null || head.alone === 1 ? { kind: 'one' } : await turnOf(sql, channel, now, pace)
  if (turn.kind === 'wait') {
    await postpone(sql, channel, turn.until)
    const begun = await firstDue(sql, channel, now)
    if (begun === undefined) return null
    if (begun.delivery !== null) return { ...begun, delivery: begun.delivery }
    if (begun.alone === 0) return null
    await bindDelivery(sql, begun, now)
    return { ...begun, delivery: begun.id }
  }
  if (turn.kind === 'many') await bindMany(sql, channel, head.id, turn.dueBy)
  else await bindDelivery(sql, head, now)
  return { ...head, delivery: head.id }
}

async function markDigest(sql: Sql, delivery: string): Promise<void> {
  await sql
    .updateTable('outbox')
    .set({ digest: 1 })
    .where('open', '=', (literal) => literal.lit(1))
    .where('delivery', '=', delivery)
    .execute()
}

/** The oldest due row of a channel that no unfinished row of its thread precedes. */
async function firstDue(sql: Sql, channel: ChannelId, now: UnixMs) {
  return heads(sql)
    .select(['seq', 'id', 'channel', 'thread', 'state', 'delivery', 'attempts'])
    .select(['first_attempt_at', 'ambiguous', 'payload', 'alone'])
    .where('channel', '=', channel)
    .where('due_at', '<=', now)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
}

function heads(sql: Sql) {
  return sql
    .selectFrom('outbox')
    .where('open', '=', (literal) => literal.lit(1))
    .where((row) =>
      row.not(
        row.exists(
          row
            .selectFrom('outbox as earlier')
            .select('earlier.seq')
            .where('earlier.open', '=', (literal) => literal.lit(1))
            .whereRef('earlier.channel', '=', 'outbox.channel')
            .whereRef('earlier.thread', '=', 'outbox.thread')
            .whereRef('earlier.seq', '<', 'outbox.seq'),
        ),
      ),
    )
}

/** Binds the head and what follows it without a gap of rows that are not due yet. */
async function bindDelivery(sql: Sql, head: Head, now: UnixMs): Promise<void> {
  const ofThread = sql
    .selectFrom('outbox')
    .where('open', '=', (literal) => literal.lit(1))
    .where('channel', '=', head.channel)
    .where('thread', '=', head.thread)
  const notYet = await ofThread
    .select((row) => row.fn.min('seq').as('seq'))
    .where('due_at', '>', now)
    .executeTakeFirst()
  await sql
    .updateTable('outbox')
    .set({ delivery: head.id })
    .where('open', '=', (literal) => literal.lit(1))
    .where('channel', '=', head.channel)
    .where('thread', '=', head.thread)
    .where('seq', '<', notYet?.seq ?? Number.MAX_SAFE_INTEGER)
    .execute()
}

async function threadReference(sql: Sql, channel: string, thread: string): Promise<string | null> {
  const row = await sql
    .selectFrom('thread_reference')
    .select('reference')
    .where('channel', '=', channel)
    .where('thread', '=', thread)
    .executeTakeFirst()
  return row?.reference ?? null
}

/** What a dead process left leased becomes ambiguous and due at once; returns the number of rows. */
export async function recoverDeliveries(sql: Sql, now: UnixMs): Promise<number> {
  const result = await sql
    .updateTable('outbox')
    .set({ state: 'ambiguous', ambiguous: 1, lease: null, due_at: now })
    .where('open', '=', (literal) => literal.lit(1))
    .where('state', '=', 'leased')
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

/** When the first unfinished row of any thread falls due, or its lease runs out; null when all is finished. */
export async function nextDeliveryDueAt(sql: Sql): Promise<UnixMs | null> {
  const row = await heads(sql).select('due_at').orderBy('due_at').limit(1).executeTakeFirst()
  return row?.due_at ?? null
}
