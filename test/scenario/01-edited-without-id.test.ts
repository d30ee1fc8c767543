import { expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { withPolicy } from '../../src/lab/drills/drill.ts'
import { Stage, worldOf } from './stage.ts'

test('a policy edited without a new id is told once, with the id to publish, and resolves once', async () => {
  await using stage = await Stage.open(worldOf([healthyDomain('example.com')]))
  await stage.pass(30)
  expect(stage.slackThreads()).toEqual([])

  stage.change(withPolicy({ maxAgeSeconds: 1_209_600 }, null))
  await stage.pass(40)
  expect(await stage.openIncidents()).toEqual(['mta-sts.policy.changed-without-id example.com'])
  expect(stage.slackThreads()).toHaveLength(1)
  expect(stage.mailLabels()).toEqual(['warning'])
  expect(stage.slackThreads()[0]).toContain('The policy text changed, the id of the record did not')
  expect(stage.slackRoots()[0]).toMatch(/_mta-sts\.example\.com\. TXT "v=STSv1; id=\d{8}T\d{6}Z"/)

  // The new id is the remedy, not a finding of its own, however long one waits.
  stage.change(withPolicy({ maxAgeSeconds: 1_209_600 }, '20260202T020202Z'))
  await stage.pass(180, 5)
  expect(await stage.openIncidents()).toEqual([])
  expect(stage.mailLabels()).toEqual(['warning', 'resolved'])
  expect(stage.slackTimes()).toHaveLength(2)
})
