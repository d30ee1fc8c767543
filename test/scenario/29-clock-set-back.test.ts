import { expect, test } from 'vitest'
import { drainLane } from '../../src/app/lane.ts'
import { upkeepLane } from '../../src/app/lanes/upkeep-lane.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/lib/time.ts'
import { desk } from '../unit/app/desk.ts'

// A machine without a battery, or with a wrong one, starts with any time and is corrected later (R16).

test('a clock that was a year ahead and is corrected does not end the watch', async () => {
  await using it = await desk({ domains: ['example.com'] })
  await it.pass(61)
  const before = it.probe.looks.length
  it.clock.step(-365 * DAY_MS)
  await it.pass(2 * 60)
  expect(it.probe.looks.length).toBeGreaterThan(before + 1)
})

test('the monitor looks at itself every minute, whatever the wall clock does', async () => {
  await using it = await desk()
  const lane = upkeepLane(it.tools, () => it.settings)
  await drainLane(lane, it.never)
  it.clock.step(-HOUR_MS)
  it.monitor.configBroken('watch.yaml', ['watch.yaml:1:1: found nothing'])
  await it.clock.advance(MINUTE_MS)
  await drainLane(lane, it.never)
  expect(await it.live()).toEqual(['open monitor.config.broken'])
})
