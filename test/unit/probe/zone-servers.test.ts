import { describe, expect, test } from 'vitest'
import { buildWorld, editNameServer, healthyDomain, nameServer } from '../../../src/lab/build-world.ts'
import type { LabNameServer, LabRecord, World } from '../../../src/lab/world.ts'
import { HOUR_MS } from '../../../src/lib/time.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import type { ZoneLook } from '../../../src/model/zone-look.ts'
import { type LabProbe, startLabProbe } from './lab-probe.ts'

const ZONE = 'example.com'
const NS1 = ['192.0.2.53', '2001:db8:53::1']
const NS2 = ['198.51.100.53']
const STS = `_mta-sts.${ZONE}`
const TLSA_NAME = `_25._tcp.mx1.${ZONE}`

function worldWith(edit: Partial<LabNameServer> = {}, records: readonly LabRecord[] = []): World {
  const world = buildWorld({
    domains: [healthyDomain(ZONE)],
    records,
    nameServers: [
      nameServer(ZONE, 1, { addresses: NS1, serial: 7 }),
      nameServer(ZONE, 2, { addresses: NS2, serial: 7 }),
    ],
  })
  return editNameServer(world, `ns2.${ZONE}`, edit)
}

async function zonesOf({ probe, look }: LabProbe, maxAgeMs = 0): Promise<Snapshot['zones']> {
  return await probe.zones(await look(ZONE), maxAgeMs, new AbortController().signal)
}

/** What each address says to one question, and its standing: `address outcome`. */
function replies(zone: ZoneLook | undefined, name: string, type: string): readonly string[] {
  return (zone?.servers ?? []).flatMap(({ asked }) =>
    asked.map(({ address, answers }) => {
      const reply = answers.find((one) => one.name === name && one.type === type)?.reply
      if (reply?.outcome !== 'seen') return `${address} ${reply?.outcome}`
      return `${address} ${reply.value.rcode} ${reply.value.records.join(' | ')}`.trim()
    }),
  )
}

describe('every address of every name server is asked', () => {
  test('for the records of the domain and of its MX hosts', async () => {
    await using own = await startLabProbe(worldWith())
    const [zone, ...others] = await zonesOf(own)
    expect(others).toEqual([])
    expect(zone).toMatchObject({
      name: ZONE,
      nameServers: { outcome: 'seen', value: { records: [`ns1.${ZONE}`, `ns2.${ZONE}`] } },
    })
    const asked = zone?.servers.flatMap((server) => server.asked) ?? []
    expect(asked.map(({ address }) => address)).toEqual([...NS1, ...NS2])
    for (const { soa, answers } of asked) {
      expect(soa).toMatchObject({
        outcome: 'seen',
        value: { rcode: 'NOERROR', authoritative: true, soa: { serial: 7, mname: `ns1.${ZONE}` } },
      })
      expect(answers.map(({ name, type }) => `${name} ${type}`)).toEqual([
        `${STS} TXT`,
        `_smtp._tls.${ZONE} TXT`,
        `${ZONE} MX`,
        `mx1.${ZONE} A`,
        `mx1.${ZONE} AAAA`,
        `${TLSA_NAME} TLSA`,
      ])
    }
    expect(replies(zone, ZONE, 'MX')).toEqual([...NS1, ...NS2].map((one) => `${one} NOERROR 10 mx1.${ZONE}.`))
    expect(replies(zone, TLSA_NAME, 'TLSA')).toEqual([...NS1, ...NS2].map((one) => `${one} NXDOMAIN`))
  })

  test('without recursion, and with what each has of its own', async () => {
    const old = { serial: 6, domain: { stsRecord: ['v=STSv1; id=old;'] } }
    await using own = await startLabProbe(worldWith(old))
    const [zone] = await zonesOf(own)
    expect(replies(zone, STS, 'TXT')).toEqual([
      ...NS1.map((one) => `${one} NOERROR v=STSv1; id=20260101T000000Z;`),
      `${NS2[0]} NOERROR v=STSv1; id=old;`,
    ])
  })

  test('over TCP when the answer does not fit', async () => {
    const faults = [{ at: '*', type: 'any', fault: 'truncated' }] as const
    await using own = await startLabProbe(worldWith({ faults }))
    const [zone] = await zonesOf(own)
    expect(replies(zone, STS, 'TXT').at(-1)).toBe(`${NS2[0]} NOERROR v=STSv1; id=20260101T000000Z;`)
    const overTcp = own.lab.journal.dns.filter(({ transport }) => transport === 'tcp')
    expect(new Set(overTcp.map(({ resolver }) => resolver))).toEqual(new Set([`ns2.${ZONE}`]))
  })

  test('but never at an address that is not allowed', async () => {
    const dialled: string[] = []
    const options = {
      allow: ['192.0.2.0/24', '2001:db8::/32'],
      dialled: (address: string, port: number) => dialled.push(`${address} ${port}`),
    }
    await using own = await startLabProbe(worldWith(), options)
    const [zone] = await zonesOf(own)
    expect(zone?.servers[1]?.asked[0]?.soa).toMatchObject({
      fault: { kind: 'address-denied', blame: 'remote' },
    })
    expect(dialled).not.toContain(`${NS2[0]} 53`)
  })
})

describe.each<[string, Partial<LabNameServer>, object]>([
  ['refuses', { faults: [{ at: '*', type: 'any', fault: 'refused' }] }, { value: { rcode: 'REFUSED' } }],
  ['is not in charge', { authoritative: false }, { value: { rcode: 'NOERROR', authoritative: false } }],
  ['drops everything', { path: 'timeout' }, { fault: { kind: 'dns-timeout', blame: 'path' } }],
  ['has its port closed', { path: 'refused' }, { fault: { kind: 'dns-unreachable', blame: 'path' } }],
  ['lies where we have no way', { path: 'no-route' }, { fault: { kind: 'dns-unreachable', blame: 'local' } }],
  [
    'answers with garbage',
    { faults: [{ at: '*', type: 'any', fault: 'garbage' }] },
    { fault: { kind: 'dns-malformed' } },
  ],
])('a server that %s', (_what, edit, soa) => {
  test('is told as it is, and asked no further', async () => {
    await using own = await startLabProbe(worldWith(edit))
    const [zone] = await zonesOf(own)
    const [asked] = zone?.servers[1]?.asked ?? []
    expect(asked?.soa).toMatchObject(soa)
    expect(new Set(asked?.answers.map(({ reply }) => reply.outcome))).toEqual(new Set(['skipped']))
    expect(replies(zone, ZONE, 'MX').slice(0, 2)).toEqual(NS1.map((one) => `${one} NOERROR 10 mx1.${ZONE}.`))
  })
})

describe('names in other zones', () => {
  test('a zone cut below the host: its own servers are asked', async () => {
    const cut = `_tcp.mx1.${ZONE}`
    const world = worldWith({}, [
      {
        type: 'TLSA',
        name: TLSA_NAME,
        ttlSeconds: 300,
        usage: 3,
        selector: 1,
        matching: 1,
        data: 'ab'.repeat(32),
      },
    ])
    const deeper = nameServer(cut, 1, { name: 'ns.tlsa.test', addresses: ['203.0.113.53'] })
    const zones = [...world.zones, { name: cut, secure: false }]
    const nameServers = [...world.nameServers, deeper]
    await using own = await startLabProbe({ ...world, zones, nameServers })
    const looks = await zonesOf(own)
    expect(looks.map(({ name }) => name)).toEqual([cut, ZONE])
    expect(replies(looks[0], TLSA_NAME, 'TLSA')).toEqual([`203.0.113.53 NOERROR 3 1 1 ${'ab'.repeat(32)}`])
    expect(looks[1]?.servers[0]?.asked[0]?.answers.map(({ type }) => type)).not.toContain('TLSA')
  })

  test('an alias is asked for where it stands and where it leads', async () => {
    const target = '_mta-sts.provider.test'
    const world = worldWith({}, [
      { type: 'CNAME', name: STS, ttlSeconds: 300, target },
      { type: 'TXT', name: target, ttlSeconds: 300, text: 'v=STSv1; id=provider;' },
    ])
    const provider = nameServer('provider.test', 1, { addresses: ['203.0.113.53'] })
    await using own = await startLabProbe({
      ...world,
      domains: [healthyDomain(ZONE, { stsRecord: [] })],
      zones: [{ name: 'provider.test', secure: false }],
      nameServers: [...world.nameServers, provider],
    })
    const looks = await zonesOf(own)
    expect(looks.map(({ name }) => name)).toEqual([ZONE, 'provider.test'])
    expect(replies(looks[0], STS, 'TXT')).toEqual(
      [...NS1, ...NS2].map((one) => `${one} NOERROR CNAME ${target}.`),
    )
    expect(replies(looks[1], target, 'TXT')).toEqual(['203.0.113.53 NOERROR v=STSv1; id=provider;'])
  })
})

describe('economy', () => {
  test('within the hour nothing is asked again; after it everything is', async () => {
    await using own = await startLabProbe(worldWith())
    const [first] = await zonesOf(own, HOUR_MS)
    const asked = own.lab.journal.dns.filter(({ resolver }) => typeof resolver === 'string').length
    const [again] = await zonesOf(own, HOUR_MS)
    expect(again).toEqual(first)
    expect(own.lab.journal.dns.filter(({ resolver }) => typeof resolver === 'string')).toHaveLength(asked)
    await zonesOf(own, 0)
    expect(own.lab.journal.dns.filter(({ resolver }) => typeof resolver === 'string')).toHaveLength(2 * asked)
    // SOA and six questions at each of three addresses.
    expect(asked).toBe(21)
  })

  test('a zone without servers of its own costs a few questions to the resolver and no finding', async () => {
    await using own = await startLabProbe(buildWorld({ domains: [healthyDomain(ZONE)] }))
    const zones = await zonesOf(own)
    expect(zones).toMatchObject([{ name: ZONE, nameServers: { outcome: 'absent' }, servers: [] }])
  })

  test('when the zone cannot be found out, that is said', async () => {
    const dnsFaults = [{ at: STS, type: 'SOA', resolver: 'all', fault: 'servfail' }] as const
    await using own = await startLabProbe({ ...worldWith(), dnsFaults })
    const looks = await zonesOf(own)
    expect(looks.find(({ name }) => name === STS)?.nameServers).toMatchObject({
      outcome: 'failed',
      fault: { kind: 'dns-servfail' },
    })
  })
})
