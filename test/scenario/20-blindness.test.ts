import { expect, test } from 'vitest'
import { editHost, healthyDomain, mailHost } from '../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../src/lab/certificate-spec.ts'
import type { LabHost } from '../../src/lab/world.ts'
import { lose, type Outage, runOutage, unrelatedDomains } from './outage.ts'
import { Stage, worldOf } from './stage.ts'

const isEvenMx = ({ name }: LabHost) => /^mx1\.d\d*[02468]\.test$/.test(name)

const PATH_OUTAGES: readonly Outage[] = [
  {
    name: 'port 25 is closed for all',
    code: 'monitor.smtp.blind',
    title: 'This monitor cannot reach port 25 anywhere',
    breaks: lose(({ smtp }) => smtp !== null, 'refused'),
    minutes: 60,
    silent: false,
  },
  {
    name: 'port 443 is lost for all',
    code: 'monitor.https.blind',
    title: 'This monitor cannot reach any HTTPS server',
    breaks: lose(({ https }) => https !== null, 'timeout'),
    minutes: 20,
    silent: true,
  },
  {
    name: 'half of the domains fail at once',
    code: 'monitor.mass-failure',
    title: 'fail at once',
    breaks: lose(isEvenMx, 'refused'),
    minutes: 30,
    silent: false,
  },
]

test.concurrent.each(PATH_OUTAGES)('$name: $code, once, and no domain is blamed', runOutage, 60_000)

test('faults that are there at the first look are told, however many they are', async () => {
  const half = unrelatedDomains(20).map((domain, index) =>
    index % 2 === 0 ? domain : { ...domain, hosts: domain.hosts.map((host) => ({ ...host, smtp: null })) },
  )
  await using stage = await Stage.open(worldOf(half))
  await stage.pass(40)
  const open = await stage.openIncidents()
  expect(open).toHaveLength(10)
  expect(open.every((one) => one.startsWith('mx.host.unreachable '))).toBe(true)
  expect(stage.slackThreads()).toHaveLength(10)
})

test('the certificate of a provider that fifty domains use is one conversation', async () => {
  const mx = [{ preference: 10, exchange: 'mx.provider.test' }]
  const customers = unrelatedDomains(50).map(({ name }) => healthyDomain(name, { mx }))
  await using stage = await Stage.open(worldOf(customers, { hosts: [mailHost('mx.provider.test')] }))
  await stage.pass(16)
  stage.change((now) => editHost(now, 'mx.provider.test', { certificate: CERTIFICATES.expired }))
  await stage.pass(30)
  expect(await stage.openIncidents()).toHaveLength(50)
  stage.change((now) => editHost(now, 'mx.provider.test', { certificate: CERTIFICATES.good }))
  await stage.pass(40)
  expect(await stage.openIncidents()).toEqual([])
  const threads = stage.slackThreads().map((thread) => thread.split('\n'))
  expect(threads).toHaveLength(1)
  // Opened and resolved over a quarter of an hour each: news are gathered for five minutes.
  expect(threads[0]?.length).toBeLessThanOrEqual(10)
  expect(stage.mailLabels().length).toBeLessThanOrEqual(10)
})
