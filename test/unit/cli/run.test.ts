import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { capturedIo } from './captured-io.ts'
import { type Workshop, workshop } from './child-cli.ts'

const SECOND_MS = 1_000

/** Takes questions and never answers. */
async function silentResolver() {
  const socket = createSocket('udp4')
  const asked = once(socket, 'message')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    port: socket.address().port,
    asked,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  }
}

describe('run', () => {
  test('starts, looks at its domains, and leaves with status 0 when told to; in JSON where no person reads', async () => {
    await using it = await workshop(['a.example', 'b.example'])
    await using running = it.start(['run'])
    await running.saying('"domain":"a.example"')
    await running.saying('"domain":"b.example"')
    const began = performance.now()
    running.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ status: 0, out: '' })
    expect(performance.now() - began).toBeLessThan(20 * SECOND_MS)
    expect(running.logged('start')).toMatchObject([{ role: 'all', domains: 2 }])
    expect(running.logged('stop')).toHaveLength(1)
    for (const line of running.err.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('event')
  })

  test('a second one on the same database ends with 75 at once, and says who is there', async () => {
    await using it = await workshop()
    await using first = it.start(['run'])
    await first.saying('"event":"start"')
    const began = performance.now()
    const second = await it.run(['run'])
    expect(performance.now() - began).toBeLessThan(30 * SECOND_MS)
    expect(second).toMatchObject({ status: 75, out: '' })
    expect(second.err).toContain(`(process ${first.pid} on `)
    expect(second.err).toContain('Stop it first')
    first.kill('SIGTERM')
    expect(await first.ended).toMatchObject({ status: 0 })
  })

  test('told to stop in the middle of a look, leaves it to the next start', async () => {
    await using it = await workshop()
    await using silence = await silentResolver()
    await it.write(`domains: [a.example]\nresolvers: ["127.0.0.1:${silence.port}"]\n`)
    await using first = it.start(['run'])
    await silence.asked
    const began = performance.now()
    first.kill('SIGTERM')
    expect(await first.ended).toMatchObject({ status: 0 })
    expect(performance.now() - began).toBeLessThan(15 * SECOND_MS)
    expect(first.logged('check.done')).toEqual([])

    await it.write(`domains: [a.example]\nresolvers: ["127.0.0.1:${it.deadPort}"]\n`)
    await using second = it.start(['run'])
    await second.saying('check.done')
  })

  test('told twice to stop, ends at once with 130', async () => {
    await using it = await workshop()
    await using running = it.start(['run'])
    await running.saying('"event":"start"')
    // Both are there when it goes on, so that the first cannot be over before the second comes.
    for (const signal of ['SIGSTOP', 'SIGTERM', 'SIGINT', 'SIGCONT'] as const) running.kill(signal)
    expect(await running.ended).toMatchObject({ status: 130 })
  })

  test('killed, leaves no lock behind, and the next one works', async () => {
    await using it = await workshop()
    await using first = it.start(['run'])
    await first.saying('"event":"start"')
    first.kill('SIGKILL')
    expect(await first.ended).toMatchObject({ status: 'SIGKILL' })
    await using second = it.start(['run'])
    await second.saying('check.done')
    second.kill('SIGTERM')
    expect(await second.ended).toMatchObject({ status: 0 })
  })

  test('as scheduler and worker on one database, the one makes the jobs and the other does them', async () => {
    await using it = await workshop(['a.example', 'b.example'])
    await using worker = it.start(['run', '--role', 'worker'])
    await worker.saying('"event":"start"')
    await using scheduler = it.start(['run', '--role', 'scheduler'])
    await worker.saying('"domain":"a.example"')
    await worker.saying('"domain":"b.example"')
    for (const [role, running] of Object.entries({ scheduler, worker })) {
      expect(await it.run(['run', '--role', role])).toMatchObject({ status: 75 })
      running.kill('SIGTERM')
      expect(await running.ended).toMatchObject({ status: 0 })
    }
    expect(scheduler.logged('check.done')).toEqual([])
    expect(worker.logged('check.done')).toHaveLength(2)
  })

  test('reloads a changed watch list at SIGHUP, and keeps the old one when the new is broken', async () => {
    await using it = await workshop()
    await using running = it.start(['run'])
    await running.saying('check.done')
    await it.write('domains: [a.example]\nchanels: {}\n')
    running.kill('SIGHUP')
    await running.saying('config.refused')
    expect(running.logged('config.refused')).toMatchObject([
      { problems: [expect.stringContaining('watch.yaml:2:1: chanels')] },
    ])
    await it.write(`domains: [a.example, new.example]\nresolvers: ["127.0.0.1:${it.deadPort}"]\n`)
    running.kill('SIGHUP')
    await running.saying('"domain":"new.example"')
    running.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ status: 0 })
  })
})

describe('run refuses', () => {
  /** The command line in this process: what is refused has started nothing. */
  async function refused(it: Workshop, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const DATABASE_FILE = join(it.directory, 'data/stswatch.db')
    const { io, said } = capturedIo({ env: { DATABASE_FILE, ...env } })
    const status = await cli(['--config', join(it.directory, 'watch.yaml'), ...args], io)
    return { status, ...said }
  }

  test('a broken file with status 78, the place, and a caret under it', async () => {
    await using it = await workshop()
    await it.write('domains:\n  - a.example\n  - "b example"\n')
    const { status, out, err } = await it.run(['run'])
    expect([status, out]).toEqual([78, ''])
    expect(err).toMatch(/^watch\.yaml:3:5: domains\[1\]: .*\n.*b example.*\n.*\^+\n$/)
  })

  test.each<[string, string, Readonly<Record<string, string>>, RegExp]>([
    ['a file that is no YAML', 'domains: [a.example\n', {}, /watch\.yaml:\d+:\d+: /],
    [
      'a broken environment',
      'domains: [a.example]\n',
      { SLACK_BOT_TOKEN: 'xapp-hush' },
      /^environment: SLACK_BOT_TOKEN is an app-level token/m,
    ],
    [
      'a channel without its secret',
      'domains: [a.example]\nchannels: { ops: { type: slack, channel: "#ops" } }\n',
      {},
      /SLACK_BOT_TOKEN/,
    ],
  ])('%s with status 78, and tells no secret', async (_, text, env, complaint) => {
    await using it = await workshop()
    await it.write(text)
    const { status, out, err } = await refused(it, ['run'], env)
    expect([status, out]).toEqual([78, ''])
    expect(err).toMatch(complaint)
    expect(err).not.toContain('hush')
  })

  test('a missing watch list with status 78 and the smallest one that works', async () => {
    await using it = await workshop()
    const { status, err } = await refused(it, ['--config', '/nowhere.yaml', 'run'])
    expect(status).toBe(78)
    expect(err).toContain(
      '/nowhere.yaml:1:1: there is no such file; the smallest one is: domains: [example.com]',
    )
  })

  test.each([
    ['run', ['run']],
    ['history', ['history', 'a.example']],
    ['incidents', ['incidents']],
    ['explain', ['explain', 'inc_1']],
    ['check', ['check', 'a.example', 'b.example']],
  ])('a damaged database with status 74, in %s as well', async (_, args) => {
    await using it = await workshop()
    await it.damage('data/stswatch.db')
    const { status, err } = await refused(it, args)
    expect(status).toBe(74)
    expect(err).toMatch(/stswatch\.db is damaged or no database .* put a backup in its place\.\n$/)
  })

  test('an old Node with one sentence', async () => {
    await using it = await workshop()
    const before = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.1' } })`
    const { status, out, err } = await it.run(['run'], { before })
    expect([status, out]).toEqual([78, ''])
    expect(err).toMatch(/^stswatch needs Node 24\.15 or newer, this is 20\.11\.1\. .*npx stswatch.*\n$/)
  })
})

test('a bug of its own ends it with status 70 and one line that can be reported', async () => {
  await using it = await workshop()
  const before = 'globalThis.AbortController = class { constructor() { throw new Error("a bug") } }'
  const { status, err } = await it.run(['check', 'a.example'], { before })
  expect(status).toBe(70)
  expect(JSON.parse(err)).toMatchObject({
    level: 'error',
    event: 'crash',
    error: expect.stringContaining('a bug'),
  })
})
