import packet from 'dns-packet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWorld, dnsFault, healthyDomain, mailHost } from '../../../src/lab/build-world.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { DnsFault } from '../../../src/lab/world.ts'
import { ask, askRaw, patienceFor } from './clients.ts'

const MANY = Array.from({ length: 40 }, (_, n) => `${n} ${'x'.repeat(60)}`)

let lab: Lab

beforeAll(async () => {
  lab = await startLab(
    buildWorld({
      domains: [
        healthyDomain('signed.example', { secure: true, addresses: ['192.0.2.1', '2001:db8::1'] }),
        healthyDomain('plain.example', { mx: [{ preference: 0, exchange: '.' }], tlsrptRecord: [] }),
        healthyDomain('big.example', { stsRecord: MANY }),
        healthyDomain('long.example', { stsRecord: ['y'.repeat(600)] }),
      ],
      hosts: [mailHost('mx.provider.example', { addresses: ['192.0.2.25', '2001:db8:25::1'] })],
      zones: [{ name: 'provider.example', secure: true }],
      records: [
        { name: 'alias.signed.example', ttlSeconds: 30, type: 'CNAME', target: 'mx.provider.example' },
        { name: 'stray.signed.example', ttlSeconds: 30, type: 'CNAME', target: 'plain.example' },
        { name: 'round.example', ttlSeconds: 30, type: 'CNAME', target: 'Round.example' },
        {
          name: '_25._tcp.mx.provider.example',
          ttlSeconds: 9,
          type: 'TLSA',
          usage: 3,
          selector: 1,
          matching: 1,
          data: 'ab12',
        },
      ],
    }),
    { resolvers: 2 },
  )
})

afterAll(() => lab[Symbol.asyncDispose]())

describe('an honest resolver', () => {
  test.each([
    ['_mta-sts.plain.example', 'TXT', 'NOERROR TXT v=STSv1; id=20260101T000000Z;'],
    ['_mta-sts.long.example', 'TXT', `NOERROR TXT ${'y'.repeat(600)}`],
    ['plain.example', 'MX', 'NOERROR MX {"preference":0,"exchange":"."}'],
    ['mx.provider.example', 'A', 'NOERROR AD A "192.0.2.25"'],
    ['mx.provider.example', 'AAAA', 'NOERROR AD AAAA "2001:db8:25::1"'],
    ['signed.example', 'A', 'NOERROR AD A "192.0.2.1"'],
    ['_smtp._tls.plain.example', 'TXT', 'NXDOMAIN SOA'],
    ['nobody.signed.example', 'TXT', 'NXDOMAIN AD SOA'],
    ['plain.example', 'A', 'NOERROR SOA'],
    // RFC 8020: a name with names below it exists.
    ['_tls.signed.example', 'TXT', 'NOERROR AD SOA'],
    ['alias.signed.example', 'A', 'NOERROR AD CNAME "mx.provider.example" A "192.0.2.25"'],
    ['stray.signed.example', 'MX', 'NOERROR CNAME "plain.example" MX {"preference":0,"exchange":"."}'],
    ['round.example', 'A', 'NOERROR SOA CNAME "round.example"'],
  ] as const)('answers %s %s', async (name, type, expected) => {
    expect(await ask(lab.dns, name, { type, flags: packet.AUTHENTIC_DATA })).toBe(expected)
  })

  test('gives TLSA rdata and TTL as the world has them', async () => {
    const bytes = await askRaw(lab.dns, '_25._tcp.mx.provider.example', { type: 'TLSA' })
    const [answer] = packet.decode(Buffer.from(bytes)).answers ?? []
    expect(answer).toMatchObject({
      ttl: 9,
      data: { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from('ab12', 'hex') },
    })
  })

  test('sets AD only for those who ask for it', async () => {
    expect(await ask(lab.dns, 'signed.example', { type: 'A' })).toBe('NOERROR A "192.0.2.1"')
  })

  test('truncates what UDP cannot carry and gives it over TCP', async () => {
    const name = '_mta-sts.big.example'
    expect(await ask(lab.dns, name)).toBe('NOERROR TC')
    expect(await ask(lab.dns, name, { edns: false })).toBe('NOERROR TC')
    const bytes = await askRaw(lab.dns, name, { transport: 'tcp' })
    expect(packet.decode(Buffer.from(bytes)).answers).toHaveLength(MANY.length)
  })

  test('is asked about names in any case', async () => {
    expect(await ask(lab.dns, 'PLAIN.Example', { type: 'MX' })).toContain('NOERROR MX')
  })
})

describe('a resolver with a fault', () => {
  const name = '_mta-sts.signed.example'
  const good = 'NOERROR TXT v=STSv1; id=20260101T000000Z;'
  const other = { name, ttlSeconds: 5, type: 'TXT', text: 'lie' } as const

  const cases: readonly (readonly [DnsFault, string, string])[] = [
    ['servfail', 'SERVFAIL', 'SERVFAIL'],
    ['bogus', 'SERVFAIL', 'SERVFAIL'],
    ['refused', 'REFUSED', 'REFUSED'],
    ['formerr', 'FORMERR', 'FORMERR'],
    ['timeout', 'timeout', 'timeout'],
    ['wrong-id', `wrong-id ${good}`, `wrong-id ${good}`],
    ['wrong-question', `wrong-question ${good}`, `wrong-question ${good}`],
    ['garbage', 'undecodable', 'undecodable'],
    ['pointer-loop', 'undecodable', 'undecodable'],
    ['truncated', 'NOERROR TC', good],
    ['truncated-no-tcp', 'NOERROR TC', 'ECONNRESET'],
    [
      'cname-loop',
      `NOERROR CNAME "loop.${name}" CNAME "${name}"`,
      `NOERROR CNAME "loop.${name}" CNAME "${name}"`,
    ],
    ['nxdomain', 'NXDOMAIN SOA', 'NXDOMAIN SOA'],
    ['nodata', 'NOERROR SOA', 'NOERROR SOA'],
    [{ instead: [other] }, 'NOERROR TXT lie', 'NOERROR TXT lie'],
  ]
  test.each(cases)('%o over UDP: %s', async (fault, overUdp, overTcp) => {
    lab.change((world) => ({ ...world, dnsFaults: [dnsFault(name, fault, { resolver: 0 })] }))
    const patienceMs = patienceFor(overUdp)
    expect(await ask(lab.dns, name, { patienceMs })).toBe(overUdp)
    expect(await ask(lab.dns, name, { transport: 'tcp', patienceMs })).toBe(overTcp)
    const [, second] = lab.resolvers
    expect(second && (await ask(second, name))).toBe(good)
  })

  test('tells what is bogus when asked not to check', async () => {
    lab.change((world) => ({ ...world, dnsFaults: [dnsFault('*.signed.example', 'bogus')] }))
    expect(await ask(lab.dns, name, { flags: packet.CHECKING_DISABLED | packet.AUTHENTIC_DATA })).toBe(good)
  })

  test('can be limited to a type, a zone, or cover everything', async () => {
    lab.change((world) => ({
      ...world,
      dnsFaults: [dnsFault('*.signed.example', 'refused', { type: 'TXT' })],
    }))
    expect(await ask(lab.dns, name)).toBe('REFUSED')
    expect(await ask(lab.dns, 'signed.example', { type: 'MX' })).toContain('NOERROR MX')
    expect(await ask(lab.dns, '_mta-sts.plain.example')).toBe(good)
    lab.change((world) => ({ ...world, dnsFaults: [dnsFault('*', 'servfail')] }))
    expect(await ask(lab.dns, '_mta-sts.plain.example')).toBe('SERVFAIL')
  })
})
