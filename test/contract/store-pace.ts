import { expect, test } from 'vitest'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/lib/time.ts'
import type { ThreadId } from '../../src/model/incident.ts'
import type { Notification } from '../../src/model/notification.ts'
import type { ClaimedDelivery, Pace, Store } from '../../src/store/store.ts'
import { SUMMARY_KINDS } from '../unit/notify/summary-kinds.ts'
import type { OpenEmptyStore } from './store.ts'
import { at, incident, notification, OPEN, SLACK, T0 } from './store-samples.ts'

const LEASE_MS = 2 * MINUTE_MS
const PACE: Pace = {
  crowd: 3,
  gatherMs: 30 * SECOND_MS,
  digestEveryMs: 5 * MINUTE_MS,
  budget: 5,
  budgetWindowMs: HOUR_MS,
  overBudgetEveryMs: 15 * MINUTE_MS,
}

function row(name: string, replaced: Partial<Notification> = {}): Notification {
  const thread = name.split(':')[0] as ThreadId
  return notification(name, incident(`inc-${thread}`, OPEN), { thread, ...replaced })
}

async function fill(store: Store, ...names: readonly (string | Notification)[]): Promise<void> {
  await store.commitTransitions(
    [],
    names.map((name) => (typeof name === 'string' ? row(name) : name)),
  )
}

const claim = (store: Store, when: number) => store.outbox.claim(SLACK, when, LEASE_MS, PACE)
const names = (claimed: ClaimedDelivery | null) => claimed?.notifications.map(({ id }) => id) ?? null

async function send(store: Store, when: number): Promise<readonly string[] | null> {
  const claimed = await claim(store, when)
  if (claimed !== null) await store.outbox.settle(claimed, { state: 'sent', reference: 'r', at: when })
  return names(claimed)
}

export function paceContract(open: OpenEmptyStore): void {
  test('three conversations are three messages, four are one', async () => {
    await using store = await open()
    await fill(store, 'a:1', 'b:1', 'c:1')
    expect(await send(store, at(0))).toEqual(['a:1'])
    expect(await send(store, at(0))).toEqual(['b:1'])
    expect(await send(store, at(0))).toEqual(['c:1'])
    await using other = await open()
    await fill(other, 'a:1', 'b:1', 'a:2', 'c:1', 'd:1')
    expect(await send(other, at(0))).toEqual(['a:1', 'b:1', 'a:2', 'c:1', 'd:1'])
    expect(await send(other, at(0))).toBeNull()
    expect(await other.outbox.pending(9)).toEqual([])
  })

  test('what falls due within the gathering time belongs to the crowd, what falls due after it does not', async () => {
    await using store = await open()
    const late = { notBefore: T0 + PACE.gatherMs }
    await fill(store, 'a:1', row('b:1', late), row('c:1', late), row('d:1', late))
    await fill(store, row('e:1', { notBefore: T0 + PACE.gatherMs + 1 }))
    expect(await send(store, T0)).toEqual(['a:1', 'b:1', 'c:1', 'd:1'])
    expect(await store.outbox.nextDueAt()).toBe(T0 + PACE.gatherMs + 1)
  })

  test('a row that is not due holds back what follows it in its conversation', async () => {
    await using store = await open()
    await fill(store, row('a:1', { notBefore: at(9) }), 'a:2', 'b:1', 'c:1', 'd:1', 'e:1')
    expect(await send(store, at(0))).toEqual(['b:1', 'c:1', 'd:1', 'e:1'])
  })

  test('a summary is a message of its own: in no digest, and not held up by one', async () => {
    const summary = SUMMARY_KINDS[0]?.summary
    if (summary === undefined) throw new Error('no such kind')
    const summaryRow = (name: string) => row(name, { content: { kind: 'summary', summary } })
    await using store = await open()
    await fill(store, 'a:1', summaryRow('s:1'), 'b:1', 'c:1', 'd:1')
    expect(await send(store, at(0))).toEqual(['a:1', 'b:1', 'c:1', 'd:1'])
    expect(await send(store, at(0))).toEqual(['s:1'])
    await fill(store, 'e:1', 'f:1', 'g:1', 'h:1', summaryRow('s:2'))
    expect(await send(store, at(1))).toEqual(['s:2'])
    expect(await send(store, at(1))).toBeNull()
    expect(await store.outbox.nextDueAt()).toBe(at(5))
    expect(await send(store, at(5))).toEqual(['e:1', 'f:1', 'g:1', 'h:1'])
  })

  test('the next crowd waits for its interval, to the millisecond; a few do not', async () => {
    await using store = await open()
    await fill(store, 'a:1', 'b:1', 'c:1', 'd:1')
    expect(await send(store, at(0))).toHaveLength(4)
    await fill(store, 'e:1')
    expect(await send(store, at(1))).toEqual(['e:1'])
    await fill(store, 'f:1', 'g:1', 'h:1', 'i:1')
    expect(await send(store, at(2))).toBeNull()
    expect(await store.outbox.nextDueAt()).toBe(at(5))
    expect(await send(store, at(5) - 1)).toBeNull()
    expect(await send(store, at(5))).toEqual(['f:1', 'g:1', 'h:1', 'i:1'])
  })

  test('above the budget all that waits is one message, fifteen minutes after the last', async () => {
    await using store = await open()
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await fill(store, `${name}:1`)
      expect(await send(store, at(0))).toEqual([`${name}:1`])
    }
    await fill(store, 'f:1', 'g:1')
    expect(await send(store, at(1))).toBeNull()
    expect(await store.outbox.nextDueAt()).toBe(at(15))
    await fill(store, 'f:2', 'h:1')
    expect(await send(store, at(15) - 1)).toBeNull()
    expect(await send(store, at(15))).toEqual(['f:1', 'g:1', 'f:2', 'h:1'])
    await fill(store, 'i:1')
    expect(await send(store, at(29))).toBeNull()
    expect(await send(store, at(30))).toEqual(['i:1'])
    // The first five have left the window: there is room again.
    await fill(store, 'j:1', 'k:1')
    expect([await send(store, at(60)), await send(store, at(60))]).toEqual([['j:1'], ['k:1']])
  })

  test('a digest is the root of no conversation', async () => {
    await using store = await open()
    await fill(store, 'a:1', 'b:1', 'c:1', 'd:1')
    const digest = await claim(store, at(0))
    expect(digest?.threadReference).toBeNull()
    if (digest !== null) await store.outbox.settle(digest, { state: 'sent', reference: 'digest', at: at(0) })
    await fill(store, 'a:2')
    expect((await claim(store, at(1)))?.threadReference).toBeNull()
  })

  test('a digest of unknown fate is tried again as it was; one that nobody has is put together anew', async () => {
    await using store = await open()
    await fill(store, 'a:1', 'b:1', 'c:1', 'd:1')
    const first = await claim(store, at(0))
    if (first === null) throw new Error('nothing was due')
    await store.outbox.freeze(first, 'the digest')
    await store.outbox.settle(first, { state: 'ambiguous', notBefore: at(1), error: 'cut' })
    await fill(store, 'e:1')
    const second = await claim(store, at(1))
    expect(second).toMatchObject({ payload: 'the digest', ambiguous: true, attempt: 2 })
    expect(names(second)).toEqual(names(first))
    await using other = await open()
    await fill(other, 'a:1', 'b:1', 'c:1', 'd:1')
    const unsent = await claim(other, at(0))
    if (unsent !== null)
      await other.outbox.settle(unsent, { state: 'pending', notBefore: at(1), error: 'no route' })
    await fill(other, 'e:1')
    const anew = await claim(other, at(1))
    expect(names(anew)).toEqual(['a:1', 'b:1', 'c:1', 'd:1', 'e:1'])
    expect(anew).toMatchObject({ payload: null, ambiguous: false })
  })

  test('what was begun before the budget was used up is gone on with', async () => {
    await using store = await open()
    await fill(store, 'a:1')
    const begun = await claim(store, at(0))
    if (begun === null) throw new Error('nothing was due')
    await store.outbox.settle(begun, { state: 'ambiguous', notBefore: at(2), error: 'cut' })
    for (const name of ['b', 'c', 'd', 'e', 'f']) {
      await fill(store, `${name}:1`)
      await send(store, at(1))
    }
    await fill(store, 'g:1')
    expect(names(await claim(store, at(2)))).toEqual(['a:1'])
  })

  test('5,000 random steps of incidents in a day: at most 34 messages in any hour, every step told, each in its order', async () => {
    await using store = await open()
    const pace: Pace = { ...PACE, crowd: 10, budget: 30 }
    const random = seeded(7)
    const rows: Notification[] = []
    for (let n = 0; n < 2_500; n += 1) {
      const opensAt = Math.floor(random() * 20 * 60)
      const endsAt = opensAt + 1 + Math.floor(random() * 120)
      rows.push(
        row(`t${n}:opened`, { notBefore: at(opensAt) }),
        row(`t${n}:resolved`, { notBefore: at(endsAt) }),
      )
    }
    const coming = rows.toSorted((a, b) => a.notBefore - b.notBefore)
    const sentAt: number[] = []
    const told = new Map<string, string[]>()
    for (let minute = 0; minute <= 25 * 60; minute += 1) {
      const now = at(minute)
      const later = coming.findIndex(({ notBefore }) => notBefore > now)
      await store.commitTransitions([], coming.splice(0, later === -1 ? coming.length : later))
      for (const sent of await sendAll(store, now, pace)) {
        sentAt.push(now)
        for (const { thread, id } of sent) told.set(thread, [...(told.get(thread) ?? []), id])
      }
    }
    const busiest = Math.max(
      ...sentAt.map((end) => sentAt.filter((one) => one > end - HOUR_MS && one <= end).length),
    )
    expect(busiest).toBeGreaterThanOrEqual(pace.budget)
    expect(busiest).toBeLessThanOrEqual(34)
    expect(told.size).toBe(2_500)
    for (const [thread, ids] of told) expect(ids).toEqual([`${thread}:opened`, `${thread}:resolved`])
    expect(await store.outbox.pending(9)).toEqual([])
  }, 60_000)
}

/** Every message that may be sent now, by what it tells. */
async function sendAll(store: Store, now: number, pace: Pace): Promise<readonly (readonly Notification[])[]> {
  const sent: (readonly Notification[])[] = []
  for (;;) {
    const claimed = await store.outbox.claim(SLACK, now, LEASE_MS, pace)
    if (claimed === null) return sent
    await store.outbox.settle(claimed, { state: 'sent', reference: null, at: now })
    sent.push(claimed.notifications)
  }
}

/** Numbers from [0, 1), the same at every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
