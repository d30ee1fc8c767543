import { describe, expect, test } from 'vitest'
import { type DeliverTools, takeDelivery } from '../../../src/app/jobs/deliver.ts'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../src/lib/time.ts'
import type { ChannelId, Delivery, Notification, NotificationId } from '../../../src/model/notification.ts'
import type { Attempt, Message, Notifier } from '../../../src/notify/notifier.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { type EagerClock, eagerClock } from '../notify/eager-clock.ts'
import { incident, notification, resolved, step, T0 } from '../notify/message-builder.ts'

const OPS = 'ops' as ChannelId
const POST = 'postmaster' as ChannelId
const SENT: Delivery = { outcome: 'delivered', reference: 'C/1' }
const AWAY: Delivery = { outcome: 'retry', afterMs: null, error: 'away' }
const SIGNAL = new AbortController().signal

/** A channel that answers from a list, the last entry for ever, and writes down what it is asked. */
class FakeChannel implements Notifier {
  readonly rendered: Message[] = []
  readonly attempts: { readonly at: number; readonly attempt: Attempt }[] = []
  readonly id: ChannelId
  readonly #clock: EagerClock
  readonly #answers: Delivery[]

  constructor(id: ChannelId, clock: EagerClock, answers: readonly Delivery[]) {
    this.id = id
    this.#clock = clock
    this.#answers = [...answers]
  }

  render(message: Message): string {
    this.rendered.push(message)
    return `payload ${this.rendered.length}: ${message.notifications.map(({ content }) => labelOf(content)).join(', ')}`
  }

  async send(attempt: Attempt): Promise<Delivery> {
    this.attempts.push({ at: this.#clock.now(), attempt })
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0]
    return answer ?? SENT
  }
}

function labelOf(content: Notification['content']): string {
  if (content.kind === 'fallback') return `copy of ${labelOf(content.original)}`
  return content.kind === 'incident' ? content.reason : content.kind
}

async function stage(answers: { readonly ops: readonly Delivery[]; readonly post?: readonly Delivery[] }) {
  const clock = eagerClock(T0)
  const store = await openStore(':memory:', { owner: true, allowNetworkFilesystem: false, warn: () => {} })
  const ops = new FakeChannel(OPS, clock, answers.ops)
  const post = new FakeChannel(POST, clock, answers.post ?? [SENT])
  const events: string[] = []
  const tools: DeliverTools = {
    store,
    notifiers: new Map([
      [OPS, ops],
      [POST, post],
    ]),
    clock,
    rules: { channels: [OPS, POST], random: () => 0.5 },
    pace: null,
    onChannelTrouble: (channel, code) => events.push(`${channel}: ${code}`),
    onDelivered: (channel) => events.push(`${channel}: works`),
  }
  const put = (...notifications: readonly Notification[]) => store.commitTransitions([], notifications)
  /** Works off what is due at this instant. */
  const drain = async (channel: ChannelId) => {
    for (let work = await takeDelivery(tools, channel); work !== null; ) {
      await work(SIGNAL)
      work = await takeDelivery(tools, channel)
    }
  }
  /** Lets time pass from due row to due row, until nothing is left or `ms` have passed. */
  const live = async (ms: number) => {
    const end = clock.now() + ms
    for (;;) {
      await drain(OPS)
      await drain(POST)
      const dueAt = await store.outbox.nextDueAt()
      if (dueAt === null || dueAt > end) return
      clock.pass(Math.max(0, dueAt - clock.now()))
    }
  }
  return {
    clock,
    store,
    ops,
    post,
    events,
    tools,
    put,
    drain,
    live,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

function row(key: string, spec: Partial<Notification> = {}, content = step('opened')): Notification {
  return notification(content, { id: `ntf_${key}` as NotificationId, dedupeKey: key, ...spec })
}

describe('a delivery', () => {
  test('is rendered once, with its thread, and settled with the reference', async () => {
    await using s = await stage({ ops: [SENT] })
    await s.store.commitTransitions([{ reason: 'opened', at: T0, incident: incident() }], [row('k1')])
    await s.drain(OPS)
    expect(s.ops.rendered[0]?.threadIncidents).toEqual([incident()])
    expect(s.ops.attempts[0]?.attempt).toMatchObject({
      dedupeKey: 'k1',
      ambiguous: false,
      threadReference: null,
    })
    await s.put(row('k2', {}, step('resolved', resolved(T0))))
    await s.drain(OPS)
    expect(s.ops.rendered[1]?.threadReference).toBe('C/1')
    expect(await s.store.outbox.pending(9)).toEqual([])
    expect(s.events).toEqual(['ops: works', 'ops: works'])
  })

  test('tells what came while nothing got through, and sends the same bytes once something may have', async () => {
    await using s = await stage({ ops: [AWAY, { outcome: 'ambiguous', error: 'lost' }, AWAY, SENT] })
    await s.put(row('k1'))
    await s.drain(OPS)
    await s.put(row('k2', {}, step('resolved', resolved(T0))))
    await s.live(10 * MINUTE_MS)
    expect(
      s.ops.attempts.map(({ attempt }) => [attempt.payload, attempt.attempt, attempt.ambiguous]),
    ).toEqual([
      ['payload 1: opened', 1, false],
      ['payload 2: opened, resolved', 2, false],
      ['payload 2: opened, resolved', 3, true],
      ['payload 2: opened, resolved', 4, true],
    ])
  })

  test('of an incident that opened and ended while the channel waited is one message', async () => {
    await using s = await stage({ ops: [SENT] })
    await s.put(row('k1'), row('k2', {}, step('resolved', resolved(T0))))
    await s.drain(OPS)
    expect(s.ops.attempts.map(({ attempt }) => attempt.payload)).toEqual(['payload 1: opened, resolved'])
  })

  test('comes at the instants of the schedule, and not after it was delivered', async () => {
    await using s = await stage({ ops: [AWAY, AWAY, AWAY, AWAY, SENT] })
    await s.put(row('k1', { severity: 'warning' }))
    await s.live(DAY_MS)
    expect(s.ops.attempts.map(({ at }) => (at - T0) / SECOND_MS)).toEqual([0, 5, 20, 80, 380])
  })

  test('that cannot be rendered is tried again later and says why', async () => {
    await using s = await stage({ ops: [SENT] })
    s.ops.render = () => {
      throw new Error('no words')
    }
    await s.put(row('k1'))
    await s.drain(OPS)
    expect(await s.store.outbox.pending(9)).toMatchObject([
      { state: 'pending', lastError: expect.stringContaining('no words') },
    ])
    expect(s.ops.attempts).toEqual([])
  })

  test('whose lease was lost before it was rendered is not sent', async () => {
    await using s = await stage({ ops: [SENT] })
    await s.put(row('k1'))
    const slow = await takeDelivery(s.tools, OPS)
    await s.store.outbox.recover(s.clock.now())
    await slow?.(SIGNAL)
    expect(s.ops.attempts).toEqual([])
    expect(await s.store.outbox.pending(9)).toMatchObject([{ state: 'ambiguous' }])
  })

  test('whose lease was lost while it was sent settles nothing and reports nothing', async () => {
    await using s = await stage({ ops: [SENT] })
    s.ops.send = async () => {
      await s.store.outbox.recover(s.clock.now())
      await s.store.outbox.claim(OPS, s.clock.now(), MINUTE_MS, null)
      return { outcome: 'rejected', errorCode: 'is_archived', error: 'archived' }
    }
    await s.put(row('k1'))
    await (await takeDelivery(s.tools, OPS))?.(SIGNAL)
    expect(s.events).toEqual([])
    expect(await s.store.outbox.pending(9)).toMatchObject([{ state: 'leased' }])
  })
})

describe('when a channel fails', () => {
  test('for good, the next one says so at once and the trouble is reported', async () => {
    await using s = await stage({
      ops: [{ outcome: 'rejected', errorCode: 'is_archived', error: 'archived' }],
    })
    await s.put(row('k1'))
    await s.live(0)
    expect(s.post.attempts.map(({ attempt }) => attempt.payload)).toEqual(['payload 1: copy of opened'])
    expect(s.events).toEqual(['ops: is_archived', 'postmaster: works'])
  })

  test('for ten minutes, a critical message is copied once and goes on being tried', async () => {
    await using s = await stage({ ops: [AWAY] })
    await s.put(row('k1'), row('k2', { thread: 'thr_2' as never, severity: 'warning' }))
    await s.live(5 * 60 * MINUTE_MS)
    expect(s.post.attempts.map(({ at }) => (at - T0) / MINUTE_MS)).toEqual([10])
    expect(s.post.attempts[0]?.attempt.payload).toBe('payload 1: copy of opened')
    expect(await s.store.outbox.pending(9)).toMatchObject([{ state: 'pending' }, { state: 'pending' }])
    expect(s.events.filter((event) => event === 'ops: undelivered').length).toBeGreaterThan(1)
  })

  test('until a message expires, the copy is still to be had and the failure is loud', async () => {
    await using s = await stage({ ops: [AWAY] })
    await s.put(row('k1', { severity: 'info' }))
    await s.live(2 * DAY_MS)
    expect(s.post.attempts).toHaveLength(1)
    expect(s.events).toEqual(['ops: expired', 'postmaster: works'])
    expect(await s.store.outbox.pending(9)).toEqual([])
  })

  test('no other channel waits for it', async () => {
    await using s = await stage({ ops: [SENT] })
    const hanging = Promise.withResolvers<Delivery>()
    s.ops.send = () => hanging.promise
    await s.put(row('k1'), row('k2', { channel: POST, thread: 'thr_2' as never }))
    const stuck = takeDelivery(s.tools, OPS).then((work) => work?.(SIGNAL))
    await s.drain(POST)
    expect(s.post.attempts).toHaveLength(1)
    hanging.resolve(SENT)
    await stuck
  })
})

test('a person refused among several is trouble, though the message is sent', async () => {
  await using s = await stage({ ops: [{ outcome: 'delivered-in-part', reference: null, error: 'b: 550' }] })
  await s.put(row('k1'))
  await s.live(DAY_MS)
  expect(s.ops.attempts).toHaveLength(1)
  expect(s.events).toEqual(['ops: works', 'ops: recipient-refused'])
})
