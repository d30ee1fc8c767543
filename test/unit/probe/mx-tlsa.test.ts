import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addressFor, buildWorld, dnsFault, healthyDomain, mailHost } from '../../../src/lab/build-world.ts'
import type { LabRecord } from '../../../src/lab/world.ts'
import type { MxHost, MxSession } from '../../../src/model/snapshot.ts'
import type { TlsFacts } from '../../../src/model/tls.ts'
import { hostIn, type LabProbe, mailDomain, startLabProbe } from './lab-probe.ts'

const HOSTS = [
  'plain',
  'end',
  'bare-end',
  'far-end',
  'mute-end',
  'owner',
  'half',
  'anchor',
  'silent',
  'leads-out',
].map((label) => `${label}.signed.test`)
const DATA = '00'.repeat(32)

function tlsa(host: string, usage = 3, data = DATA): LabRecord {
  return { name: `_25._tcp.${host}`, ttlSeconds: 60, type: 'TLSA', usage, selector: 1, matching: 1, data }
}

function cname(name: string, target: string): LabRecord {
  return { name, ttlSeconds: 60, type: 'CNAME', target }
}

const EXCHANGES = [
  'plain.signed.test',
  'to-end.signed.test',
  'to-bare-end.signed.test',
  'to-far-end.signed.test',
  'to-mute-end.signed.test',
  'to-unsigned.signed.test',
  'to-leads-out.signed.test',
  'to-broken.signed.test',
  'owner.signed.test',
  'half.signed.test',
  'anchor.signed.test',
  'silent.signed.test',
  'records.unsigned.test',
  'broken.unsigned.test',
]

const world = buildWorld({
  zones: [{ name: 'unsigned.test', secure: false }],
  domains: [healthyDomain('signed.test', { ...mailDomain(EXCHANGES), secure: true })],
  hosts: [
    ...HOSTS.map((name) => mailHost(name, name === 'half.signed.test' ? { addresses: ['192.0.2.77'] } : {})),
    ...['real', 'records', 'broken'].map((label) => mailHost(`${label}.unsigned.test`)),
  ],
  records: [
    tlsa('plain.signed.test'),
    cname('to-end.signed.test', 'end.signed.test'),
    tlsa('end.signed.test'),
    tlsa('to-end.signed.test', 3, '11'.repeat(32)),
    cname('to-bare-end.signed.test', 'bare-end.signed.test'),
    tlsa('to-bare-end.signed.test'),
    cname('to-far-end.signed.test', 'middle.signed.test'),
    cname('middle.signed.test', 'far-end.signed.test'),
    tlsa('middle.signed.test'),
    cname('to-mute-end.signed.test', 'mute-end.signed.test'),
    tlsa('to-mute-end.signed.test'),
    cname('to-unsigned.signed.test', 'real.unsigned.test'),
    tlsa('to-unsigned.signed.test'),
    tlsa('real.unsigned.test', 3, '22'.repeat(32)),
    cname('to-leads-out.signed.test', 'leads-out.signed.test'),
    cname('_25._tcp.leads-out.signed.test', '_25._tcp.real.unsigned.test'),
    tlsa('to-leads-out.signed.test'),
    cname('to-broken.signed.test', 'real.unsigned.test'),
    cname('_25._tcp.owner.signed.test', 'shared-tlsa.signed.test'),
    { ...tlsa('owner.signed.test'), name: 'shared-tlsa.signed.test' },
    tlsa('half.signed.test'),
    tlsa('anchor.signed.test', 2, '@lab'),
    tlsa('records.unsigned.test'),
  ],
  dnsFaults: [
    dnsFault('_25._tcp.mute-end.signed.test', 'servfail', { type: 'TLSA' }),
    dnsFault('_25._tcp.silent.signed.test', 'servfail', { type: 'TLSA' }),
    dnsFault('_25._tcp.broken.unsigned.test', 'servfail', { type: 'TLSA' }),
    dnsFault('_25._tcp.to-broken.signed.test', 'servfail', { type: 'TLSA' }),
    dnsFault('half.signed.test', 'servfail', { type: 'AAAA' }),
  ],
})

let kit: LabProbe
let hosts: (name: string) => MxHost
beforeAll(async () => {
  kit = await startLabProbe(world)
  const snapshot = await kit.look('signed.test')
  hosts = (name) => hostIn(snapshot, name)
})
afterAll(() => kit[Symbol.asyncDispose]())

/** `outcome security base`, and the names at which was asked, in order. */
function told(name: string, asked: readonly string[]) {
  const { tlsa: look, tlsaBase } = hosts(name)
  const security = look.outcome === 'seen' ? look.value.security : '-'
  const questions = kit.lab.journal.dns
    .filter(({ type }) => type === 'TLSA')
    .map((entry) => entry.name.replace('_25._tcp.', ''))
  const own = questions.filter((question) => asked.includes(question))
  return { look: `${look.outcome} ${security} ${tlsaBase}`, asked: [...new Set(own)] }
}

describe('TLSA records are looked for', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['at the host', 'plain.signed.test', 'seen secure plain.signed.test', ['plain.signed.test']],
    [
      'at the end of a signed alias, and there alone',
      'to-end.signed.test',
      'seen secure end.signed.test',
      ['end.signed.test'],
    ],
    [
      'at the alias, when its end has none',
      'to-bare-end.signed.test',
      'seen secure to-bare-end.signed.test',
      ['bare-end.signed.test', 'to-bare-end.signed.test'],
    ],
    [
      'at both ends of a chain, never between',
      'to-far-end.signed.test',
      'absent - null',
      ['far-end.signed.test', 'to-far-end.signed.test'],
    ],
    [
      'no further, when the question for the end fails',
      'to-mute-end.signed.test',
      'failed - null',
      ['mute-end.signed.test'],
    ],
    [
      'at a signed alias of an unsigned host, not at the host',
      'to-unsigned.signed.test',
      'seen secure to-unsigned.signed.test',
      ['to-unsigned.signed.test'],
    ],
    [
      'at the alias, when those of its end lead out of signed zones',
      'to-leads-out.signed.test',
      'seen secure to-leads-out.signed.test',
      ['leads-out.signed.test', 'to-leads-out.signed.test'],
    ],
    [
      'in vain at an alias that may be signed',
      'to-broken.signed.test',
      'failed - null',
      ['to-broken.signed.test'],
    ],
    [
      'through an alias of their own, which is no base',
      'owner.signed.test',
      'seen secure owner.signed.test',
      ['owner.signed.test'],
    ],
    [
      'although the other half of the addresses fails',
      'half.signed.test',
      'seen secure half.signed.test',
      ['half.signed.test'],
    ],
    [
      'in vain, which is a fault where the host is signed',
      'silent.signed.test',
      'failed - null',
      ['silent.signed.test'],
    ],
    [
      'where they have no effect',
      'records.unsigned.test',
      'seen insecure records.unsigned.test',
      ['records.unsigned.test'],
    ],
    [
      'in vain, which means nothing where the host is not signed',
      'broken.unsigned.test',
      'skipped - null',
      ['broken.unsigned.test'],
    ],
  ])('%s', (_, name, look, asked) => {
    const all = [...asked, name, 'middle.signed.test', 'real.unsigned.test']
    expect(told(name, all)).toEqual({ look, asked })
  })

  test('after the addresses, since some servers break on the question (RFC 7672 §2.2.2)', () => {
    const { dns } = kit.lab.journal
    const at = (name: string, type: string) =>
      dns.findIndex((entry) => entry.name === name && entry.type === type)
    expect(at('plain.signed.test', 'A')).toBeGreaterThanOrEqual(0)
    expect(at('_25._tcp.plain.signed.test', 'TLSA')).toBeGreaterThan(at('plain.signed.test', 'A'))
    expect(at('_25._tcp.plain.signed.test', 'TLSA')).toBeGreaterThan(at('plain.signed.test', 'AAAA'))
  })
})

describe('the sessions that DANE is judged by', () => {
  const snis = (host: string) =>
    kit.lab.journal.smtp.filter(({ address }) => address === addressFor(host)).map(({ sni }) => sni)

  function shown({ dane, smtp }: MxSession, which: 'dane' | 'smtp'): TlsFacts {
    const look = which === 'dane' ? dane : smtp
    const startTls = look.outcome === 'seen' ? look.value.startTls : null
    return startTls?.outcome === 'established' ? startTls.tls : expect.fail(JSON.stringify(look))
  }

  test('are the ordinary ones for a record of the own key', () => {
    expect(snis('plain.signed.test')).toEqual(['plain.signed.test'])
    expect(hosts('plain.signed.test').sessions.map(({ dane }) => dane.outcome)).toEqual(['skipped'])
  })

  test('name the TLSA base domain where that is another name (RFC 7672 §8.1)', () => {
    expect(snis('end.signed.test')).toEqual(['to-end.signed.test', 'end.signed.test'])
    expect(snis('bare-end.signed.test')).toEqual(['to-bare-end.signed.test'])
  })

  test('show the chain that was sent, and how far it is signed, for a record of an authority', () => {
    const [session] = hosts('anchor.signed.test').sessions
    if (session === undefined) throw new Error('there is no session')
    expect(shown(session, 'smtp')).toMatchObject({ linked: null, webPkiError: null })
    const { chain, linked } = shown(session, 'dane')
    expect([chain.length, linked]).toEqual([2, 2])
    const { tlsa: look } = hosts('anchor.signed.test')
    expect(look).toMatchObject({ value: { records: [`2 1 1 ${chain[1]?.spkiSha256}`] } })
  })
})
