import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/time.ts'

describe('the system clock', () => {
  test('sleeps at least as long as asked, by a clock that never jumps', async () => {
    const began = systemClock.monotonicMs()
    await systemClock.sleep(20)
    expect(systemClock.monotonicMs() - began).toBeGreaterThanOrEqual(19)
  })

  test.each([
    ['before it', true],
    ['while it lasts', false],
  ])('ends a sleep with the reason when aborted %s', async (_, early) => {
    const stop = new AbortController()
    if (early) stop.abort(new Error('told to stop'))
    const slept = systemClock.sleep(60_000, stop.signal)
    stop.abort(new Error('told to stop'))
    await expect(slept).rejects.toThrow('told to stop')
  })

  test('shows the time of the machine', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000)
  })
})
