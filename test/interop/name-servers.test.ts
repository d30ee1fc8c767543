/** Five real servers of one signed zone, each with a trouble of its own, and what is made of each. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judge } from '../../src/check/judge.ts'
import { systemClock } from '../../src/lib/time.ts'
import type { Judgement } from '../../src/model/finding.ts'
import type { Route } from '../../src/model/route.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import type { ZoneLook } from '../../src/model/zone-look.ts'
import { createAddressGuard } from '../../src/probe/address-guard.ts'
import { createProbe } from '../../src/probe/domain.ts'
import { DEFAULT_LIMITS, type ProbeLimits } from '../../src/probe/limits.ts'
import { createNameServers } from '../../src/probe/name-servers.ts'
import { createNetwork } from '../../src/probe/network.ts'
import type { Probe } from '../../src/probe/probe.ts'
import { createResolver } from '../../src/probe/resolver.ts'
import { context, watched } from '../unit/check/snapshot-builder.ts'
import { LAB_ADDRESSES, nameOf } from '../unit/probe/lab-probe.ts'
import { APEX, Knot } from './servers/knot.ts'
import { describeWith } from './servers/packages.ts'
import { Unbound } from './servers/unbound.ts'

const DOMAIN = 'watched.test'
const STS = 'v=STSv1; id=20261123T140500Z'
const OLD_STS = 'v=STSv1; id=20250101T000000Z'
const TLSA = `3 1 1 ${'c0ffee00'.repeat(8)}`

const SERVERS = {
  'good.ns.test': '192.0.2.53',
  'stale.ns.test': '192.0.2.54',
  'lying.ns.test': '192.0.2.55',
  'frozen.ns.test': '192.0.2.56',
  'refusing.ns.test': '192.0.2.57',
} as const

const NS_LINES = Object.keys(SERVERS)
  .map((name) => `@ NS ${name}.`)
  .join('\n')
const ZONE = `@ SOA good.ns.test. hostmaster.invalid. 10 3600 600 86400 60
${NS_LINES}
@ MX 10 mx
mx A 192.0.2.25
_25._tcp.mx TLSA ${TLSA}
_mta-sts TXT "${STS}"
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:reports@good.test"
${[...'abcdefgh'].map((letter) => `_smtp._tls TXT "${letter.repeat(250)}"`).join('\n')}
`

const NS_ZONE = `${APEX}${Object.entries(SERVERS)
  .map(([name, address]) => `${name}. A ${address}`)
  .join('\n')}
`

const LIMITS: ProbeLimits = {
  ...DEFAULT_LIMITS,
  connectMs: 500,
  dns: { ...DEFAULT_LIMITS.dns, tryMs: 1_500 },
}

interface Looked {
  readonly snapshot: Snapshot
  readonly judgement: Judgement
  readonly zone: ZoneLook
}

describeWith(['knot', 'unbound'], 'authoritative servers, asked each for itself', () => {
  const stack = new AsyncDisposableStack()
  let probe: Probe
  let looked: Looked

  beforeAll(async () => {
    const main = stack.use(
      await Knot.start([
        { name: `${DOMAIN}.`, signed: true, content: () => ZONE },
        { name: 'ns.test.', signed: false, content: () => NS_ZONE },
        {
          name: 'test.',
          signed: true,
          content: (ds) =>
            `${APEX}${DOMAIN}. NS good.ns.test.\nns.test. NS ns.invalid.\n${ds(`${DOMAIN}.`)}\n`,
        },
        { name: '.', signed: true, content: (ds) => `${APEX}test. NS ns.invalid.\n${ds('test.')}\n` },
      ]),
    )
    const served = main.served(`${DOMAIN}.`)
    const serial = serialIn(served)
    const copy = async (content: string) =>
      stack.use(await Knot.start([{ name: `${DOMAIN}.`, signed: false, content: () => content }]))
    const stale = await copy(served.replace(` ${serial} `, ` ${serial - 1} `).replace(STS, OLD_STS))
    const lying = await copy(served.replace(TLSA.toUpperCase(), `3 1 1 ${'DEADBEEF'.repeat(8)}`))
    const frozen = await copy(served)
    frozen.freeze()
    const refusing = stack.use(await Knot.start([{ name: 'else.test.', signed: false, content: () => APEX }]))
    const endpoints = {
      'good.ns.test': main.endpoint,
      'stale.ns.test': stale.endpoint,
      'lying.ns.test': lying.endpoint,
      'frozen.ns.test': frozen.endpoint,
      'refusing.ns.test': refusing.endpoint,
    }
    const unbound = stack.use(
      await Unbound.start({
        zones: {
          '.': main.endpoint,
          'test.': main.endpoint,
          'ns.test.': main.endpoint,
          [`${DOMAIN}.`]: main.endpoint,
        },
        trustAnchor: main.ds('.'),
        extendedErrors: true,
      }),
    )
    const byAddress = new Map(
      Object.entries(SERVERS).map(([name, address]) => [
        `${address} 53`,
        endpoints[name as keyof typeof SERVERS],
      ]),
    )
    const route: Route = (address, port) => byAddress.get(`${address} ${port}`) ?? 'refused'
    const guard = createAddressGuard(LAB_ADDRESSES)
    const { host, port } = unbound.endpoint
    probe = createProbe({
      clock: systemClock,
      newId: (prefix) => `${prefix}_1`,
      resolver: createResolver({
        servers: [{ address: host, port, trusted: true }],
        clock: systemClock,
        limits: LIMITS.dns,
      }),
      network: createNetwork({ guard, route }),
      nameServers: createNameServers({ guard, route, limits: LIMITS.dns }),
      limits: LIMITS,
      ehloName: 'probe.example.org',
      roots: [],
    })
    looked = await look()
  }, 60_000)

  afterAll(() => stack.disposeAsync())

  async function look(): Promise<Looked> {
    const { signal } = new AbortController()
    const seen = await probe.domain(nameOf(DOMAIN), 0, signal)
    const snapshot = { ...seen, zones: await probe.zones(seen, 0, signal) }
    const [zone] = snapshot.zones
    if (zone === undefined) throw new Error('no zone was found')
    const domain = watched({ name: nameOf(DOMAIN), nameServers: true })
    return { snapshot, zone, judgement: judge(snapshot, domain, context({ now: systemClock.now() })) }
  }

  function at(server: keyof typeof SERVERS, type: string) {
    const [asked] = looked.zone.servers.find(({ name }) => name === server)?.asked ?? []
    const reply = type === 'SOA' ? asked?.soa : asked?.answers.find((one) => one.type === type)?.reply
    return reply?.outcome === 'seen' ? reply.value : (reply?.outcome ?? null)
  }

  test('the zone, its servers and their serials are found', () => {
    expect(looked.snapshot.zones.map(({ name }) => name)).toEqual([DOMAIN])
    expect(looked.zone.servers.map(({ name }) => name)).toEqual(Object.keys(SERVERS).sort())
    const good = at('good.ns.test', 'SOA')
    const stale = at('stale.ns.test', 'SOA')
    if (typeof good !== 'object' || typeof stale !== 'object') throw new Error('two servers did not answer')
    expect(good).toMatchObject({ rcode: 'NOERROR', authoritative: true, soa: { mname: 'good.ns.test' } })
    expect((good?.soa?.serial ?? 0) - (stale?.soa?.serial ?? 0)).toBe(1)
  })

  test('what does not fit into a datagram comes over TCP', () => {
    const { answers } = looked.zone.servers.find(({ name }) => name === 'good.ns.test')?.asked[0] ?? {}
    const reply = answers?.find(({ name }) => name === `_smtp._tls.${DOMAIN}`)?.reply
    expect(reply?.outcome === 'seen' ? reply.value.records : reply).toHaveLength(9)
  })

  test('signatures and the records beside them do not disturb', () => {
    expect(at('good.ns.test', 'TLSA')).toMatchObject({ records: [TLSA], authoritative: true })
    expect(at('good.ns.test', 'AAAA')).toMatchObject({ rcode: 'NOERROR', records: [], ttlSeconds: 60 })
  })

  describe('the verdict', () => {
    test.each([
      ['stale.ns.test', 'dns.server.stale'],
      ['lying.ns.test', 'dns.server.stale'],
      ['frozen.ns.test', 'dns.server.mute'],
      ['refusing.ns.test', 'dns.server.lame'],
    ])('on %s is %s', (server, code) => {
      const own = looked.judgement.findings.filter(({ subject }) => subject === server)
      expect(own.map((finding) => finding.code)).toEqual([code])
    })

    test('on the good one is nothing', () => {
      expect(looked.judgement.findings.filter(({ subject }) => subject === 'good.ns.test')).toEqual([])
    })

    test('names the serials and both answers', () => {
      const evidenceOf = (server: string) =>
        looked.judgement.findings.find((one) => one.code === 'dns.server.stale' && one.subject === server)
          ?.evidence
      expect(evidenceOf('stale.ns.test')).toMatchObject({
        differences: [{ name: `_mta-sts.${DOMAIN}`, type: 'TXT', here: [OLD_STS], elsewhere: [STS] }],
      })
      expect(evidenceOf('lying.ns.test')).toMatchObject({
        differences: [{ type: 'TLSA', here: [`3 1 1 ${'deadbeef'.repeat(8)}`], elsewhere: [TLSA] }],
      })
    })
  })
})

function serialIn(zoneFile: string): number {
  const [, serial] = /SOA\s+\S+\s+\S+\s+(\d+)\s/.exec(zoneFile) ?? []
  if (serial === undefined) throw new Error('the zone file has no SOA record')
  return Number(serial)
}
