import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { App } from '../../../src/app/app.ts'
import { Reloader } from '../../../src/app/reloader.ts'
import { type ServeParts, serve } from '../../../src/app/serve.ts'
import { loadWatchConfig } from '../../../src/config/load.ts'
import { MINUTE_MS, SECOND_MS } from '../../../src/lib/time.ts'
import { configOf, desk } from './desk.ts'

const FIVE = ['a', 'b', 'c', 'd', 'e'].map((letter) => `${letter}.example`)

/** A program in this role, served from a watch list on disk, and told things from outside. */
async function served(role: ServeParts['role'], domains: readonly string[] = ['a.example']) {
  const it = await desk({ domains })
  const directory = await mkdtemp(join(tmpdir(), 'stswatch-serve-'))
  const file = join(directory, 'watch.yaml')
  const write = (watch: Readonly<Record<string, unknown>>) => writeFile(file, JSON.stringify(watch))
  await write({ domains })
  const app = new App(it.tools, it.open(configOf({ domains }, file)))
  const disk = {
    reads: 0,
    load: () => loadWatchConfig(file, { hostname: 'monitor.ops.example', now: it.clock.now(), lab: false }),
  }
  const reloader = new Reloader({
    app,
    monitor: it.monitor,
    clock: it.clock,
    log: it.tools.log,
    load: () => {
      disk.reads += 1
      return disk.load()
    },
    open: (config) => ({ ok: true, settings: it.open(config) }),
  })
  const stop = new AbortController()
  let reload = (): void => {
    throw new Error('nobody waits for a reload')
  }
  const signals = {
    stop: stop.signal,
    onReload: (told: () => void) => {
      reload = told
    },
  }
  const ended = serve({ app, reloader, role, clock: it.clock, signals, log: it.tools.log })
  let failureHeard = false
  return {
    ...it,
    app,
    disk,
    write,
    hup: () => reload(),
    names: () => app.settings.config.domains.map(({ name }) => name),
    async end() {
      stop.abort(new Error('told to stop'))
      await it.clock.drive(ended)
    },
    /** What it ends with by itself, without being told to stop. */
    async failure(): Promise<unknown> {
      failureHeard = true
      return it.clock.drive(
        ended.then(
          () => null,
          (error: unknown) => error,
        ),
      )
    },
    /** Lets seconds pass until something holds. The file system has a time of its own: patience is real time. */
    async until(holds: () => boolean, patienceMs = 10_000) {
      const began = performance.now()
      while (!holds() && performance.now() - began < patienceMs) {
        await it.clock.advance(SECOND_MS)
        await new Promise((resolve) => setImmediate(resolve))
      }
      return holds()
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('told to stop'))
      await it.clock.drive(failureHeard ? ended.catch(() => {}) : ended)
      await it.store[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  }
}

describe('a served App', () => {
  test('as one process does the first round at once', async () => {
    await using it = await served('all', FIVE)
    expect(await it.until(() => it.probe.looks.length === 5)).toBe(true)
  })

  test('as a scheduler makes jobs and looks at nothing', async () => {
    await using it = await served('scheduler', FIVE)
    await it.clock.advance(2 * MINUTE_MS)
    expect(it.probe.looks).toEqual([])
    expect(await it.store.jobs.nextDueAt()).not.toBeNull()
  })

  test('as a worker makes no jobs and does those of others', async () => {
    await using it = await served('worker')
    await it.clock.advance(2 * MINUTE_MS)
    expect(it.probe.looks).toEqual([])
    await it.app.enqueueDue()
    expect(await it.until(() => it.probe.looks.length === 1)).toBe(true)
  })

  test('ends when told to, with nothing left under way', async () => {
    await using it = await served('all', FIVE)
    await it.until(() => it.probe.looks.length === 5)
    await it.end()
    expect(await it.store.jobs.recover(it.clock.now())).toBe(0)
  })
})

describe('a reload', () => {
  test('by signal watches what is new at once', async () => {
    await using it = await served('all')
    await it.until(() => it.probe.looks.length === 1)
    await it.write({ domains: ['a.example', 'b.example'] })
    it.hup()
    expect(await it.until(() => it.probe.looks.includes('b.example'))).toBe(true)
  })

  test.each(['all', 'worker', 'scheduler'] as const)(
    'by the file alone does the same as %s',
    async (role) => {
      await using it = await served(role)
      // Saved again and again: nobody can tell when the first look at the file was made.
      for (let save = 1; save < 100 && it.names().length === 1; save += 1) {
        await it.write({ timezone: 'UTC', domains: ['a.example', `b${save}.example`] })
        await it.until(() => it.names().length === 2, 100)
      }
      expect(it.names()).toHaveLength(2)
    },
  )

  test('that is refused changes nothing, and the next one may succeed', async () => {
    await using it = await served('all')
    await it.write({ domains: 'a.example', shedule: 1 })
    it.hup()
    expect(await it.until(() => it.events().includes('config.refused'))).toBe(true)
    expect(it.names()).toEqual(['a.example'])
    await it.write({ domains: ['a.example', 'b.example'] })
    it.hup()
    expect(await it.until(() => it.names().length === 2)).toBe(true)
  })

  test('that would remove most domains is believed by itself after ten minutes', async () => {
    await using it = await served('all', FIVE)
    await it.write({ domains: FIVE.slice(0, 2) })
    it.hup()
    expect(await it.until(() => it.events().includes('config.large-removal'))).toBe(true)
    await it.clock.advance(9 * MINUTE_MS)
    expect(it.names()).toEqual(FIVE)
    expect(await it.until(() => it.names().length === 2)).toBe(true)
  })

  test('of many at once ends with the newest file', async () => {
    await using it = await served('all')
    for (const count of [2, 3, 4]) {
      await it.write({ domains: FIVE.slice(0, count) })
      it.hup()
    }
    // One that reads while the next is written may find half a file, and refuse it.
    const over = () => it.events().filter((event) => /^config\.(reloaded|refused)$/.test(event)).length
    expect(await it.until(() => over() >= 3)).toBe(true)
    expect(it.names()).toEqual(FIVE.slice(0, 4))
  })

  test('that is asked for after the end is not made: the store may be closed by then', async () => {
    await using it = await served('all')
    await it.until(() => it.probe.looks.length === 1)
    await it.end()
    it.hup()
    await new Promise((resolve) => setImmediate(resolve))
    expect(it.disk.reads).toBe(0)
  })

  test('that is asked for while the stop waits for another one is not made either', async () => {
    await using it = await served('all')
    await it.until(() => it.probe.looks.length === 1)
    const reading = Promise.withResolvers<void>()
    const { load } = it.disk
    it.disk.load = () => reading.promise.then(load)
    it.hup()
    await it.until(() => it.disk.reads === 1)
    const ended = it.end()
    it.hup()
    reading.resolve()
    await ended
    expect(it.disk.reads).toBe(1)
  })

  test('that meets a fault of ours ends the program with it', async () => {
    await using it = await served('all')
    await it.until(() => it.probe.looks.length === 1)
    it.disk.load = () => Promise.reject(new Error('a bug'))
    it.hup()
    expect(await it.failure()).toMatchObject({ message: 'a bug' })
  })
})
