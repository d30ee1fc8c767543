import { expect, test } from 'vitest'
import { dnsFault, healthyDomain } from '../../src/lab/build-world.ts'
import type { DnsFault } from '../../src/lab/world.ts'
import { Stage, worldOf } from './stage.ts'

const LIE = {
  instead: [{ name: '_mta-sts.example.com', ttlSeconds: 60, type: 'TXT', text: 'v=STSv1; id=other;' }],
} as const

const ONE_OF_THREE: readonly (readonly [string, DnsFault, string])[] = [
  ['denies every name', 'nxdomain', '*'],
  ['is dead', 'timeout', '*'],
  ['fails', 'servfail', '*'],
  ['gives another record', LIE, '_mta-sts.example.com'],
]

test.concurrent.each(ONE_OF_THREE)('one resolver of three %s: nothing is found', async (_, fault, at) => {
  await using stage = await Stage.open(worldOf([healthyDomain('example.com')]), { resolvers: 3 })
  await stage.pass(16)
  stage.change((world) => ({ ...world, dnsFaults: [dnsFault(at, fault, { resolver: 0 })] }))
  await stage.pass(60)
  expect(stage.slackThreads()).toEqual([])
  expect(stage.mailLabels()).toEqual([])
})

test('two resolvers of three deny a record: it is missing', async () => {
  await using stage = await Stage.open(worldOf([healthyDomain('example.com')]), { resolvers: 3 })
  await stage.pass(16)
  const denied = (resolver: number) => dnsFault('_mta-sts.example.com', 'nxdomain', { resolver })
  stage.change((world) => ({ ...world, dnsFaults: [denied(0), denied(2)] }))
  await stage.pass(30)
  expect(await stage.openIncidents()).toEqual(['mta-sts.record.missing example.com'])
})
