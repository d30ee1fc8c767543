import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ThreadId } from '../../../src/model/incident.ts'
import type { ChannelId, Notification } from '../../../src/model/notification.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import type { ClaimedDelivery, Settlement, Store } from '../../../src/store/store.ts'
import { incident, notification, OPEN, T0 } from '../../contract/store-samples.ts'
import { type ModelClaim, OutboxModel } from './outbox-model.ts'
import { OPTIONS } from './scratch.ts'

const LEASE_MS = 1_000
const CHANNELS = ['slack', 'mail'] as ChannelId[]

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('insert'), a: fc.nat(2), b: fc.nat(1), c: fc.nat(3) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('claim'), a: fc.nat(1), b: fc.nat(1), c: fc.nat(0) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('settle'), a: fc.nat(9), b: fc.nat(3), c: fc.nat(2) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), a: fc.nat(4), b: fc.nat(0), c: fc.nat(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash'), a: fc.nat(0), b: fc.nat(0), c: fc.nat(0) }) },
)
type Step = { readonly do: string; readonly a: number; readonly b: number; readonly c: number }

interface Claim {
  readonly real: ClaimedDelivery
  readonly model: ModelClaim
}

/** The real outbox and the model, driven together; every answer is compared. */
class Pair {
  readonly #store: Store
  readonly #model = new OutboxModel()
  readonly #claims: Claim[] = []
  /** Ids in the order in which they were said, by channel and thread. */
  readonly said = new Map<string, string[]>()
  #now = T0
  #ids = 0

  constructor(store: Store) {
    this.#store = store
  }

  async take(one: Step): Promise<void> {
    if (one.do === 'insert') await this.#insert(one)
    else if (one.do === 'claim') await this.#claim(CHANNELS[one.a] as ChannelId, one.b === 1)
    else if (one.do === 'settle') await this.#settle(one)
    else if (one.do === 'wait') this.#now += one.a * 400
    else expect(await this.#store.outbox.recover(this.#now)).toBe(this.#model.recover(this.#now))
    expect(await this.#store.outbox.nextDueAt()).toBe(this.#model.nextDueAt())
  }

  #row(thread: string, channel: ChannelId, delayMs: number): Notification {
    const id = `n${this.#ids++}`
    return notification(id, incident(`inc-${thread}`, OPEN), {
      thread: thread as ThreadId,
      channel,
      notBefore: this.#now + delayMs,
    })
  }

  async #insert({ a, b, c }: Step): Promise<void> {
    const row = this.#row(`t${a}`, CHANNELS[b] as ChannelId, c === 3 ? 500 : 0)
    // Now and then the same thing is said again, under another id.
    const rows = c === 2 ? [row, { ...row, id: `${row.id}-again` as typeof row.id }] : [row]
    await this.#store.commitTransitions([], rows)
    for (const one of rows) this.#model.insert(one)
  }

  async #claim(channel: ChannelId, freeze: boolean): Promise<boolean> {
    const real = await this.#store.outbox.claim(channel, this.#now, LEASE_MS, null)
    const model = this.#model.claim(channel, this.#now, LEASE_MS)
    expect(real?.notifications).toEqual(model?.rows.map((row) => row.notification))
    if (real === null || model === null) return false
    expect([real.ambiguous, real.attempt]).toEqual([model.ambiguous, model.attempt])
    if (freeze) await this.#store.outbox.freeze(real, real.notifications.map((row) => row.id).join())
    // A payload that was frozen is that of the very rows it is given with.
    expect([null, real.notifications.map((row) => row.id).join()]).toContain(real.payload)
    this.#claims.push({ real, model })
    return true
  }

  async #settle({ a, b, c }: Step): Promise<void> {
    // Mostly the newest claims; now and then one that was settled or lost long ago.
    const claim = this.#claims.at(-1 - (a % 3)) ?? this.#claims[a]
    if (claim === undefined) return
    const settlements: readonly Settlement[] = [
      { state: 'sent', reference: null, at: this.#now },
      { state: 'pending', notBefore: this.#now + c * 300, error: 'later' },
      { state: 'ambiguous', notBefore: this.#now + c * 300, error: 'lost' },
      { state: 'dead', error: 'no', fallback: [this.#row('t0', CHANNELS[1] as ChannelId, 0)] },
    ]
    await this.#settleAs(claim, settlements[b] as Settlement)
  }

  async #settleAs(claim: Claim, settlement: Settlement): Promise<void> {
    const held = await this.#store.outbox.settle(claim.real, settlement)
    expect(held).toBe(this.#model.settle(claim.model, settlement))
    if (!held || settlement.state !== 'sent') return
    for (const { channel, thread, id } of claim.real.notifications) {
      const key = `${channel} ${thread}`
      this.said.set(key, [...(this.said.get(key) ?? []), id])
    }
  }

  /** The process starts anew and everything is sent at last. */
  async finish(): Promise<void> {
    expect(await this.#store.outbox.recover(this.#now)).toBe(this.#model.recover(this.#now))
    this.#now += 10_000
    for (const channel of CHANNELS) {
      while (await this.#claim(channel, true)) {
        const claim = this.#claims.at(-1)
        if (claim !== undefined)
          await this.#settleAs(claim, { state: 'sent', reference: null, at: this.#now })
      }
    }
    expect(await this.#store.outbox.pending(1)).toEqual([])
  }

  /** Per channel and thread the ids that must have been said, in this order. */
  expected(): ReadonlyMap<string, readonly string[]> {
    const expected = new Map<string, string[]>()
    for (const { state, notification } of this.#model.rows) {
      const key = `${notification.channel} ${notification.thread}`
      if (state !== 'dead') expected.set(key, [...(expected.get(key) ?? []), notification.id])
    }
    return expected
  }
}

test('whatever happens in whatever order, every notice is said once, in its order, or is loudly dead', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      await using store = await openStore(':memory:', OPTIONS)
      const pair = new Pair(store)
      for (const one of steps) await pair.take(one)
      await pair.finish()
      expect(pair.said).toEqual(pair.expected())
    }),
    { numRuns: 60 },
  )
})
