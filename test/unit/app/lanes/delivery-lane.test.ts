import { describe, expect, test } from 'vitest'
import { runLane } from '../../../../src/app/lane.ts'
import { deliveryLane } from '../../../../src/app/lanes/delivery-lane.ts'
import type { Settings } from '../../../../src/app/settings.ts'
import { SECOND_MS } from '../../../../src/lib/time.ts'
import type { ThreadId } from '../../../../src/model/incident.ts'
import type { ChannelId, Delivery, NotificationId } from '../../../../src/model/notification.ts'
import { NOW } from '../../check/snapshot-builder.ts'
import { notification } from '../../notify/message-builder.ts'
import { desk, FakeNotifier } from '../desk.ts'

const CHANNELS = ['ops', 'night', 'postmaster']

/** A running delivery lane with three channels. */
async function running() {
  const it = await desk()
  let channels = new Map(CHANNELS.map((id) => [id as ChannelId, new FakeNotifier(id)]))
  const settings = (): Settings => ({ ...it.settings, notifiers: channels })
  const stop = new AbortController()
  const ended = runLane(deliveryLane(it.tools, settings), it.clock, stop.signal)
  let rows = 0
  return {
    ...it,
    channel(id: string): FakeNotifier {
      const found = channels.get(id as ChannelId)
      if (found === undefined) throw new Error(`no channel ${id}`)
      return found
    },
    exchange(ids: readonly string[]) {
      channels = new Map(ids.map((id) => [id as ChannelId, new FakeNotifier(id)]))
    },
    put: async (channel: string, thread = `thr_${channel}`) => {
      const key = `row ${++rows}`
      const row = notification(undefined, {
        id: key as NotificationId,
        channel: channel as ChannelId,
        thread: thread as ThreadId,
        dedupeKey: key,
        createdAt: it.clock.now(),
        notBefore: NOW,
      })
      await it.store.commitTransitions([], [row])
    },
    troubles: () =>
      it.monitor
        .judgement([])
        .findings.filter(({ code }) => code === 'monitor.channel.failing')
        .map(({ subject }) => subject),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await it.clock.drive(ended)
      await it.store[Symbol.asyncDispose]()
    },
  }
}

describe('deliveries', () => {
  test('go to each channel what is its own', async () => {
    await using it = await running()
    for (const id of CHANNELS) await it.put(id)
    await it.clock.advance(2 * SECOND_MS)
    expect(CHANNELS.map((id) => it.channel(id).told.length)).toEqual([1, 1, 1])
    await expect(it.store.outbox.pending(9)).resolves.toEqual([])
  })

  test('of the other channels do not wait for one that hangs, and its own wait for it', async () => {
    await using it = await running()
    const hanging = Promise.withResolvers<Delivery>()
    let attempts = 0
    it.channel('ops').send = () => {
      attempts += 1
      return hanging.promise
    }
    await it.put('ops', 'thr_1')
    await it.clock.advance(2 * SECOND_MS)
    await it.put('ops', 'thr_2')
    await it.put('night')
    await it.put('postmaster')
    await it.clock.advance(10 * SECOND_MS)
    expect([attempts, it.channel('night').told.length, it.channel('postmaster').told.length]).toEqual([
      1, 1, 1,
    ])
    hanging.resolve({ outcome: 'delivered', reference: null })
    await it.clock.advance(2 * SECOND_MS)
    expect(attempts).toBe(2)
    expect(await it.store.outbox.pending(9)).toEqual([])
  })

  test('that fail for good make the channel the monitor’s trouble, until one succeeds', async () => {
    await using it = await running()
    const well = it.channel('ops').send
    it.channel('ops').send = async () => ({
      outcome: 'rejected',
      errorCode: 'is_archived',
      error: 'archived',
    })
    await it.put('ops', 'thr_1')
    await it.clock.advance(2 * SECOND_MS)
    expect(it.troubles()).toEqual(['ops'])
    expect(it.log).toMatchObject([
      { level: 'warn', event: 'delivery.trouble', fields: { channel: 'ops', code: 'is_archived' } },
    ])
    it.channel('ops').send = well
    await it.put('ops', 'thr_2')
    await it.clock.advance(2 * SECOND_MS)
    expect(it.troubles()).toEqual([])
  })

  test('use the channels of the newest watch list', async () => {
    await using it = await running()
    // The lane is at rest, its first look with the old channels over.
    await it.clock.advance(1)
    it.exchange(['ops', 'pager'])
    await it.put('pager')
    await it.put('night')
    await it.clock.advance(3 * SECOND_MS)
    expect(it.channel('pager').told).toHaveLength(1)
    // `night` is gone: what was meant for it goes to the first channel, and nobody calls it broken.
    expect(it.channel('ops').told).toEqual(['fallback'])
    expect(await it.store.outbox.pending(9)).toEqual([])
    expect(it.troubles()).toEqual([])
  })
})
