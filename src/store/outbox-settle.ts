/** What becomes of a claimed delivery (reliability §7.2): only whoever holds its lease decides. */
import type { Notification } from '../model/notification.ts'
import type { Sql } from './database.ts'
import { insertNotifications } from './outbox.ts'
import type { ClaimedDelivery, Settlement } from './store.ts'

/** Keeps the payload on the delivery's first row, once. False: the lease was lost. */
export async function freezePayload(sql: Sql, claim: ClaimedDelivery, payload: string): Promise<boolean> {
  const result = await leased(sql, claim)
    .set((row) => ({ payload: row.fn.coalesce('payload', row.val(payload)) }))
    .where('id', '=', headOf(claim).id)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** See Outbox.settle. A message that may have got through once stays ambiguous until it is settled for good. */
export async function settleDelivery(
  sql: Sql,
  claim: ClaimedDelivery,
  settlement: Settlement,
): Promise<boolean> {
  switch (settlement.state) {
    case 'sent':
      return settleSent(sql, claim, settlement)
    case 'dead':
      return settleDead(sql, claim, settlement)
    case 'pending':
    case 'ambiguous': {
      const ambiguous = claim.ambiguous || settlement.state === 'ambiguous'
      const result = await leased(sql, claim)
        .set({
          state: settlement.state,
          lease: null,
          due_at: settlement.notBefore,
          last_error: settlement.error,
          ambiguous: ambiguous ? 1 : 0,
          // R55: nobody can have it, so what came since is told along with it.
          ...(ambiguous ? {} : { delivery: null, payload: null, digest: 0 }),
        })
        .executeTakeFirst()
      return result.numUpdatedRows > 0n
    }
  }
}

async function settleSent(
  sql: Sql,
  claim: ClaimedDelivery,
  settlement: Extract<Settlement, { state: 'sent' }>,
): Promise<boolean> {
  const head = headOf(claim)
  const result = await leased(sql, claim)
    .set((row) => ({
      state: row.case().when('id', '=', head.id).then('sent').else('merged').end(),
      open: 0,
      lease: null,
      reference: settlement.reference,
      sent_at: settlement.at,
    }))
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) return false
  const { reference } = settlement
  // A digest is the root of no conversation.
  if (reference !== null && !isDigest(claim)) {
    await sql
      .insertInto('thread_reference')
      .values({ channel: head.channel, thread: head.thread, reference })
      .onConflict((conflict) => conflict.columns(['channel', 'thread']).doUpdateSet({ reference }))
      .execute()
  }
  return true
}

async function settleDead(
  sql: Sql,
  claim: ClaimedDelivery,
  settlement: Extract<Settlement, { state: 'dead' }>,
): Promise<boolean> {
  const result = await leased(sql, claim)
    .set({ state: 'dead', open: 0, lease: null, last_error: settlement.error })
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) return false
  await insertNotifications(sql, settlement.fallback)
  return true
}

/** The rows of a claim for as long as its lease is the valid one: the fence against a stale holder (R19). */
function leased(sql: Sql, claim: ClaimedDelivery) {
  const head = headOf(claim)
  return sql
    .updateTable('outbox')
    .where('open', '=', (literal) => literal.lit(1))
    .where('delivery', '=', head.id)
    .where('lease', '=', claim.leaseToken)
}

function isDigest({ notifications }: ClaimedDelivery): boolean {
  return new Set(notifications.map(({ thread }) => thread)).size > 1
}

function headOf(claim: ClaimedDelivery): Notification {
  const head = claim.notifications[0]
  if (head === undefined) throw new Error('A delivery without notifications')
  return head
}
