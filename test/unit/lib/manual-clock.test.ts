import { describe, expect, test } from 'vitest'
import { manualClock } from '../../../src/lib/manual-clock.ts'

const T0 = Date.UTC(2026, 10, 23)

describe('a manual clock', () => {
  test('stands still until it is moved', async () => {
    const clock = manualClock(T0)
    expect([clock.now(), clock.monotonicMs()]).toEqual([T0, 0])
    await clock.advance(250)
    expect([clock.now(), clock.monotonicMs()]).toEqual([T0 + 250, 250])
  })

  test('wakes sleepers in the order of their due times, each at its own instant', async () => {
    const clock = manualClock(T0)
    const woken: string[] = []
    const sleeper = async (name: string, ms: number) => {
      await clock.sleep(ms)
      woken.push(`${name} at ${clock.monotonicMs()}`)
    }
    const all = Promise.all([sleeper('late', 300), sleeper('early', 100), sleeper('beyond', 1_001)])
    await clock.advance(1_000)
    expect(woken).toEqual(['early at 100', 'late at 300'])
    await clock.advance(1)
    await all
    expect(woken.at(-1)).toBe('beyond at 1001')
  })

  test('lets who was woken sleep again within the same advance', async () => {
    const clock = manualClock(T0)
    const ticks: number[] = []
    const ticking = (async () => {
      for (let count = 0; count < 3; count += 1) {
        await clock.sleep(10)
        ticks.push(clock.monotonicMs())
      }
    })()
    await clock.advance(30)
    await ticking
    expect(ticks).toEqual([10, 20, 30])
  })

  test('rejects a sleep that is aborted, with the reason, and never wakes it', async () => {
    const clock = manualClock(T0)
    const stop = new AbortController()
    const slept = clock.sleep(100, stop.signal)
    stop.abort(new Error('told to stop'))
    await expect(slept).rejects.toThrow('told to stop')
    await expect(clock.sleep(100, stop.signal)).rejects.toThrow('told to stop')
    await clock.advance(1_000)
    expect(clock.monotonicMs()).toBe(1_000)
  })

  test('an abort after waking changes nothing', async () => {
    const clock = manualClock(T0)
    const stop = new AbortController()
    const slept = clock.sleep(100, stop.signal)
    await clock.advance(100)
    stop.abort()
    await expect(slept).resolves.toBeUndefined()
  })

  test('drives work to its end over all its sleeps', async () => {
    const clock = manualClock(T0)
    const work = async () => {
      await clock.sleep(1_000)
      await new Promise((resolve) => setImmediate(resolve))
      await clock.sleep(2_000)
      return 'done'
    }
    expect(await clock.drive(work())).toBe('done')
    expect(clock.monotonicMs()).toBe(3_000)
  })

  test('drives work that fails to its failure', async () => {
    const clock = manualClock(T0)
    const work = async () => {
      await clock.sleep(5)
      throw new Error('a bug')
    }
    await expect(clock.drive(work())).rejects.toThrow('a bug')
  })

  test('a step moves the wall clock and wakes nobody', async () => {
    const clock = manualClock(T0)
    let woken = false
    const slept = clock.sleep(1_000).then(() => {
      woken = true
    })
    clock.step(3_600_000)
    await clock.advance(999)
    expect([clock.now(), clock.monotonicMs(), woken]).toEqual([T0 + 3_600_999, 999, false])
    clock.step(-7_200_000)
    await clock.advance(1)
    await slept
    expect([clock.now(), woken]).toEqual([T0 - 3_600_000 + 1_000, true])
  })
})
