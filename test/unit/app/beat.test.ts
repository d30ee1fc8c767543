import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startBeat } from '../../../src/app/beat.ts'
import type { Schedule } from '../../../src/app/timetable.ts'
import { parseCron } from '../../../src/lib/cron.ts'
import { type LogFields, silentLogger } from '../../../src/lib/log.ts'
import { MINUTE_MS, SECOND_MS } from '../../../src/lib/time.ts'

/** 05:58:40 in New York, 16:28:40 in Kolkata. */
const T0 = Date.UTC(2026, 10, 23, 10, 58, 40)

// The one place of fake timers: node-cron has its own clock.
beforeEach(() => {
  vi.useFakeTimers({ now: T0 })
})
afterEach(() => {
  vi.useRealTimers()
})

function schedule(line: string, timeZone: string): Schedule {
  const cron = parseCron(line)
  if (!cron.ok) throw new Error(cron.error)
  return {
    name: line,
    kind: 'check',
    argument: 'x',
    cron: cron.value,
    timeZone,
    spread: false,
    begins: 'at-once',
  }
}

/** The instants at which the beat called, less those of its own minute. */
async function calls(schedules: readonly Schedule[], ms: number): Promise<readonly string[]> {
  const at: string[] = []
  const beat = startBeat(
    schedules,
    async () => {
      at.push(new Date().toISOString().slice(11, 16))
    },
    silentLogger,
  )
  await vi.advanceTimersByTimeAsync(ms)
  await beat[Symbol.asyncDispose]()
  return at
}

describe('a beat', () => {
  test('calls once a minute without any schedule, for what node-cron lets fall', async () => {
    expect(await calls([], 3 * MINUTE_MS)).toEqual(['10:59', '11:00', '11:01'])
  })

  test.each([
    ['0 6 * * *', 'America/New_York', '11:00'],
    ['30 16 * * *', 'Asia/Kolkata', '11:00'],
    ['0 11 * * *', 'UTC', '11:00'],
  ])('fires %s in %s at %s UTC', async (line, timeZone, instant) => {
    const at = await calls([schedule(line, timeZone)], 3 * MINUTE_MS)
    expect(at.filter((one) => one === instant)).toHaveLength(2)
    expect(at.filter((one) => one !== instant)).toHaveLength(2)
  })

  test('fires a line that many schedules share once', async () => {
    const many = Array.from({ length: 1_000 }, () => schedule('0 11 * * *', 'UTC'))
    expect((await calls(many, 2 * MINUTE_MS)).filter((one) => one === '11:00')).toHaveLength(2)
  })

  test('stops when disposed of', async () => {
    let called = 0
    const count = async () => {
      called += 1
    }
    const beat = startBeat([schedule('*/5 * * * *', 'UTC')], count, silentLogger)
    await vi.advanceTimersByTimeAsync(30 * SECOND_MS)
    const before = called
    await beat[Symbol.asyncDispose]()
    await vi.advanceTimersByTimeAsync(60 * MINUTE_MS)
    expect(before).toBeGreaterThan(0)
    expect(called).toBe(before)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('goes on after a call that failed, and says so in the log alone', async () => {
    const spoken = vi.spyOn(console, 'error').mockImplementation(() => {})
    const logged: string[] = []
    const log = {
      ...silentLogger,
      error: (event: string, fields: LogFields = {}) => void logged.push(`${event} ${fields.error}`),
    }
    const fail = async () => {
      throw new Error('the database is busy')
    }
    const beat = startBeat([], fail, log)
    await vi.advanceTimersByTimeAsync(3 * MINUTE_MS)
    await beat[Symbol.asyncDispose]()
    expect(logged).toEqual(Array.from({ length: 3 }, () => 'schedule.failed Error: the database is busy'))
    expect(spoken).not.toHaveBeenCalled()
  })
})
