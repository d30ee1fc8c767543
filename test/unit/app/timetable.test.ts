import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BEGUN, type Schedule, Timetable } from '../../../src/app/timetable.ts'
import { parseCron } from '../../../src/lib/cron.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/lib/time.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import type { ClaimedJob, JobQueue, NewJob } from '../../../src/store/store.ts'

const T0 = Date.UTC(2026, 10, 23, 14, 7, 30)
const OPTIONS = { owner: true, allowNetworkFilesystem: true, warn: () => {} }

function schedule(line: string, spec: Partial<Schedule> = {}): Schedule {
  const cron = parseCron(line)
  if (!cron.ok) throw new Error(cron.error)
  return {
    name: 'check:example.com',
    kind: 'check',
    argument: 'example.com',
    cron: cron.value,
    timeZone: 'UTC',
    spread: false,
    begins: 'at-once',
    ...spec,
  }
}

/** A queue that only remembers: for many jobs at once. */
class JobList implements JobQueue {
  readonly jobs = new Map<string, NewJob>()
  readonly #slots = new Map<string, number>()

  async enqueue(job: NewJob): Promise<boolean> {
    if (this.jobs.has(job.key)) return false
    this.jobs.set(job.key, job)
    if (job.slot !== null) this.#slots.set(job.slot.schedule, job.slot.at)
    return true
  }

  lastSlot = async (name: string) => this.#slots.get(name) ?? null
  claim = async () => null
  finish = async () => {}
  recover = async () => 0
  nextDueAt = async () => null
  prune = async () => {}

  get dueAts(): readonly number[] {
    return [...this.jobs.values()].map(({ dueAt }) => dueAt)
  }
}

const shown = (at: number) => new Date(at).toISOString().slice(0, 19)

async function claimAll(jobs: JobQueue, now: number): Promise<readonly ClaimedJob[]> {
  const claimed: ClaimedJob[] = []
  for (let job = await jobs.claim(['check'], now, MINUTE_MS); job !== null; ) {
    claimed.push(job)
    await jobs.finish(job, 'done')
    job = await jobs.claim(['check'], now, MINUTE_MS)
  }
  return claimed
}

describe('a timetable', () => {
  test('makes a schedule that was never run due at once, without spreading it', async () => {
    const list = new JobList()
    expect(await new Timetable(list).enqueueDue([schedule('0 3 * * *', { spread: true })], T0)).toBe(1)
    expect([...list.jobs.values()]).toMatchObject([
      { kind: 'check', argument: 'example.com', dueAt: T0, slot: { schedule: 'check:example.com', at: T0 } },
    ])
  })

  test('makes one job of each slot, however often it is asked', async () => {
    const list = new JobList()
    const timetable = new Timetable(list)
    for (let at = T0; at < T0 + HOUR_MS; at += 10 * SECOND_MS) {
      await timetable.enqueueDue([schedule('*/15 * * * *')], at)
    }
    expect(list.dueAts.map(shown)).toEqual([
      '2026-11-23T14:07:30',
      '2026-11-23T14:15:00',
      '2026-11-23T14:30:00',
      '2026-11-23T14:45:00',
      '2026-11-23T15:00:00',
    ])
  })

  test.each([
    ['a slot missed by a minute', 9 * MINUTE_MS, ['2026-11-23T14:15:00']],
    ['three days', 3 * DAY_MS, ['2026-11-26T14:00:00']],
    ['no slot at all', 5 * MINUTE_MS, []],
  ])('makes up for the newest missed slot alone after a pause of %s', async (_, pauseMs, made) => {
    const list = new JobList()
    const timetable = new Timetable(list)
    await timetable.enqueueDue([schedule('*/15 * * * *')], T0)
    await timetable.enqueueDue([schedule('*/15 * * * *')], T0 + pauseMs)
    expect(list.dueAts.slice(1).map(shown)).toEqual(made)
  })

  test('a missed slot that was spread is due at once as well', async () => {
    const list = new JobList()
    const timetable = new Timetable(list)
    const daily = schedule('0 3 * * *', { spread: true })
    await timetable.enqueueDue([daily], T0)
    const back = Date.UTC(2026, 10, 27, 12)
    await timetable.enqueueDue([daily], back)
    expect(list.dueAts.slice(1).every((dueAt) => dueAt <= back)).toBe(true)
    expect(list.jobs.size).toBe(2)
  })

  test('a wall clock that is set back makes no slot twice', async () => {
    const list = new JobList()
    const timetable = new Timetable(list)
    const every = schedule('*/15 * * * *')
    for (const at of [T0, T0 + HOUR_MS, T0, T0 + 30 * MINUTE_MS, T0 + HOUR_MS, T0 + 75 * MINUTE_MS]) {
      await timetable.enqueueDue([every], at)
    }
    expect(list.dueAts.map(shown)).toEqual([
      '2026-11-23T14:07:30',
      '2026-11-23T15:00:00',
      '2026-11-23T15:15:00',
    ])
  })

  test.each([
    [
      'skipped in spring',
      '30 2 * * *',
      Date.UTC(2026, 2, 28, 12),
      ['2026-03-29T01:00:00', '2026-03-30T00:30:00'],
    ],
    [
      'repeated in autumn',
      '30 2 * * *',
      Date.UTC(2026, 9, 24, 12),
      ['2026-10-25T00:30:00', '2026-10-26T01:30:00'],
    ],
  ])('runs a time that is %s once', async (_, line, from, slots) => {
    const list = new JobList()
    const timetable = new Timetable(list)
    for (let at = from; at < from + 2 * DAY_MS; at += 10 * MINUTE_MS) {
      await timetable.enqueueDue([schedule(line, { timeZone: 'Europe/Berlin' })], at)
    }
    expect(list.dueAts.slice(1).map(shown)).toEqual(slots)
  })

  test('goes on from its last slot when the line is changed', async () => {
    const list = new JobList()
    const timetable = new Timetable(list)
    await timetable.enqueueDue([schedule('*/15 * * * *')], T0)
    await timetable.enqueueDue([schedule('10 * * * *')], T0 + MINUTE_MS)
    await timetable.enqueueDue([schedule('10 * * * *')], T0 + 3 * MINUTE_MS)
    expect(list.dueAts.slice(1).map(shown)).toEqual(['2026-11-23T14:10:00'])
  })
})

describe('on a database', () => {
  test('two timetables make one job of each slot', async () => {
    await using store = await openStore(':memory:', OPTIONS)
    const [one, other] = [new Timetable(store.jobs), new Timetable(store.jobs)]
    let made = 0
    for (const at of [T0, T0 + 1, T0 + 15 * MINUTE_MS, T0 + 15 * MINUTE_MS + 1]) {
      made += await one.enqueueDue([schedule('*/15 * * * *')], at)
      made += await other.enqueueDue([schedule('*/15 * * * *')], at)
    }
    expect(made).toBe(2)
    expect(await claimAll(store.jobs, T0 + HOUR_MS)).toHaveLength(2)
  })

  test('a restart makes up for what was missed once, and a second restart for nothing', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'stswatch-timetable-'))
    const file = join(directory, 'stswatch.db')
    const life = async (now: number) => {
      await using store = await openStore(file, OPTIONS)
      await new Timetable(store.jobs).enqueueDue([schedule('*/15 * * * *')], now)
      return (await claimAll(store.jobs, now)).map(({ dueAt }) => shown(dueAt))
    }
    try {
      expect(await life(T0)).toEqual(['2026-11-23T14:07:30'])
      expect(await life(T0 + DAY_MS)).toEqual(['2026-11-24T14:00:00'])
      expect(await life(T0 + DAY_MS + MINUTE_MS)).toEqual([])
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})

describe('many schedules with one line', () => {
  const MANY = 10_000
  const schedules = Array.from({ length: MANY }, (_, index) =>
    schedule('*/15 * * * *', { name: `check:domain-${index}.example`, spread: true }),
  )

  test('start evenly over the interval: in no second more than twice the mean and five (R22)', async () => {
    const list = new JobList()
    const timetable = new Timetable(list)
    await timetable.enqueueDue(schedules, T0)
    const slot = Date.UTC(2026, 10, 23, 14, 15)
    await timetable.enqueueDue(schedules, slot)
    const starts = list.dueAts.slice(MANY).map((dueAt) => dueAt - slot)
    const perSecond = new Map<number, number>()
    for (const start of starts) {
      const second = Math.floor(start / SECOND_MS)
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
    }
    expect(starts).toHaveLength(MANY)
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...starts)).toBeLessThan(15 * MINUTE_MS)
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(2 * (MANY / 900) + 5)
  })

  test('each keeps its place from slot to slot', async () => {
    const list = new JobList()
    const timetable = new Timetable(list)
    const few = schedules.slice(0, 5)
    for (const minutes of [0, 15, 30]) await timetable.enqueueDue(few, T0 + minutes * MINUTE_MS)
    const place = (slot: number) =>
      [...list.jobs.values()].filter((job) => job.slot?.at === slot).map(({ dueAt }) => dueAt - slot)
    const first = place(Date.UTC(2026, 10, 23, 14, 15))
    expect(first).toHaveLength(5)
    expect(place(Date.UTC(2026, 10, 23, 14, 30))).toEqual(first)
  })

  test('of a daily line start within an hour', async () => {
    const list = new JobList()
    const timetable = new Timetable(list)
    const daily = schedules.slice(0, 200).map(({ name }) => schedule('0 3 * * *', { name, spread: true }))
    await timetable.enqueueDue(daily, T0)
    const slot = Date.UTC(2026, 10, 24, 3)
    await timetable.enqueueDue(daily, slot)
    const starts = list.dueAts.slice(200).map((dueAt) => dueAt - slot)
    expect(Math.max(...starts)).toBeLessThan(HOUR_MS)
    expect(Math.max(...starts)).toBeGreaterThan(HOUR_MS / 2)
  })
})

describe('a schedule about a time gone by', () => {
  const weekly = () => schedule('0 7 * * 1', { name: 'summary', begins: 'at-next-slot' })
  const told = (list: JobList) => [...list.jobs.values()].filter(({ argument }) => argument !== BEGUN)
  const NEXT = Date.UTC(2026, 10, 30, 7)

  test('begins at its next slot, in this life or another', async () => {
    const list = new JobList()
    await new Timetable(list).enqueueDue([weekly()], T0)
    expect(told(list)).toEqual([])
    const timetable = new Timetable(list)
    await timetable.enqueueDue([weekly()], NEXT - 1)
    expect(told(list)).toEqual([])
    await timetable.enqueueDue([weekly()], NEXT)
    await new Timetable(list).enqueueDue([weekly()], NEXT + DAY_MS)
    expect(told(list).map(({ key }) => key)).toEqual(['summary:2026-11-30T07:00:00.000Z'])
  })

  test('a slot that was missed since it began is made up for', async () => {
    const list = new JobList()
    await new Timetable(list).enqueueDue([weekly()], T0)
    await new Timetable(list).enqueueDue([weekly()], NEXT + 3 * DAY_MS)
    expect(told(list).map(({ slot }) => slot?.at)).toEqual([NEXT])
  })
})
