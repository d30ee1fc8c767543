import { describe, expect, test } from 'vitest'
import { drainLane, type Work } from '../../../../src/app/lane.ts'
import { CHECK_JOB, checkLane } from '../../../../src/app/lanes/check-lane.ts'
import type { Settings } from '../../../../src/app/settings.ts'
import { HOUR_MS, MINUTE_MS } from '../../../../src/lib/time.ts'
import type { Snapshot } from '../../../../src/model/snapshot.ts'
import { absent, failed, healthy, NOW } from '../../check/snapshot-builder.ts'
import { configOf, desk, domain, lookAt } from '../desk.ts'

const A = domain('a.example')
const B = domain('b.example')

async function checking(names: readonly string[] = [A, B]) {
  const it = await desk({ domains: names })
  let settings: Settings = it.settings
  const lane = checkLane(it.tools, () => settings, 4)
  let jobs = 0
  return {
    ...it,
    lane,
    enqueue: (name: string) =>
      it.store.jobs.enqueue({
        key: `job ${++jobs}`,
        kind: CHECK_JOB,
        argument: name,
        dueAt: it.clock.now(),
        slot: null,
      }),
    drain: (signal = it.never) => it.clock.drive(drainLane(lane, signal)),
    watch(domains: readonly string[]) {
      settings = { ...settings, config: configOf({ domains }) }
    },
    /** The argument of every job that a new start would find. */
    async left(): Promise<readonly string[]> {
      await it.store.jobs.recover(it.clock.now())
      const found: string[] = []
      for (;;) {
        const job = await it.store.jobs.claim([CHECK_JOB], it.clock.now() + HOUR_MS, MINUTE_MS)
        if (job === null) return found
        found.push(`${job.argument} attempt ${job.attempt}`)
        await it.store.jobs.finish(job, 'done')
      }
    },
  }
}

async function take(lane: { take(): Promise<Work | null> }): Promise<Work> {
  const work = await lane.take()
  if (work === null) throw new Error('nothing is due')
  return work
}

describe('a due job', () => {
  test('is one look, remembered and logged', async () => {
    await using it = await checking()
    await it.enqueue(A)
    await it.drain()
    expect(it.probe.looks).toEqual([A])
    expect(await it.store.snapshots.lookSummary(A)).toMatchObject({ looks: 1, firstAt: NOW })
    expect(it.log).toEqual([
      {
        level: 'info',
        event: 'check.done',
        fields: { domain: A, tookMs: 0, findings: [], undecided: expect.any(Number), transitions: [] },
      },
    ])
    expect(await it.left()).toEqual([])
  })

  test('for a domain that is no longer watched is dropped without a look', async () => {
    await using it = await checking()
    await it.enqueue(A)
    it.watch([B])
    await it.drain()
    expect(it.probe.looks).toEqual([])
    expect(await it.left()).toEqual([])
  })

  test('for a domain that is being looked at is served by that look; a later one is not', async () => {
    await using it = await checking()
    const hanging = Promise.withResolvers<Snapshot>()
    it.probe.look = () => hanging.promise
    await it.enqueue(A)
    await it.enqueue(A)
    await it.enqueue(B)
    const first = (await take(it.lane))(it.never)
    await (await take(it.lane))(it.never)
    expect(it.probe.looks).toEqual([A])
    const other = (await take(it.lane))(it.never)
    hanging.resolve(lookAt(A, NOW))
    await Promise.all([first, other])
    expect(it.probe.looks).toEqual([A, B])
    await it.enqueue(A)
    await it.drain()
    expect(it.probe.looks).toEqual([A, B, A])
  })

  test('that finds something asks for the look that will confirm it', async () => {
    await using it = await checking()
    it.probe.look = async (name) => lookAt(name, it.clock.now(), healthy({ tlsrptRecord: absent() }))
    await it.enqueue(A)
    await it.drain()
    expect(await it.live()).toEqual(['suspected tlsrpt.record.missing a.example'])
    const dueAt = await it.store.jobs.nextDueAt()
    expect(dueAt).toBeGreaterThanOrEqual(NOW + 5 * MINUTE_MS)
    expect(dueAt).toBeLessThanOrEqual(NOW + 6 * MINUTE_MS)
  })

  test('of a blind monitor leaves no trace but the log', async () => {
    await using it = await checking()
    it.probe.look = async (name) =>
      lookAt(
        name,
        it.clock.now(),
        healthy({
          stsRecord: failed('dns-timeout'),
          tlsrptRecord: failed('dns-timeout'),
          mx: failed('dns-timeout'),
          policyHost: { ...healthy().policyHost, addresses: failed('dns-timeout'), fetches: [] },
          ruaDomains: [],
          hosts: [],
        }),
      )
    it.probe.answer = () => ({ ...failed('dns-timeout'), at: it.clock.now() })
    await it.enqueue(A)
    await it.drain()
    expect(it.events()).toEqual(['check.done'])
    expect(await it.store.snapshots.lookSummary(A)).toBeNull()
    expect(await it.live()).toEqual([])
  })
})

describe('a look that ends in a bug', () => {
  test('is logged with its stack, ends its own job only, and the other domains go on', async () => {
    await using it = await checking()
    const bug = async (name: string) => {
      if (name === A) throw new Error('cannot read properties of undefined')
      return lookAt(B, it.clock.now())
    }
    it.probe.look = bug
    await it.enqueue(A)
    await it.enqueue(B)
    await it.drain()
    expect(it.log).toMatchObject([
      {
        level: 'error',
        event: 'check.failed',
        fields: { domain: A, error: expect.stringMatching(/cannot read properties of undefined\n +at /) },
      },
      { event: 'check.done', fields: { domain: B } },
    ])
    expect(await it.left()).toEqual([])
  })

  test('is an incident of the monitor until a look succeeds', async () => {
    await using it = await desk({ domains: [A, B] })
    const well = it.probe.look
    it.probe.look = async (name, signal) => {
      if (name === A) throw new Error('a bug')
      return well(name, signal)
    }
    await it.pass(3)
    expect(await it.live()).toEqual(['open monitor.check.failing a.example'])
    expect(it.events().filter((event) => event === 'check.failed')).toHaveLength(1)
    it.probe.look = well
    await it.pass(120)
    expect(await it.live()).toEqual([])
  })

  test('is over when the domain is no longer watched', async () => {
    await using it = await desk({ domains: [A, B] })
    it.probe.look = async () => {
      throw new Error('a bug')
    }
    await it.pass(3)
    await it.app.reload(it.open(configOf({ domains: [B] })))
    await it.pass(3)
    expect(await it.live()).toEqual(['open monitor.check.failing b.example'])
  })
})

describe('a look that is cut short by the end of the program', () => {
  test.each<[string, (signal: AbortSignal) => Promise<Snapshot>]>([
    [
      'while the probe gives up',
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ],
    [
      'while the probe answers with faults',
      (signal) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () =>
            resolve(lookAt(A, NOW, healthy({ mx: failed('deadline') }))),
          ),
        ),
    ],
  ])('%s says nothing, and is left to the next start', async (_, look) => {
    await using it = await checking()
    it.probe.look = (_name, signal) => look(signal)
    await it.enqueue(A)
    const stop = new AbortController()
    const work = (await take(it.lane))(stop.signal)
    await new Promise((resolve) => setImmediate(resolve))
    stop.abort(new Error('told to stop'))
    await work
    expect(it.log).toEqual([])
    expect(await it.store.snapshots.lookSummary(A)).toBeNull()
    expect(await it.left()).toEqual(['a.example attempt 2'])
  })
})

test('no more looks at once than allowed, and all of them in the end', async () => {
  const names = Array.from({ length: 20 }, (_, index) => domain(`d${index}.example`))
  await using it = await checking(names)
  let running = 0
  let most = 0
  const well = it.probe.look
  it.probe.look = async (name, signal) => {
    running += 1
    most = Math.max(most, running)
    await it.clock.sleep(1_000)
    running -= 1
    return well(name, signal)
  }
  for (const name of names) await it.enqueue(name)
  await it.drain()
  expect(most).toBe(4)
  expect(it.probe.looks).toHaveLength(20)
  expect(new Set(it.probe.looks)).toEqual(new Set(names))
})
