import { expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../src/lab/certificate-spec.ts'
import { withHost } from '../../src/lab/drills/drill.ts'
import { HOUR_MS } from '../../src/lib/time.ts'
import { Stage, worldOf } from './stage.ts'

test('a host that flips every twenty minutes is told of four times in six hours at most, and its end is told', async () => {
  await using stage = await Stage.open(worldOf([healthyDomain('example.com')]))
  await stage.pass(16)
  for (let flip = 0; flip < 24; flip++) {
    const certificate = flip % 2 === 0 ? CERTIFICATES.expired : CERTIFICATES.good
    stage.change(withHost('mx1.example.com', { certificate }))
    await stage.pass(20)
  }
  const flips = stage.slackTimes()
  const busiest = Math.max(
    ...flips.map((from) => flips.filter((at) => at >= from && at < from + 6 * HOUR_MS).length),
  )
  expect(busiest).toBeGreaterThan(2)
  expect(busiest).toBeLessThanOrEqual(4)
  expect(stage.slackThreads()).toHaveLength(1)
  expect(stage.slackThreads()[0]).toMatch(/comes and goes|flapping/i)

  await stage.pass(8 * 60, 5)
  expect(await stage.openIncidents()).toEqual([])
  expect(stage.slackThreads()[0]).toMatch(/^🟢/)
  expect(stage.slackTimes()).toHaveLength(flips.length + 1)
  expect(stage.mailLabels().at(-1)).toBe('resolved')
})
