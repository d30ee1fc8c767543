import { expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { Stage, worldOf } from './stage.ts'

const NAME = 'example.com'

test('a resolver that stops to validate is told once, when a domain has DANE, and not when none has', async () => {
  const signed = worldOf([healthyDomain(NAME, { secure: true }), healthyDomain('plain.test')], {
    records: [
      {
        name: `_25._tcp.mx1.${NAME}`,
        ttlSeconds: 300,
        type: 'TLSA',
        usage: 3,
        selector: 1,
        matching: 1,
        data: 'c0ffee00'.repeat(8),
      },
    ],
  })
  const ignore = ['mx.certificate.differs-by-address']
  await using stage = await Stage.open(signed, { watch: { domains: [{ name: NAME, ignore }, 'plain.test'] } })
  await stage.pass(31)
  expect(await stage.openIncidents()).not.toContain('monitor.dnssec.blind')

  const unsigned = worldOf([healthyDomain(NAME), healthyDomain('plain.test')], { records: signed.records })
  stage.change(() => ({ ...unsigned, zones: [] }))
  await stage.pass(45)
  expect(await stage.openIncidents()).toContain('monitor.dnssec.blind')
  const told = stage.slackThreads().filter((thread) => thread.includes('DANE cannot be judged'))
  expect(told).toHaveLength(1)
  expect(stage.slackRoots().some((root) => root.includes('resolvers: [127.0.0.1]'))).toBe(true)

  stage.change(() => signed)
  await stage.pass(31)
  expect(await stage.openIncidents()).not.toContain('monitor.dnssec.blind')
})

test('where no domain has DANE nobody is told that nothing validates', async () => {
  const world = worldOf([healthyDomain(NAME)])
  await using stage = await Stage.open({ ...world, zones: [] })
  await stage.pass(40)
  expect(await stage.openIncidents()).toEqual([])
})
