/**
 * How fast a channel is told: one conversation a message, or many in one when there are too many (R67, R69). What stands
 * alone, a summary, keeps out of that: it is one message, and a digest could not hold it.
 */
import type { UnixMs } from '../lib/time.ts'
import type { ChannelId } from '../model/notification.ts'
import type { Sql } from './database.ts'
import type { Pace } from './store.ts'

/** What may be sent now: one conversation, all that fell due by an instant in one message, or nothing before an instant. */
export type Turn =
  | { readonly kind: 'one' }
  | { readonly kind: 'many'; readonly dueBy: UnixMs }
  | { readonly kind: 'wait'; readonly until: UnixMs }

/** Decides by what was sent lately and what is waiting. */
export async function turnOf(sql: Sql, channel: ChannelId, now: UnixMs, pace: Pace): Promise<Turn> {
  const dueBy = now + pace.gatherMs
  const sent = await sentSince(sql, channel, now - pace.budgetWindowMs)
  if (sent.count >= pace.budget) return after(sent.lastAt, pace.overBudgetEveryMs, now, dueBy)
  const waiting = await waitingThreads(sql, channel, dueBy, pace.crowd + 1)
  if (waiting <= pace.crowd) return { kind: 'one' }
  return after(await lastDigestAt(sql, channel), pace.digestEveryMs, now, dueBy)
}

function after(last: UnixMs | null, everyMs: number, now: UnixMs, dueBy: UnixMs): Turn {
  const until = last === null ? now : last + everyMs
  return now < until ? { kind: 'wait', until } : { kind: 'many', dueBy }
}

/** The rows that were sent are so many messages: what was merged into them has another state. */
async function sentSince(sql: Sql, channel: ChannelId, after: UnixMs) {
  const row = await sql
    .selectFrom('outbox')
    .select((row) => [row.fn.countAll<number>().as('count'), row.fn.max('sent_at').as('lastAt')])
    .where('state', '=', 'sent')
    .where('channel', '=', channel)
    .where('sent_at', '>', after)
    .executeTakeFirstOrThrow()
  return { count: row.count, lastAt: row.lastAt }
}

async function lastDigestAt(sql: Sql, channel: ChannelId): Promise<UnixMs | null> {
  const row = await sql
    .selectFrom('outbox')
    .select((row) => row.fn.max('sent_at').as('at'))
    .where('state', '=', 'sent')
    .where('channel', '=', channel)
    .where('digest', '=', 1)
    .executeTakeFirst()
  return row?.at ?? null
}

/** How many conversations have something due by then that no attempt is bound to; counted up to `most`. */
async function waitingThreads(sql: Sql, channel: ChannelId, dueBy: UnixMs, most: number): Promise<number> {
  const threads = await sql
    .selectFrom('outbox')
    .select('thread')
    .distinct()
    .where('open', '=', (literal) => literal.lit(1))
    .where('channel', '=', channel)
    .where('state', '=', 'pending')
    .where('delivery', 'is', null)
    .where('due_at', '<=', dueBy)
    .where('alone', '=', 0)
    .limit(most)
    .execute()
  return threads.length
}

/** Nothing that is waiting falls due before then: whoever asks sleeps until it can be sent. */
export async function postpone(sql: Sql, channel: ChannelId, until: UnixMs): Promise<void> {
  await sql
    .updateTable('outbox')
    .set({ due_at: until })
    .where('open', '=', (literal) => literal.lit(1))
    .where('channel', '=', channel)
    .where('state', '=', 'pending')
    .where('delivery', 'is', null)
    .where('due_at', '<', until)
    .where('alone', '=', 0)
    .execute()
}

const BATCH = 500

/**
 * Binds what is waiting in every conversation, and due by then, to one delivery. Nothing overtakes an earlier row of its
 * conversation: one that is under way, or not due, holds back what follows it (R55).
 */
export async function bindMany(sql: Sql, channel: ChannelId, delivery: string, dueBy: UnixMs): Promise<void> {
  const rows = await sql
    .selectFrom('outbox')
    .select(['seq', 'thread', 'state', 'delivery', 'due_at', 'alone'])
    .where('open', '=', (literal) => literal.lit(1))
    .where('channel', '=', channel)
    .orderBy('seq')
    .execute()
  const blocked = new Set<string>()
  const bound: number[] = []
  for (const row of rows) {
    const isFree = row.state === 'pending' && row.delivery === null && row.alone === 0 && row.due_at <= dueBy
    if (isFree && !blocked.has(row.thread)) bound.push(row.seq)
    else blocked.add(row.thread)
  }
  for (let first = 0; first < bound.length; first += BATCH) {
    await sql
      .updateTable('outbox')
      .set({ delivery })
      .where('seq', 'in', bound.slice(first, first + BATCH))
      .execute()
  }
}
