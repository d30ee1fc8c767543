import { expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { withDomain, withPolicy } from '../../src/lab/drills/drill.ts'
import { HOUR_MS } from '../../src/lib/time.ts'
import { scratch } from '../unit/store/scratch.ts'
import { Stage, worldOf } from './stage.ts'

test('after a restart an unchanged world is no news, and what changed meanwhile is told once', async () => {
  await using place = await scratch()
  const world = worldOf([healthyDomain('example.com'), healthyDomain('example.net')])
  await using stage = await Stage.open(world, { database: place.file })
  stage.change(withDomain({ tlsrptRecord: ['v=TLSRPTv1; rua=nobody'] }))
  await stage.pass(40)
  expect(await stage.openIncidents()).toEqual(['tlsrpt.record.invalid example.com'])
  expect(stage.slackTimes()).toHaveLength(1)

  await stage.stop()
  await stage.clock.advance(HOUR_MS)
  await stage.start()
  await stage.pass(40)
  expect(stage.slackTimes()).toHaveLength(1)
  expect(stage.mailLabels()).toEqual(['warning'])

  await stage.stop()
  stage.change(withPolicy({ maxAgeSeconds: 1_209_600 }, null))
  await stage.clock.advance(HOUR_MS)
  await stage.start()
  await stage.pass(40)
  expect(await stage.openIncidents()).toEqual([
    'mta-sts.policy.changed-without-id example.com',
    'tlsrpt.record.invalid example.com',
  ])
  expect(stage.slackTimes()).toHaveLength(2)
  expect(stage.slackThreads()[1]).toContain('The policy text changed')
  expect(stage.mailLabels()).toEqual(['warning', 'warning'])
})
