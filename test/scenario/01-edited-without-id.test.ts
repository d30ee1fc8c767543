import { expect, test } from 'vitest'
import { editDomain, healthyDomain, policyText } from '../../src/lab/build-world.ts'
import { Stage, worldOf } from './stage.ts'

test('a policy edited without a new id is told once, with the id to publish, and resolves once', async () => {
  await using stage = await Stage.open(worldOf([healthyDomain('example.com')]))
  await stage.pass(30)
  expect(stage.slackThreads()).toEqual([])

  stage.change((world) =>
    editDomain(world, 'example.com', (domain) => ({
      ...domain,
      policy: domain.policy && {
        ...domain.policy,
        body: policyText({ mx: ['mx1.example.com'], maxAgeSeconds: 1_209_600 }),
      },
    })),
  )
  await stage.pass(40)
  expect(await stage.openIncidents()).toEqual(['mta-sts.policy.changed-without-id example.com'])
  expect(stage.slackThreads()).toHaveLength(1)
  expect(stage.mails()).toHaveLength(1)
  expect(stage.slackThreads()[0]).toContain('The policy text changed, the id of the record did not')
  expect(stage.lastSlackBlocks()).toMatch(/_mta-sts\.example\.com\. TXT \\"v=STSv1; id=\d{8}T\d{6}Z\\"/)

  stage.change((world) => editDomain(world, 'example.com', { stsRecord: ['v=STSv1; id=20260202T020202Z;'] }))
  await stage.pass(40)
  expect(await stage.openIncidents()).toEqual([])
  expect(stage.mails().filter((mail) => mail.includes('[resolved]'))).toHaveLength(1)
})
