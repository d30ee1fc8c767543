import { expect, test } from 'vitest'
import { drainLane, type Lane, runLane, type Work } from '../../../src/app/lane.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'

function laneOf(pieces: Work[], concurrency: number): Lane {
  return {
    name: 'test',
    concurrency,
    take: async () => pieces.shift() ?? null,
    nextDueAt: async () => null,
  }
}

test('does everything that is due, never more at once than it may', async () => {
  let running = 0
  let most = 0
  let done = 0
  const piece: Work = async () => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setImmediate(resolve))
    running -= 1
    done += 1
  }
  await drainLane(
    laneOf(
      Array.from({ length: 50 }, () => piece),
      4,
    ),
    new AbortController().signal,
  )
  expect({ done, most, running }).toEqual({ done: 50, most: 4, running: 0 })
})

test('a running lane finds work that comes later, and ends when told to, after the work under way', async () => {
  const clock = manualClock(0)
  const pieces: Work[] = []
  const stop = new AbortController()
  const ended: string[] = []
  const running = runLane(laneOf(pieces, 2), clock, stop.signal)
  pieces.push(async () => {
    ended.push('late work')
    stop.abort()
    await new Promise((resolve) => setImmediate(resolve))
    ended.push('finished after the abort')
  })
  await clock.advance(1_000)
  await running
  expect(ended).toEqual(['late work', 'finished after the abort'])
})

test('a piece that fails unexpectedly is not swallowed', async () => {
  const lane = laneOf([() => Promise.reject(new Error('a bug'))], 1)
  await expect(drainLane(lane, new AbortController().signal)).rejects.toThrow('a bug')
})

test('a piece that fails ends a running lane at once, in the middle of its rest', async () => {
  const clock = manualClock(0)
  const failing = Promise.withResolvers<void>()
  const other = Promise.withResolvers<AbortSignal>()
  const pieces: Work[] = [() => failing.promise, async (signal) => other.resolve(signal)]
  const running = runLane(laneOf(pieces, 4), clock, new AbortController().signal)
  const told = await other.promise
  await clock.advance(10)
  failing.reject(new Error('a bug'))
  await expect(running).rejects.toThrow('a bug')
  expect(clock.now()).toBe(10)
  expect(told.aborted).toBe(true)
})

test('a piece that fails while the lane looks for more is heard as well', async () => {
  const looking = Promise.withResolvers<null>()
  const pieces: Promise<Work | null>[] = [
    Promise.resolve(() => Promise.reject(new Error('a bug'))),
    looking.promise,
  ]
  const lane: Lane = { ...laneOf([], 4), take: async () => (await pieces.shift()) ?? null }
  const drained = drainLane(lane, new AbortController().signal)
  await new Promise((resolve) => setImmediate(resolve))
  looking.resolve(null)
  await expect(drained).rejects.toThrow('a bug')
})
