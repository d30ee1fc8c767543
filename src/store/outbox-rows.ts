/** Looking at the outbox without taking anything out of it. */
import type { UnixMs } from '../lib/time.ts'
import type { IncidentId, ThreadId } from '../model/incident.ts'
import type { ChannelId, Notification } from '../model/notification.ts'
import type { Sql } from './database.ts'
import type { OutboxRow, OutboxState } from './store.ts'

/** The channels that have unfinished rows. */
export async function waitingChannels(sql: Sql): Promise<readonly ChannelId[]> {
  const rows = await sql
    .selectFrom('outbox')
    .select('channel')
    .distinct()
    .where('open', '=', (literal) => literal.lit(1))
    .execute()
  return rows.map(({ channel }) => channel as ChannelId)
}

/** Since when the unfinished row that has waited longest could have been sent: retries move its due time. */
export async function waitingSince(sql: Sql): Promise<UnixMs | null> {
  const row = await sql
    .selectFrom('outbox')
    .select((outbox) => outbox.fn.min(outbox.fn.coalesce('first_attempt_at', 'due_at')).as('since'))
    .where('open', '=', (literal) => literal.lit(1))
    .executeTakeFirst()
  return row?.since ?? null
}

/** Unfinished rows, oldest first. */
export async function pendingRows(sql: Sql, limit: number): Promise<readonly OutboxRow[]> {
  const rows = await sql
    .selectFrom('outbox')
    .selectAll()
    .where('open', '=', (literal) => literal.lit(1))
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map(readRow)
}

/** Every row about an incident, oldest first. */
export async function rowsOfIncident(sql: Sql, id: IncidentId): Promise<readonly OutboxRow[]> {
  const rows = await sql.selectFrom('outbox').selectAll().where('incident', '=', id).orderBy('seq').execute()
  return rows.map(readRow)
}

/** What the channels that a thread is told in call its root. */
export async function threadReferences(sql: Sql, thread: ThreadId): Promise<readonly string[]> {
  const rows = await sql
    .selectFrom('thread_reference')
    .select('reference')
    .where('thread', '=', thread)
    .orderBy('channel')
    .execute()
  return rows.map(({ reference }) => reference)
}

type StoredRow = {
  readonly [field in 'body' | 'state']: string
} & {
  readonly attempts: number
  readonly reference: string | null
  readonly last_error: string | null
  readonly sent_at: number | null
}

function readRow(row: StoredRow): OutboxRow {
  return {
    notification: readNotification(row),
    state: row.state as OutboxState,
    attempts: row.attempts,
    reference: row.reference,
    lastError: row.last_error,
    sentAt: row.sent_at,
  }
}

/** The notification as it was put in; before schema version 3 none was ever held. */
export function readNotification(row: { readonly body: string }): Notification {
  return { held: null, ...(JSON.parse(row.body) as Omit<Notification, 'held'>) }
}
