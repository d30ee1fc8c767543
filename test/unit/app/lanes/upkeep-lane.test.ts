import { describe, expect, test } from 'vitest'
import { drainLane } from '../../../../src/app/lane.ts'
import { upkeepLane } from '../../../../src/app/lanes/upkeep-lane.ts'
import type { Settings } from '../../../../src/app/settings.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/lib/time.ts'
import type { ChannelId } from '../../../../src/model/notification.ts'
import { NOW } from '../../check/snapshot-builder.ts'
import { configOf, desk } from '../desk.ts'

async function upkeep() {
  const it = await desk()
  let settings: Settings = it.settings
  const lane = upkeepLane(it.tools, () => settings)
  const drain = () => it.clock.drive(drainLane(lane, it.never))
  return {
    ...it,
    lane,
    drain,
    watch(watch: Readonly<Record<string, unknown>>) {
      settings = it.open(configOf(watch))
    },
    async live(minutes: number) {
      for (let minute = 0; minute < minutes; minute += 1) {
        await drain()
        await it.clock.advance(MINUTE_MS)
      }
      await drain()
      return it.live()
    },
    transitions: () =>
      it.log.filter(({ event }) => event === 'self').map(({ fields }) => `${fields.reason} ${fields.code}`),
  }
}

describe('the look at itself', () => {
  test('is made at once, then every minute, and says nothing while all is well', async () => {
    await using it = await upkeep()
    expect(await it.lane.nextDueAt()).toBe(NOW)
    await it.drain()
    expect(await it.lane.take()).toBeNull()
    expect(await it.lane.nextDueAt()).toBe(NOW + MINUTE_MS)
    expect(it.log).toEqual([])
  })

  test('opens and ends an incident of the monitor, told in every channel', async () => {
    await using it = await upkeep()
    it.monitor.configBroken('watch.yaml', ['watch.yaml:1:1: found nothing'])
    expect(await it.live(2)).toEqual(['open monitor.config.broken'])
    it.monitor.configLoaded()
    expect(await it.live(2)).toEqual([])
    expect(it.transitions()).toEqual(['opened monitor.config.broken', 'resolved monitor.config.broken'])
    expect(await it.store.outbox.pending(9)).toMatchObject([
      { notification: { content: { reason: 'opened' } } },
      { notification: { content: { reason: 'resolved' } } },
    ])
  })

  test('lets the trouble of a channel end that is no longer in the watch list', async () => {
    await using it = await upkeep()
    it.watch({ domains: ['example.com'], channels: { ops: { type: 'console' }, night: { type: 'console' } } })
    it.monitor.channelFailed('ops' as ChannelId, 'is_archived', 'archived')
    expect(await it.live(1)).toEqual(['open monitor.channel.failing ops'])
    it.watch({ domains: ['example.com'], channels: { night: { type: 'console' } } })
    expect(await it.live(2)).toEqual([])
  })

  test('a long pause is one look, not one for every minute missed', async () => {
    await using it = await upkeep()
    await it.drain()
    await it.clock.advance(50 * MINUTE_MS)
    expect(await it.lane.take()).not.toBeNull()
    expect(await it.lane.take()).toBeNull()
  })
})

test('forgets what is old an hour after the start, and then once a day', async () => {
  await using it = await upkeep()
  const job = (key: string, dueAt: number) =>
    it.store.jobs.enqueue({ key, kind: 'check', argument: 'example.com', dueAt, slot: null })
  await job('old', NOW - 10 * DAY_MS)
  const claimed = await it.store.jobs.claim(['check'], NOW, MINUTE_MS)
  if (claimed === null) throw new Error('nothing is due')
  await it.store.jobs.finish(claimed, 'done')

  await it.clock.advance(HOUR_MS - MINUTE_MS)
  await it.drain()
  expect(it.events()).toEqual([])
  await it.clock.advance(MINUTE_MS)
  await it.drain()
  expect(it.log).toMatchObject([{ level: 'info', event: 'prune.done', fields: { jobs: 1, looks: 0 } }])
  expect(await job('old', NOW)).toBe(true)

  await it.clock.advance(DAY_MS - MINUTE_MS)
  await it.drain()
  expect(it.log).toHaveLength(1)
  await it.clock.advance(MINUTE_MS)
  await it.drain()
  expect(it.events()).toEqual(['prune.done', 'prune.done'])
})
