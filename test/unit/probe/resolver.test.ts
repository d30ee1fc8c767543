import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWorld, dnsFault, healthyDomain, mailHost } from '../../../src/lab/build-world.ts'
import type { DnsFault, LabRecord } from '../../../src/lab/world.ts'
import { systemClock } from '../../../src/lib/time.ts'
import type { DnsAnswer } from '../../../src/model/dns.ts'
import type { Observation } from '../../../src/model/observation.ts'
import { askDns } from '../../../src/probe/dns-client.ts'
import { createResolver } from '../../../src/probe/resolver.ts'
import { type LabProbe, nameOf, QUICK, startLabProbe } from './lab-probe.ts'

const signal = new AbortController().signal

function told(look: Observation<DnsAnswer<readonly unknown[]>>): string {
  switch (look.outcome) {
    case 'seen':
      return `seen ${look.value.records.length} ${look.value.security}`
    case 'absent':
      return `absent ${look.denial} ${look.security}`
    case 'failed':
      return `${look.fault.kind}/${look.fault.blame}`
    case 'skipped':
      return 'skipped'
  }
}

function cname(name: string, target: string): LabRecord {
  return { name, ttlSeconds: 60, type: 'CNAME', target }
}

function txt(name: string, text: string): LabRecord {
  return { name, ttlSeconds: 300, type: 'TXT', text }
}

/** What the resolver does with a question → what that is worth (R25). */
const OUTCOMES: readonly [name: string, fault: Exclude<DnsFault, object> | null, expected: string][] = [
  ['fine', null, 'seen 1 insecure'],
  ['s-servfail', 'servfail', 'dns-servfail/path'],
  ['s-bogus', 'bogus', 'dns-bogus/remote'],
  ['s-refused', 'refused', 'dns-refused/local'],
  ['s-formerr', 'formerr', 'dns-malformed/path'],
  ['s-timeout', 'timeout', 'dns-timeout/path'],
  ['s-wrong-id', 'wrong-id', 'dns-timeout/path'],
  ['s-wrong-question', 'wrong-question', 'dns-timeout/path'],
  ['s-garbage', 'garbage', 'dns-malformed/path'],
  ['s-pointer-loop', 'pointer-loop', 'dns-malformed/path'],
  ['s-truncated', 'truncated', 'seen 1 insecure'],
  ['s-no-tcp', 'truncated-no-tcp', 'dns-unreachable/path'],
  ['s-cname-loop', 'cname-loop', 'dns-loop/remote'],
  ['s-nxdomain', 'nxdomain', 'absent nxdomain insecure'],
  ['s-nodata', 'nodata', 'absent nodata insecure'],
]

const ALL_BYTES = String.fromCharCode(...Array.from({ length: 128 }, (_, code) => code))

const chain = (length: number, prefix: string) =>
  Array.from({ length }, (_, n) =>
    cname(`${prefix}${n}.zone.test`, n === length - 1 ? 'end.zone.test' : `${prefix}${n + 1}.zone.test`),
  )

const world = buildWorld({
  zones: [
    { name: 'zone.test', secure: false },
    { name: 'signed.test', secure: true },
  ],
  domains: [
    healthyDomain('example.test'),
    healthyDomain('null.test', { mx: [{ preference: 0, exchange: '.' }] }),
  ],
  hosts: [mailHost('both.zone.test', { addresses: ['192.0.2.9', '2001:db8::9', '192.0.2.1'] })],
  records: [
    ...OUTCOMES.map(([name]) => txt(`${name}.zone.test`, 'found')),
    txt('end.zone.test', 'the end'),
    ...chain(8, 'ok'),
    ...chain(9, 'long'),
    cname('into.signed.test', 'end.zone.test'),
    cname('dangling.zone.test', 'nowhere.zone.test'),
    txt('secure.signed.test', 'signed'),
    txt('bytes.zone.test', ALL_BYTES),
    txt('long.zone.test', 'x'.repeat(700)),
    { name: 'literal.zone.test', ttlSeconds: 5, type: 'MX', preference: 7, exchange: 'MX.Example.TEST' },
    {
      name: '_25._tcp.mx.zone.test',
      ttlSeconds: 5,
      type: 'TLSA',
      usage: 3,
      selector: 1,
      matching: 1,
      data: 'ab'.repeat(32),
    },
    { name: 'half.zone.test', ttlSeconds: 5, type: 'A', address: '192.0.2.77' },
    { name: 'other-half.zone.test', ttlSeconds: 5, type: 'TXT', text: 'no address' },
    ...Array.from({ length: 70 }, (_, n) => txt('many.zone.test', `record ${n}`)),
  ],
  dnsFaults: [
    ...OUTCOMES.flatMap(([name, fault]) => (fault === null ? [] : [dnsFault(`${name}.zone.test`, fault)])),
    dnsFault('half.zone.test', 'servfail', { type: 'AAAA' }),
    dnsFault('other-half.zone.test', 'servfail', { type: 'AAAA' }),
  ],
})

let kit: LabProbe
beforeAll(async () => {
  kit = await startLabProbe(world)
})
afterAll(() => kit[Symbol.asyncDispose]())

describe('what one server says about a name', () => {
  test.concurrent.each(OUTCOMES)('%s (%s): %s', async (name, _fault, expected) => {
    expect(told(await kit.resolver.txt(nameOf(`${name}.zone.test`), signal))).toBe(expected)
  })

  test.each([
    ['ok0.zone.test', 'seen 1 insecure'],
    ['long0.zone.test', 'dns-loop/remote'],
    ['dangling.zone.test', 'absent nxdomain insecure'],
    ['secure.signed.test', 'seen 1 secure'],
    ['into.signed.test', 'seen 1 insecure'],
    ['nothing.zone.test', 'absent nxdomain insecure'],
    ['nothing.signed.test', 'absent nxdomain secure'],
    ['half.zone.test', 'absent nodata insecure'],
    ['many.zone.test', 'dns-malformed/path'],
  ])('%s: %s', async (name, expected) => {
    expect(told(await kit.resolver.txt(nameOf(name), signal))).toBe(expected)
  })

  test('an answer tells the whole chain of aliases and its smallest TTL', async () => {
    const look = await kit.resolver.txt(nameOf('ok6.zone.test'), signal)
    expect(look).toMatchObject({ value: { ttlSeconds: 60, cnames: ['ok7.zone.test', 'end.zone.test'] } })
  })

  test('text keeps its bytes and is joined without a gap', async () => {
    expect(await kit.resolver.txt(nameOf('bytes.zone.test'), signal)).toMatchObject({
      value: { records: [ALL_BYTES] },
    })
    expect(await kit.resolver.txt(nameOf('long.zone.test'), signal)).toMatchObject({
      value: { records: ['x'.repeat(700)] },
    })
  })

  test('MX, null MX and TLSA read as the model says', async () => {
    const records = async (look: Promise<Observation<DnsAnswer<readonly unknown[]>>>) => {
      const seen = await look
      return seen.outcome === 'seen' ? seen.value.records : seen
    }
    expect(await records(kit.resolver.mx(nameOf('literal.zone.test'), signal))).toEqual([
      { preference: 7, exchange: 'mx.example.test' },
    ])
    expect(await records(kit.resolver.mx(nameOf('null.test'), signal))).toEqual([
      { preference: 0, exchange: '.' },
    ])
    expect(await records(kit.resolver.tlsa(nameOf('_25._tcp.mx.zone.test'), signal))).toEqual([
      `3 1 1 ${'ab'.repeat(32)}`,
    ])
  })
})

describe('addresses', () => {
  test('A and AAAA come together, sorted', async () => {
    const look = await kit.resolver.addresses(nameOf('both.zone.test'), signal)
    expect(look).toMatchObject({ value: { records: ['192.0.2.1', '192.0.2.9', '2001:db8::9'] } })
  })

  test.each([
    ['half.zone.test', 'seen 1 insecure'],
    ['other-half.zone.test', 'dns-servfail/path'],
    ['end.zone.test', 'absent nodata insecure'],
    ['nowhere.zone.test', 'absent nxdomain insecure'],
  ])('%s: %s', async (name, expected) => {
    expect(told(await kit.resolver.addresses(nameOf(name), signal))).toBe(expected)
  })
})

test('AD is not believed from a server that is not trusted', async () => {
  const servers = [{ address: kit.lab.dns.host, port: kit.lab.dns.port, trusted: false }]
  const resolver = createResolver({ servers, clock: systemClock, limits: QUICK.dns })
  expect(told(await resolver.txt(nameOf('secure.signed.test'), signal))).toBe('seen 1 insecure')
})

test('a question that its caller gives up is a fault of ours', async () => {
  const look = await kit.resolver.txt(nameOf('s-timeout.zone.test'), AbortSignal.timeout(50))
  expect(told(look)).toBe('deadline/local')
  expect(told(await kit.resolver.txt(nameOf('fine.zone.test'), AbortSignal.abort()))).toBe('deadline/local')
})

test.each([0, 1, 2, 3, 4, 5])(
  'a question given up %i ticks after it was begun is a fault and nothing else',
  async (ticks) => {
    const control = new AbortController()
    const server = { address: kit.lab.dns.host, port: kit.lab.dns.port }
    const question = {
      name: nameOf('fine.zone.test'),
      type: 'TXT',
      checkingDisabled: false,
      recursionDesired: true,
    } as const
    const asking = askDns(server, question, QUICK.dns, control.signal)
    const giveUpIn = (left: number): void =>
      left === 0 ? control.abort() : process.nextTick(() => giveUpIn(left - 1))
    giveUpIn(ticks)
    await expect(asking).rejects.toMatchObject({ fault: { kind: 'deadline', blame: 'local' } })
  },
)

test('a question is over when its total time is', async () => {
  const servers = [{ address: kit.lab.dns.host, port: kit.lab.dns.port, trusted: true }]
  const limits = { ...QUICK.dns, totalMs: 100 }
  const resolver = createResolver({ servers, clock: systemClock, limits })
  expect(told(await resolver.txt(nameOf('s-timeout.zone.test'), signal))).toBe('deadline/path')
})

test('a server that is not there is unreachable', async () => {
  const servers = [{ address: '127.0.0.1', port: 1, trusted: true }]
  const resolver = createResolver({ servers, clock: systemClock, limits: QUICK.dns })
  expect(told(await resolver.mx(nameOf('example.test'), signal))).toBe('dns-unreachable/path')
})
