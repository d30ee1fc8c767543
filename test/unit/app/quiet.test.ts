import { describe, expect, test } from 'vitest'
import { acknowledgeIncidents, beginSilence } from '../../../src/app/jobs/answer.ts'
import { HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { SilenceId } from '../../../src/model/silence.ts'
import { absent, healthy } from '../check/snapshot-builder.ts'
import { type Desk, desk, FakeNotifier, lookAt } from './desk.ts'

const MISSING = 'tlsrpt.record.missing'
const WATCH = {
  domains: [{ name: 'example.com', tags: ['customer-a'] }],
  channels: { ops: { type: 'console' } },
}

function channel({ app }: Desk): FakeNotifier {
  const found = app.settings.notifiers.get('ops' as never)
  if (!(found instanceof FakeNotifier)) throw new Error('no such channel')
  return found
}

function breaks({ probe, clock }: Desk): void {
  probe.look = async (name) => lookAt(name, clock.now(), healthy({ tlsrptRecord: absent() }))
}

function heals({ probe, clock }: Desk): void {
  probe.look = async (name) => lookAt(name, clock.now())
}

async function silenced(it: Desk, pattern: string, ms: number): Promise<SilenceId> {
  const wish = { pattern, until: it.clock.now() + ms, by: 'ada', reason: 'patch night' }
  const tools = { store: it.store, config: it.settings.config, now: it.clock.now(), newId: it.tools.newId }
  return (await beginSilence(wish, [], tools)).id
}

describe('a silence', () => {
  test.each([MISSING, 'tlsrpt.*', 'example.com', '#customer-a', `${MISSING}@example.com`])(
    '%s keeps an incident untold, and it is told when the silence is over',
    async (pattern) => {
      await using it = await desk(WATCH)
      await silenced(it, pattern, HOUR_MS)
      breaks(it)
      await it.pass(40)
      expect(await it.live()).toEqual([`open ${MISSING} example.com`])
      expect(channel(it).told).toEqual([])
      await it.pass(25)
      expect(channel(it).told).toEqual([`opened ${MISSING}`])
      await it.pass(60)
      expect(channel(it).told).toHaveLength(1)
    },
  )

  test('about something else changes nothing', async () => {
    await using it = await desk(WATCH)
    await silenced(it, 'mx.*', HOUR_MS)
    breaks(it)
    await it.pass(30)
    expect(channel(it).told).toEqual([`opened ${MISSING}`])
  })

  test('that is ended early lets it go within a minute', async () => {
    await using it = await desk(WATCH)
    const id = await silenced(it, '*', 24 * HOUR_MS)
    breaks(it)
    await it.pass(40)
    await it.store.quiet.endSilence(id, it.clock.now())
    // A round finds it, and the next one, in a test, delivers it.
    await it.pass(2)
    expect(channel(it).told).toEqual([`opened ${MISSING}`])
  })

  test('swallows what comes and goes within it', async () => {
    await using it = await desk(WATCH)
    await silenced(it, '*', 4 * HOUR_MS)
    breaks(it)
    await it.pass(40)
    heals(it)
    await it.pass(300)
    expect(await it.live()).toEqual([])
    expect(channel(it).told).toEqual([])
  })

  test('delays the end of what people had heard of', async () => {
    await using it = await desk(WATCH)
    breaks(it)
    await it.pass(30)
    await silenced(it, '*', 2 * HOUR_MS)
    heals(it)
    await it.pass(100)
    expect(channel(it).told).toEqual([`opened ${MISSING}`])
    await it.pass(30)
    expect(channel(it).told).toEqual([`opened ${MISSING}`, `resolved ${MISSING}`])
  })
})

describe('a maintenance window', () => {
  const window = (expected: readonly string[]) => ({
    ...WATCH,
    maintenance: [
      { name: 'patch night', cron: '0 * * * *', duration: '59m', domains: ['example.com'], expect: expected },
    ],
  })

  test('keeps quiet what it expects, and tells it at its end when it still lasts', async () => {
    await using it = await desk(window(['tlsrpt.*']))
    breaks(it)
    const startedAt = it.clock.now()
    await it.pass(40)
    expect(await it.live()).toEqual([`open ${MISSING} example.com`])
    expect(channel(it).told).toEqual([])
    const minute = (Math.floor(startedAt / MINUTE_MS) + 40) % 60
    await it.pass(59 - minute + 1)
    expect(channel(it).told).toEqual([`opened ${MISSING}`])
  })

  test('tells what it does not expect as always', async () => {
    await using it = await desk(window(['mx.certificate.*']))
    breaks(it)
    await it.pass(30)
    expect(channel(it).told).toEqual([`opened ${MISSING}`])
  })
})

describe('reminders', () => {
  /** Hours of passing time, a look every 15 minutes. */
  const DAYS = 8 * 24 * 60

  test('of a warning come after three days and again after six', async () => {
    await using it = await desk({ ...WATCH, defaults: { check: '0 * * * *' } })
    breaks(it)
    for (let minute = 0; minute < DAYS; minute += 10) {
      await it.clock.drive(it.app.settle(it.never))
      await it.clock.advance(10 * MINUTE_MS)
    }
    expect(channel(it).told).toEqual([`opened ${MISSING}`, `reminder ${MISSING}`, `reminder ${MISSING}`])
  })

  test('stop while somebody looks after it', async () => {
    await using it = await desk({ ...WATCH, defaults: { check: '0 * * * *' } })
    breaks(it)
    await it.pass(90)
    const tools = { store: it.store, config: it.settings.config, now: it.clock.now(), newId: it.tools.newId }
    await acknowledgeIncidents(await it.store.incidents.live(), { by: 'ada', note: null }, tools)
    for (let minute = 0; minute < DAYS; minute += 10) {
      await it.clock.drive(it.app.settle(it.never))
      await it.clock.advance(10 * MINUTE_MS)
    }
    expect(channel(it).told).toEqual([`opened ${MISSING}`])
  })

  test('that fell into a pause of the program are made up for once; those of a silence never', async () => {
    await using it = await desk({ ...WATCH, defaults: { check: '0 * * * *' } })
    breaks(it)
    await it.pass(90)
    await it.clock.advance(150 * HOUR_MS)
    await it.pass(90)
    expect(channel(it).told).toEqual([`opened ${MISSING}`, `reminder ${MISSING}`])
    await silenced(it, '*', 80 * HOUR_MS)
    await it.clock.advance(79 * HOUR_MS)
    await it.pass(120)
    expect(channel(it).told).toHaveLength(2)
  })
})
