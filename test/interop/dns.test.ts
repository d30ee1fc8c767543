import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DoctorTools } from '../../src/app/doctor/doctor-line.ts'
import { RESOLVER_CHECK } from '../../src/app/doctor/resolver-check.ts'
import { DAY_MS, systemClock } from '../../src/lib/time.ts'
import type { Resolver } from '../../src/model/dns.ts'
import type { Endpoint } from '../../src/model/route.ts'
import { DEFAULT_LIMITS } from '../../src/probe/limits.ts'
import { createResolver } from '../../src/probe/resolver.ts'
import { nameOf } from '../unit/probe/lab-probe.ts'
import { lookAt } from './look-at.ts'
import { freeEndpoint } from './servers/free-endpoints.ts'
import { describeWith } from './servers/packages.ts'
import { Unbound } from './servers/unbound.ts'
import { LONG_TEXTS, STS_RECORD, startZoneTree, TLSA, type ZoneTree } from './zone-tree.ts'

type Kind = keyof Resolver
type Outcome = Readonly<Record<string, unknown>>

function seen(
  records: readonly unknown[],
  security: 'secure' | 'insecure',
  cnames: readonly string[] = [],
): Outcome {
  return { outcome: 'seen', value: { records, security, cnames } }
}

function absent(denial: 'nxdomain' | 'nodata', security: 'secure' | 'insecure'): Outcome {
  return { outcome: 'absent', denial, security }
}

function failed(kind: string, blame: string): Outcome {
  return { outcome: 'failed', fault: { kind, blame } }
}

const MX_ADDRESSES = ['192.0.2.25', '2001:db8::25']

const ANSWERS: readonly (readonly [string, Kind, string, Outcome])[] = [
  ['a signed TXT record', 'txt', '_mta-sts.good.test', seen([STS_RECORD], 'secure')],
  [
    'two strings of one record',
    'txt',
    '_smtp._tls.good.test',
    seen(['v=TLSRPTv1; rua=mailto:reports@good.test'], 'secure'),
  ],
  ['A and AAAA', 'addresses', 'mx.good.test', seen(MX_ADDRESSES, 'secure')],
  ['A beside a signed denial of AAAA', 'addresses', 'mx4.good.test', seen(['192.0.2.4'], 'secure')],
  ['a TLSA record', 'tlsa', '_25._tcp.mx.good.test', seen([TLSA], 'secure')],
  ['the null MX', 'mx', 'null.good.test', seen([{ preference: 0, exchange: '.' }], 'secure')],
  ['a wildcard', 'txt', 'any.wild.good.test', seen(['from the wildcard'], 'secure')],
  [
    'a chain of aliases',
    'addresses',
    'alias.good.test',
    seen(MX_ADDRESSES, 'secure', ['alias2.good.test', 'mx.good.test']),
  ],
  [
    'an alias into an unsigned zone',
    'addresses',
    'abroad.good.test',
    seen(['192.0.2.80'], 'insecure', ['host.plain.test']),
  ],
  [
    'an alias out of an unsigned zone',
    'addresses',
    'back.plain.test',
    seen(MX_ADDRESSES, 'insecure', ['mx.good.test']),
  ],
  ['a DNAME', 'addresses', 'host.moved.good.test', seen(['192.0.2.80'], 'insecure', ['host.plain.test'])],
  ['an alias to nothing', 'addresses', 'nowhere.good.test', absent('nxdomain', 'secure')],
  ['an insecure delegation', 'txt', 'plain.test', seen(['plain'], 'insecure')],
  ['a name that does not exist', 'txt', 'missing.good.test', absent('nxdomain', 'secure')],
  ['the same, unsigned', 'txt', 'missing.plain.test', absent('nxdomain', 'insecure')],
  ['a type that does not exist', 'mx', 'mx.good.test', absent('nodata', 'secure')],
  ['the same, unsigned', 'mx', 'plain.test', absent('nodata', 'insecure')],
  ['a record changed after it was signed', 'txt', 'forged.test', failed('dns-bogus', 'remote')],
  ['a zone signed with a strange key', 'txt', 'stranger.test', failed('dns-bogus', 'remote')],
  ['a zone whose server does not have it', 'txt', 'lame.test', failed('dns-servfail', 'path')],
  ['a circle of aliases', 'addresses', 'round.good.test', failed('dns-servfail', 'path')],
]

describeWith(['unbound', 'knot'], 'the DNS client with a real Unbound in front of a signed Knot', () => {
  const stack = new AsyncDisposableStack()
  const signal = new AbortController().signal
  let tree: ZoneTree
  let plain: Unbound
  let explaining: Unbound

  beforeAll(async () => {
    tree = stack.use(await startZoneTree())
    plain = stack.use(await Unbound.start({ ...tree, extendedErrors: false }))
    explaining = stack.use(await Unbound.start({ ...tree, extendedErrors: true }))
  })
  afterAll(() => stack.disposeAsync())

  function resolver(servers: readonly Endpoint[], trusted = true): Resolver {
    return createResolver({
      servers: servers.map(({ host, port }) => ({ address: host, port, trusted })),
      clock: systemClock,
      limits: DEFAULT_LIMITS.dns,
    })
  }

  function txt(servers: readonly Endpoint[], name: string, trusted = true) {
    return resolver(servers, trusted).txt(nameOf(name), signal)
  }

  describe.each(['without', 'with'])('%s extended errors', (extended) => {
    test.each(ANSWERS)('%s: %s %s', async (_, kind, name, expected) => {
      const server = extended === 'with' ? explaining : plain
      expect(await resolver([server.endpoint])[kind](nameOf(name), signal)).toMatchObject(expected)
    })

    test('an answer that outgrows a datagram comes over TCP, whole', async () => {
      const server = extended === 'with' ? explaining : plain
      const look = await txt([server.endpoint], 'long.good.test')
      const records = look.outcome === 'seen' ? look.value.records.toSorted() : look
      expect(records).toEqual(LONG_TEXTS)
    })
  })

  test('MX records come with their preferences', async () => {
    const look = await resolver([plain.endpoint]).mx(nameOf('good.test'), signal)
    const records = look.outcome === 'seen' ? look.value.records : []
    expect(records.toSorted((a, b) => a.preference - b.preference)).toEqual([
      { preference: 10, exchange: 'mx.good.test' },
      { preference: 20, exchange: 'mx2.plain.test' },
    ])
  })

  test('the lifetime of an answer is what the cache has left of it', async () => {
    const look = await txt([plain.endpoint], '_mta-sts.good.test')
    const ttlSeconds = look.outcome === 'seen' ? look.value.ttlSeconds : 0
    expect(ttlSeconds).toBeLessThanOrEqual(300)
    expect(ttlSeconds).toBeGreaterThan(200)
  })

  test('the reason that a resolver gives is told', async () => {
    const look = await txt([explaining.endpoint], 'forged.test')
    expect(look).toMatchObject({ fault: { detail: expect.stringContaining('(EDE 6') } })
  })

  test('two resolvers agree on answers in any order, and that a zone is bogus', async () => {
    const both = [plain.endpoint, explaining.endpoint]
    expect(await txt(both, 'long.good.test')).toMatchObject({
      outcome: 'seen',
      value: { security: 'secure' },
    })
    expect(await txt(both, 'forged.test')).toMatchObject(failed('dns-bogus', 'remote'))
  })

  test('the AD bit of a resolver that is not trusted counts for nothing', async () => {
    const look = await txt([plain.endpoint], '_mta-sts.good.test', false)
    expect(look).toMatchObject(seen([STS_RECORD], 'insecure'))
  })

  test('an authoritative server in the place of a resolver is our own mistake', async () => {
    expect(await txt([tree.authority], '_mta-sts.good.test')).toMatchObject(failed('dns-refused', 'local'))
  })

  test('silence and closed ports are no answers', async () => {
    await using frozen = await Unbound.start({ ...tree, extendedErrors: false })
    frozen.freeze()
    const [silentZone, silentResolver, closed] = await Promise.all([
      txt([plain.endpoint], 'silent.test'),
      txt([frozen.endpoint], 'good.test'),
      txt([await freeEndpoint()], 'good.test'),
    ])
    expect(silentZone).toMatchObject(failed('dns-timeout', 'path'))
    expect(silentResolver).toMatchObject(failed('dns-timeout', 'path'))
    expect(closed).toMatchObject(failed('dns-unreachable', 'path'))
  })

  describe('the life of signatures', () => {
    /** Of the signature over this name and type in the master file, as two instants. */
    function signedFrom(zone: string, owner: string, type: string) {
      const line = tree
        .served(zone)
        .split('\n')
        .find((one) => one.startsWith(`${owner} `) && new RegExp(`RRSIG\\s+${type} `).test(one))
      const [, endAt, beganAt] = / (\d{14}) (\d{14}) /.exec(line ?? '') ?? []
      return { zone: zone.replace(/\.$/, ''), beganAt: instantOf(beganAt), endAt: instantOf(endAt) }
    }

    function instantOf(text = ''): number {
      const [, date = '', time = ''] = /^(\d{8})(\d{6})$/.exec(text) ?? []
      const iso = `${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`
      return Date.parse(iso)
    }

    test('is that which Knot signed with', async () => {
      const look = await txt([plain.endpoint], '_mta-sts.good.test')
      const expected = signedFrom('good.test.', '_mta-sts.good.test.', 'TXT')
      expect(expected.endAt - expected.beganAt).toBeGreaterThan(13 * DAY_MS)
      expect(look).toMatchObject({ value: { signatures: expected } })
    })

    test('counts along aliases, and ends at the border of an unsigned zone', async () => {
      const look = await resolver([plain.endpoint]).addresses(nameOf('abroad.good.test'), signal)
      expect(look).toMatchObject({
        value: { security: 'insecure', signatures: signedFrom('good.test.', 'abroad.good.test.', 'CNAME') },
      })
    })

    test('is none in an unsigned zone', async () => {
      expect(await txt([plain.endpoint], 'plain.test')).toMatchObject({ value: { signatures: null } })
    })

    test('that has ended makes a name bogus, and the reason is told', async () => {
      await using late = await Unbound.start({
        ...tree,
        extendedErrors: true,
        validationDate: '20400101000000',
      })
      const look = await txt([late.endpoint], '_mta-sts.good.test')
      expect(look).toMatchObject(failed('dns-bogus', 'remote'))
      expect(look).toMatchObject({ fault: { detail: expect.stringMatching(/EDE (?:6|7|9)/) } })
    })
  })

  describe('what doctor says of a resolver', () => {
    async function linesAbout(server: Endpoint) {
      const canaries = {
        dns: ['good.test'],
        dnssec: ['good.test'],
        bogus: ['stranger.test'],
        https: [],
        smtp: [],
      }
      const resolvers = [{ kind: 'server', address: server.host, port: server.port, trusted: true }]
      const config = { resolvers, canaries, domains: [{ name: 'good.test', dane: 'if-present' }] }
      const tools = { config, world: { route: null, roots: null, limits: DEFAULT_LIMITS } }
      const lines = await RESOLVER_CHECK.run(tools as unknown as DoctorTools, signal)
      return lines.map(({ topic, state, text }) => `${topic} ${state} ${text}`)
    }

    test('that validates', async () => {
      expect(await linesAbout(plain.endpoint)).toEqual([
        expect.stringMatching(/^DNS good .* answers over UDP and TCP$/),
        expect.stringMatching(/^DNSSEC good .* good\.test came validated, stranger\.test was refused$/),
      ])
    })

    test('that does not', async () => {
      await using credulous = await Unbound.start({ ...tree, extendedErrors: false, validates: false })
      expect(await linesAbout(credulous.endpoint)).toEqual([
        expect.stringMatching(/^DNS good /),
        expect.stringMatching(/^DNSSEC bad .* does not validate: good\.test came unvalidated$/),
      ])
    })
  })

  test('a broken zone is one finding that names it', async () => {
    const world = { resolver: resolver([plain.endpoint]), servers: {}, roots: [] }
    const { judgement } = await lookAt(world, 'forged.test')
    const broken = judgement.findings.filter(({ code }) => code === 'dnssec.zone.bogus')
    expect(broken).toMatchObject([
      {
        subject: 'forged.test',
        evidence: {
          names: expect.arrayContaining([expect.objectContaining({ name: '_mta-sts.forged.test' })]),
        },
      },
    ])
  })

  test('of a bogus domain nothing is said to be missing', async () => {
    const world = { resolver: resolver([plain.endpoint]), servers: {}, roots: [] }
    const { judgement, codes } = await lookAt(world, 'forged.test')
    expect(codes('mta-sts.')).toEqual([])
    const undecided = judgement.undecided.find(({ code }) => code === 'mta-sts.record.missing')
    expect(undecided?.because.kind).toBe('dns-bogus')
  })
})
