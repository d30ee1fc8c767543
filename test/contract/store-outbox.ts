import { expect, test } from 'vitest'
import { MINUTE_MS } from '../../src/lib/time.ts'
import type { IncidentId, ThreadId } from '../../src/model/incident.ts'
import type { ChannelId, Notification } from '../../src/model/notification.ts'
import type { ClaimedDelivery, Settlement, Store } from '../../src/store/store.ts'
import type { OpenEmptyStore } from './store.ts'
import { at, incident, notification, OPEN, SLACK } from './store-samples.ts'

const LEASE_MS = 2 * MINUTE_MS
const MAIL = 'mail' as ChannelId

/** Rows named `thread:number`, put in as given. */
async function fill(store: Store, ...names: readonly (string | Notification)[]): Promise<void> {
  const notifications = names.map((name) => (typeof name === 'string' ? row(name) : name))
  await store.commitTransitions([], notifications)
}

function row(name: string, replaced: Partial<Notification> = {}): Notification {
  const thread = name.split(':')[0] as ThreadId
  return notification(name, incident(`inc-${thread}`, OPEN), { thread, ...replaced })
}

async function claim(store: Store, minutes: number, channel = SLACK): Promise<ClaimedDelivery> {
  const claimed = await store.outbox.claim(channel, at(minutes), LEASE_MS, null)
  if (claimed === null) throw new Error('nothing was due')
  return claimed
}

const names = (claimed: ClaimedDelivery | null) => claimed?.notifications.map((one) => one.id) ?? null
const sent = (reference: string | null = null): Settlement => ({ state: 'sent', reference, at: at(0) })
const retry = (minutes: number, state: 'pending' | 'ambiguous' = 'pending'): Settlement => ({
  state,
  notBefore: at(minutes),
  error: 'later',
})

export function outboxContract(open: OpenEmptyStore): void {
  test('the oldest thread goes first, with all its due rows in one delivery', async () => {
    await using store = await open()
    await fill(store, 'a:1', 'b:1', 'a:2', row('c:1', { channel: MAIL }))
    expect(names(await claim(store, 0))).toEqual(['a:1', 'a:2'])
    expect(names(await claim(store, 0))).toEqual(['b:1'])
    expect(await store.outbox.claim(SLACK, at(0), LEASE_MS, null)).toBeNull()
    expect(names(await claim(store, 0, MAIL))).toEqual(['c:1'])
  })

  test('how long the oldest has waited counts from when it could have gone, whatever its retries', async () => {
    await using store = await open()
    expect(await store.outbox.waitingSince()).toBeNull()
    await fill(store, row('a:1', { notBefore: at(5) }))
    expect(await store.outbox.waitingSince()).toBe(at(5))
    await store.outbox.settle(await claim(store, 6), retry(40))
    expect(await store.outbox.waitingSince()).toBe(at(6))
    await store.outbox.settle(await claim(store, 40), sent())
    expect(await store.outbox.waitingSince()).toBeNull()
  })

  test('a row before its time holds back what follows it in its thread, and nothing else', async () => {
    await using store = await open()
    await fill(store, row('a:1', { notBefore: at(5) }), 'a:2', 'b:1', row('b:2', { notBefore: at(5) }), 'b:3')
    expect(await store.outbox.nextDueAt()).toBe(at(0))
    expect(names(await claim(store, 0))).toEqual(['b:1'])
    expect(await store.outbox.claim(SLACK, at(0), LEASE_MS, null)).toBeNull()
    expect(names(await claim(store, 5))).toEqual(['a:1', 'a:2'])
  })

  test('nothing of a thread is given while an earlier row is leased or waits to be tried again', async () => {
    await using store = await open()
    await fill(store, 'a:1')
    const first = await claim(store, 0)
    await fill(store, 'a:2')
    expect(await store.outbox.claim(SLACK, at(1), LEASE_MS, null)).toBeNull()
    await store.outbox.settle(first, retry(10, 'ambiguous'))
    expect(await store.outbox.claim(SLACK, at(9), LEASE_MS, null)).toBeNull()
    expect(await store.outbox.nextDueAt()).toBe(at(10))
    const second = await claim(store, 10)
    expect(names(second)).toEqual(['a:1'])
    await store.outbox.settle(second, sent())
    expect(names(await claim(store, 10))).toEqual(['a:2'])
  })

  test('what may have got through is tried again with the same rows and payload, whatever came after', async () => {
    await using store = await open()
    await fill(store, 'a:1', 'a:2')
    const first = await claim(store, 0)
    expect(first).toMatchObject({ attempt: 1, firstAttemptAt: at(0), ambiguous: false, payload: null })
    await store.outbox.freeze(first, 'the message')
    await store.outbox.freeze(first, 'another rendering')
    await store.outbox.settle(first, retry(1, 'ambiguous'))
    await fill(store, 'a:3')
    const second = await claim(store, 1)
    expect(names(second)).toEqual(['a:1', 'a:2'])
    const again = { firstAttemptAt: at(0), ambiguous: true, payload: 'the message' }
    expect(second).toMatchObject({ ...again, attempt: 2 })
    await store.outbox.settle(second, retry(2))
    expect(await claim(store, 2)).toMatchObject({ ...again, attempt: 3 })
  })

  test('what nobody can have got is merged anew with what came since', async () => {
    await using store = await open()
    await fill(store, 'a:1')
    const first = await claim(store, 0)
    await store.outbox.freeze(first, 'the message')
    await store.outbox.settle(first, retry(1))
    await fill(store, 'a:2')
    const second = await claim(store, 1)
    expect(names(second)).toEqual(['a:1', 'a:2'])
    expect(second).toMatchObject({ attempt: 2, firstAttemptAt: at(0), ambiguous: false, payload: null })
  })

  test('once ambiguous, always ambiguous until settled for good', async () => {
    await using store = await open()
    await fill(store, 'a:1')
    await store.outbox.settle(await claim(store, 0), retry(1, 'ambiguous'))
    const second = await claim(store, 1)
    expect(second.ambiguous).toBe(true)
    await store.outbox.settle(second, retry(2))
    expect((await claim(store, 2)).ambiguous).toBe(true)
  })

  test('a lease that ran out is given again as ambiguous, and its first holder can do nothing more', async () => {
    await using store = await open()
    await fill(store, 'a:1')
    const stale = await claim(store, 0)
    const fresh = await claim(store, 2)
    expect(fresh).toMatchObject({ attempt: 2, ambiguous: true })
    await expect(store.outbox.freeze(stale, 'stale')).rejects.toThrow(/lease/)
    for (const settlement of [sent('x'), retry(3), { state: 'dead', error: 'no', fallback: [] } as const]) {
      expect(await store.outbox.settle(stale, settlement)).toBe(false)
    }
    expect(await store.outbox.settle(fresh, sent('y'))).toBe(true)
    expect(await store.outbox.settle(fresh, sent('z'))).toBe(false)
    expect(await store.outbox.ofIncident('inc-a' as IncidentId)).toMatchObject([
      { state: 'sent', reference: 'y', attempts: 2 },
    ])
  })

  test('what a dead process left leased becomes ambiguous and due at once', async () => {
    await using store = await open()
    await fill(store, 'a:1', 'a:2', 'b:1')
    await store.outbox.freeze(await claim(store, 0), 'the message')
    expect(await store.outbox.recover(at(1))).toBe(2)
    expect(await store.outbox.recover(at(1))).toBe(0)
    expect((await store.outbox.pending(10)).map((one) => one.state)).toEqual([
      'ambiguous',
      'ambiguous',
      'pending',
    ])
    const again = await claim(store, 1)
    expect(names(again)).toEqual(['a:1', 'a:2'])
    expect(again).toMatchObject({ ambiguous: true, attempt: 2, payload: 'the message' })
  })

  test('the first row of a delivery is sent, the others are merged into it', async () => {
    await using store = await open()
    await fill(store, 'a:1', 'a:2')
    expect(await store.outbox.settle(await claim(store, 0), sent('ts-1'))).toBe(true)
    expect(await store.outbox.ofIncident('inc-a' as IncidentId)).toEqual([
      {
        notification: row('a:1'),
        state: 'sent',
        attempts: 1,
        reference: 'ts-1',
        lastError: null,
        sentAt: at(0),
      },
      {
        notification: row('a:2'),
        state: 'merged',
        attempts: 1,
        reference: 'ts-1',
        lastError: null,
        sentAt: at(0),
      },
    ])
    expect(await store.outbox.pending(10)).toEqual([])
    expect(await store.outbox.nextDueAt()).toBeNull()
  })

  test('the root that a channel named last is what the next delivery of the thread goes under', async () => {
    await using store = await open()
    const references: (string | null)[] = []
    for (const [index, reference] of [null, 'root', null, 'new root', null].entries()) {
      await fill(store, `a:${index}`)
      const claimed = await claim(store, 0)
      references.push(claimed.threadReference)
      await store.outbox.settle(claimed, sent(reference))
    }
    expect(references).toEqual([null, null, 'root', 'root', 'new root'])
    await fill(store, row('a:mail', { channel: MAIL }))
    expect((await claim(store, 0, MAIL)).threadReference).toBeNull()
  })

  test('a dead delivery puts its fallback in with the same transaction and sets its thread free', async () => {
    await using store = await open()
    await fill(store, 'a:1')
    const claimed = await claim(store, 0)
    await fill(store, 'a:2')
    const { content } = row('a:1')
    const fallback = row('a:fallback', {
      channel: MAIL,
      content: { kind: 'fallback', primary: SLACK, original: content },
    })
    await store.outbox.settle(claimed, { state: 'dead', error: 'channel_not_found', fallback: [fallback] })
    expect(names(await claim(store, 0))).toEqual(['a:2'])
    expect(names(await claim(store, 0, MAIL))).toEqual(['a:fallback'])
    const rows = await store.outbox.ofIncident('inc-a' as IncidentId)
    expect(rows.map((one) => [one.notification.id, one.state, one.lastError])).toEqual([
      ['a:1', 'dead', 'channel_not_found'],
      ['a:2', 'leased', null],
      ['a:fallback', 'leased', null],
    ])
  })

  test('the same thing is never put in twice', async () => {
    await using store = await open()
    await fill(store, 'a:1', { ...row('a:copy'), dedupeKey: row('a:1').dedupeKey })
    await fill(store, 'a:1')
    await store.outbox.settle(await claim(store, 0), sent())
    await fill(store, 'a:1')
    expect(await store.outbox.ofIncident('inc-a' as IncidentId)).toHaveLength(1)
    expect(await store.outbox.claim(SLACK, at(0), LEASE_MS, null)).toBeNull()
  })

  test('5,000 rows of 100 threads drain, each thread in its order', async () => {
    await using store = await open()
    const rows = Array.from({ length: 5_000 }, (_, index) => row(`t${index % 100}:${index}`))
    const half = rows.length / 2
    await fill(store, ...rows.slice(0, half))
    const drained = new Map<string, string[]>()
    const drain = async (limit: number) => {
      for (let n = 0; n < limit; n++) {
        const claimed = await store.outbox.claim(SLACK, at(0), LEASE_MS, null)
        if (claimed === null) return
        for (const { thread, id } of claimed.notifications) {
          drained.set(thread, [...(drained.get(thread) ?? []), id])
        }
        await store.outbox.settle(claimed, sent())
      }
    }
    await drain(50)
    await fill(store, ...rows.slice(half))
    await drain(Number.POSITIVE_INFINITY)
    for (const [thread, order] of drained) {
      expect(order).toEqual(rows.filter((one) => one.thread === thread).map((one) => one.id))
    }
    expect([...drained.values()].flat()).toHaveLength(rows.length)
  })
}
