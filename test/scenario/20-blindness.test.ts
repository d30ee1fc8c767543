/** What the monitor cannot see is its own problem: it is told once, and no domain is blamed. */

import { expect, test } from 'vitest'
import { editHost, healthyDomain, mailHost } from '../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../src/lab/certificate-spec.ts'
import type { DnsFault, LabHost, World } from '../../src/lab/world.ts'
import { QUICK } from './process.ts'
import { Stage, worldOf } from './stage.ts'

/** Unrelated domains, every host in a network of its own. */
function domains(count: number) {
  return Array.from({ length: count }, (_, index) => healthyDomain(`d${index}.test`))
}

function dnsFails(fault: DnsFault): (world: World) => World {
  return (world) => ({ ...world, dnsFaults: [{ at: '*', type: 'any', resolver: 'all', fault }] })
}

/** Nothing reaches these hosts any more. */
function lose(isMeant: (host: LabHost) => boolean, path: LabHost['path']): (world: World) => World {
  const without = (host: LabHost): LabHost => (isMeant(host) ? { ...host, path } : host)
  return (world) => ({
    ...world,
    hosts: world.hosts.map(without),
    domains: world.domains.map((domain) => ({
      ...domain,
      hosts: domain.hosts.map(without),
      policy: domain.policy && { ...domain.policy, host: without(domain.policy.host) },
    })),
  })
}

/** Most looks here end in silence. */
const IMPATIENT = { ...QUICK, connectMs: 100, dns: { ...QUICK.dns, tryMs: 75 } }

const isEven = ({ name }: LabHost) => /d\d*[02468]\.test$/.test(name) && name.startsWith('mx1.')

const OUTAGES = [
  ['no resolver answers', 'monitor.dns.blind', 'This monitor cannot see the DNS', dnsFails('timeout'), 60],
  [
    'a resolver says that no name exists',
    'monitor.dns.blind',
    'cannot see the DNS',
    dnsFails('nxdomain'),
    60,
  ],
  [
    'port 25 is closed for all',
    'monitor.smtp.blind',
    'port 25',
    lose(({ smtp }) => smtp !== null, 'refused'),
    60,
  ],
  [
    'port 443 is lost for all',
    'monitor.https.blind',
    'HTTPS',
    lose(({ https }) => https !== null, 'timeout'),
    30,
  ],
  ['half of the domains fail at once', 'monitor.mass-failure', 'fail at once', lose(isEven, 'refused'), 30],
] as const

test.concurrent.each(OUTAGES)(
  '%s: %s, once, and no domain is blamed',
  async (_, code, title, breaks, minutes) => {
    await using stage = await Stage.open(worldOf(domains(40)), { limits: IMPATIENT })
    await stage.pass(16)
    const { world } = stage.lab
    stage.change(breaks)
    await stage.pass(minutes)
    expect(await stage.openIncidents()).toEqual([code])
    stage.change(() => world)
    await stage.pass(45)
    expect(await stage.openIncidents()).toEqual([])
    expect(stage.slackThreads()).toHaveLength(1)
    const lines = stage.slackThreads()[0]?.split('\n') ?? []
    expect(lines[0]).toContain(title)
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/resolved/i)
    expect(stage.mailLabels()).toEqual(['critical', 'resolved'])
  },
)

test('faults that are there at the first look are told, however many they are', async () => {
  const half = domains(20).map((domain, index) =>
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
  const customers = domains(50).map(({ name }) => healthyDomain(name, { mx }))
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
