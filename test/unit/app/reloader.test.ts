import { describe, expect, test } from 'vitest'
import { Reloader } from '../../../src/app/reloader.ts'
import type { LoadedConfig } from '../../../src/config/parse-watch-config.ts'
import { MINUTE_MS } from '../../../src/lib/time.ts'
import { healthy, mxHost, NOW } from '../check/snapshot-builder.ts'
import { desk, load, lookAt } from './desk.ts'

const TEN = Array.from({ length: 10 }, (_, index) => `d${index}.example`)
const EIGHT = TEN.slice(0, 8)
const SEVEN = TEN.slice(0, 7)
const BROKEN = { domains: ['example.com'], channles: {} }

/** An App that watches these domains, and its watch list in hand. */
async function reloading(domains: readonly string[] = TEN) {
  const it = await desk({ domains })
  let next: LoadedConfig = load({ domains })
  let openProblems: readonly string[] = []
  const reloader = new Reloader({
    app: it.app,
    monitor: it.monitor,
    clock: it.clock,
    log: it.tools.log,
    load: async () => next,
    open: (config) =>
      openProblems.length > 0
        ? { ok: false, problems: openProblems }
        : { ok: true, settings: it.open(config) },
  })
  return {
    ...it,
    reloader,
    /** The file says this now, and is read. */
    write(watch: Readonly<Record<string, unknown>>) {
      next = load(watch)
      return reloader.reload()
    },
    channelsFail(problems: readonly string[]) {
      openProblems = problems
    },
    names: () => it.app.settings.config.domains.map(({ name }) => name),
    codes: () => it.monitor.judgement([]).findings.map(({ code }) => code),
  }
}

describe('a new watch list', () => {
  test('takes the place of the old one: domains, schedules, channels', async () => {
    await using it = await reloading()
    const channels = { ops: { type: 'console' }, night: { type: 'console' } }
    expect(await it.write({ domains: [...TEN, 'new.example'], channels, timezone: 'Europe/Berlin' })).toBe(
      true,
    )
    expect(it.names()).toEqual([...TEN, 'new.example'])
    expect(it.app.schedules.at(-1)).toMatchObject({ name: 'check:new.example', timeZone: 'Europe/Berlin' })
    expect([...it.app.settings.notifiers.keys()]).toEqual(['ops', 'night'])
    expect(it.log.at(-1)).toMatchObject({ event: 'config.reloaded', fields: { domains: 11 } })
  })

  test('closes quietly what was open at a domain that it leaves out', async () => {
    await using it = await reloading()
    it.probe.look = async (name) =>
      lookAt(
        name,
        it.clock.now(),
        name === 'd9.example' ? healthy({ hosts: [mxHost('mx1.example.com', [])] }) : healthy(),
      )
    await it.pass(30)
    const before = await it.live()
    expect(await it.write({ domains: TEN.slice(0, 9) })).toBe(true)
    expect(before.length).toBeGreaterThan(0)
    expect(await it.live()).toEqual([])
  })
})

describe('a broken watch list', () => {
  test('leaves the old one in force and is told, with the place of the mistake, until it is mended', async () => {
    await using it = await reloading()
    expect(await it.write(BROKEN)).toBe(false)
    expect(it.names()).toEqual(TEN)
    expect(it.codes()).toEqual(['monitor.config.broken'])
    expect(it.log.at(-1)).toMatchObject({
      level: 'error',
      event: 'config.refused',
      fields: {
        problems: [expect.stringMatching(/^watch\.yaml:1:\d+: channles: .*Did you mean "channels"\?$/)],
      },
    })
    expect(await it.write({ domains: TEN })).toBe(true)
    expect(it.codes()).toEqual([])
  })

  test('a channel that cannot be opened refuses the whole of it', async () => {
    await using it = await reloading()
    it.channelsFail(['channel "ops" needs SLACK_BOT_TOKEN'])
    expect(await it.write({ domains: [...TEN, 'new.example'] })).toBe(false)
    expect(it.names()).toEqual(TEN)
    expect(it.codes()).toEqual(['monitor.config.broken'])
  })
})

describe('a removal of more than a fifth', () => {
  test.each([
    ['a fifth', EIGHT, true],
    ['more than a fifth', SEVEN, false],
  ])('%s is believed at once: %j → %s', async (_, domains, believed) => {
    await using it = await reloading()
    expect(await it.write({ domains })).toBe(believed)
    expect(it.reloader.dueAt).toBe(believed ? null : NOW + 10 * MINUTE_MS)
  })

  test('is believed when the same list is read ten minutes later, and not before', async () => {
    await using it = await reloading()
    await it.write({ domains: SEVEN })
    await it.clock.advance(10 * MINUTE_MS - 1)
    expect(await it.write({ domains: SEVEN })).toBe(false)
    expect(it.names()).toEqual(TEN)
    await it.clock.advance(1)
    expect(await it.write({ domains: SEVEN })).toBe(true)
    expect(it.names()).toEqual(SEVEN)
    expect(it.reloader.dueAt).toBeNull()
    expect(it.events()).toEqual(['config.large-removal', 'config.large-removal', 'config.reloaded'])
  })

  test('waits anew when the list has become another', async () => {
    await using it = await reloading()
    await it.write({ domains: SEVEN })
    await it.clock.advance(10 * MINUTE_MS)
    expect(await it.write({ domains: SEVEN.slice(1) })).toBe(false)
    await it.clock.advance(10 * MINUTE_MS)
    expect(await it.write({ domains: SEVEN.slice(1) })).toBe(true)
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['the old list is back', { domains: TEN }],
    ['the file is broken', BROKEN],
  ])('is forgotten when %s meanwhile', async (_, meanwhile) => {
    await using it = await reloading()
    await it.write({ domains: SEVEN })
    await it.clock.advance(5 * MINUTE_MS)
    await it.write(meanwhile)
    expect(it.reloader.dueAt).toBeNull()
    await it.clock.advance(5 * MINUTE_MS)
    expect(await it.write({ domains: SEVEN })).toBe(false)
    expect(it.names()).toEqual(TEN)
  })
})
