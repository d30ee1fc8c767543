import { describe, expect, test } from 'vitest'
import { judge } from '../../../src/check/judge.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { DnsAnswer } from '../../../src/model/dns.ts'
import type { Seen } from '../../../src/model/observation.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { answer, context, failed, healthy, ip, MX1, MX2, mxHost, NOW, watched } from './snapshot-builder.ts'

const CODES = ['dnssec.zone.bogus', 'dnssec.signature.expiring']

function judged(snapshot: Snapshot, edit: Parameters<typeof context>[0] = {}) {
  const { findings, undecided } = judge(snapshot, watched(), context(edit))
  return {
    findings: findings.filter(({ code }) => CODES.includes(code)),
    undecided: undecided.filter(({ code }) => CODES.includes(code)),
  }
}

function lines(snapshot: Snapshot): readonly string[] {
  return judged(snapshot).findings.map(({ severity, code, subject }) => `${severity} ${code} ${subject}`)
}

function bogusHost(name: string, part: 'addresses' | 'tlsa') {
  const host = mxHost(name, ['192.0.2.25'])
  return part === 'tlsa'
    ? { ...host, tlsa: failed('dns-bogus') }
    : { ...host, addresses: failed('dns-bogus'), sessions: [] }
}

/** An MX answer with signatures of this life, validated. */
function signedMx(lifeMs: number, leftMs: number, security: 'secure' | 'insecure' = 'secure') {
  const plain: Seen<DnsAnswer<readonly { preference: number; exchange: string }[]>> = answer([
    { preference: 10, exchange: MX1 },
  ])
  const signatures = { zone: 'example.com', beganAt: NOW + leftMs - lifeMs, endAt: NOW + leftMs }
  return healthy({ mx: { ...plain, value: { ...plain.value, security, signatures } } })
}

describe('names that do not validate', () => {
  const other = mxHost(MX2, ['198.51.100.25'])
  test.each<[string, Snapshot, readonly string[]]>([
    ['none', healthy(), []],
    ['MX', healthy({ mx: failed('dns-bogus'), hosts: [] }), ['critical dnssec.zone.bogus example.com']],
    [
      'the only host',
      healthy({ hosts: [bogusHost(MX1, 'addresses')] }),
      ['critical dnssec.zone.bogus example.com'],
    ],
    ['its TLSA', healthy({ hosts: [bogusHost(MX1, 'tlsa')] }), ['critical dnssec.zone.bogus example.com']],
    [
      'one of two hosts',
      healthy({ hosts: [bogusHost(MX1, 'tlsa'), other] }),
      ['warning dnssec.zone.bogus example.com'],
    ],
    [
      'the MTA-STS record',
      healthy({ stsRecord: failed('dns-bogus') }),
      ['warning dnssec.zone.bogus example.com'],
    ],
    [
      'the TLSRPT record',
      healthy({ tlsrptRecord: failed('dns-bogus') }),
      ['warning dnssec.zone.bogus example.com'],
    ],
    [
      'a host of a provider, and a record of ours',
      healthy({
        hosts: [bogusHost('mx1.mail.provider.example', 'addresses'), other],
        stsRecord: failed('dns-bogus'),
      }),
      ['warning dnssec.zone.bogus mail.provider.example', 'warning dnssec.zone.bogus example.com'],
    ],
    [
      'two hosts of one provider',
      healthy({ hosts: [bogusHost('a.provider.example', 'tlsa'), bogusHost('b.provider.example', 'tlsa')] }),
      ['critical dnssec.zone.bogus provider.example'],
    ],
  ])('%s', (_, snapshot, expected) => {
    expect(lines(snapshot)).toEqual(expected)
  })

  test('all names of a zone are told in one finding, with their purposes', () => {
    const snapshot = healthy({ stsRecord: failed('dns-bogus'), tlsrptRecord: failed('dns-bogus') })
    expect(judged(snapshot).findings).toMatchObject([
      {
        evidence: {
          zone: 'example.com',
          names: [
            { name: '_mta-sts.example.com', type: 'TXT', purpose: 'sts-record' },
            { name: '_smtp._tls.example.com', type: 'TXT', purpose: 'tlsrpt-record' },
          ],
        },
      },
    ])
  })

  test('what rests on them is undecided, not absent', () => {
    const { undecided } = judge(healthy({ stsRecord: failed('dns-bogus') }), watched(), context())
    expect(undecided.map(({ code }) => code)).toContain('mta-sts.record.missing')
  })

  test('silence leaves both findings undecided', () => {
    const { findings, undecided } = judged(healthy({ stsRecord: failed('dns-timeout') }))
    expect([findings, undecided.map(({ code, subject }) => `${code} ${subject}`)]).toEqual([
      [],
      CODES.map((code) => `${code} any`),
    ])
  })

  test.each(['unproven', 'blind'] as const)(
    'with a resolver that is %s to validate nothing has cleared',
    (dnssec) => {
      const { undecided } = judged(healthy(), {
        vantage: { dns: 'sees', dnssec, https: 'sees', smtp: 'sees' },
      })
      expect(undecided.map(({ code, because }) => `${code} ${because.kind}`)).toEqual(
        CODES.map((code) => `${code} moot`),
      )
    },
  )
})

describe('signatures that end', () => {
  const fortnight = 14 * DAY_MS
  const month = 40 * DAY_MS
  test.each<[string, number, number, string | null]>([
    ['a fortnight, half left', fortnight, 7 * DAY_MS, null],
    ['a fortnight, a tenth left', fortnight, fortnight / 10, null],
    ['a fortnight, just less', fortnight, fortnight / 10 - 1, 'info'],
    ['forty days, three days left', month, 3 * DAY_MS, null],
    ['forty days, just less', month, 3 * DAY_MS - 1, 'info'],
    ['a day left', fortnight, DAY_MS, 'info'],
    ['just less than a day', fortnight, DAY_MS - 1, 'warning'],
    ['an hour left', fortnight, HOUR_MS, 'warning'],
    ['just less than an hour', fortnight, HOUR_MS - 1, 'critical'],
    ['ended', fortnight, -MINUTE_MS, 'critical'],
    ['signed on the fly, for two days', 2 * DAY_MS, DAY_MS - HOUR_MS, null],
    ['signed on the fly, for an hour', HOUR_MS, 30 * MINUTE_MS, null],
  ])('%s', (_, lifeMs, leftMs, severity) => {
    const expected = severity === null ? [] : [`${severity} dnssec.signature.expiring example.com`]
    expect(lines(signedMx(lifeMs, leftMs))).toEqual(expected)
  })

  test('in a zone that nobody validates hurt nobody', () => {
    expect(lines(signedMx(fortnight, HOUR_MS, 'insecure'))).toEqual([])
  })

  test('that are not shown say nothing', () => {
    const snapshot = signedMx(fortnight, HOUR_MS)
    const { mx } = snapshot
    if (mx.outcome !== 'seen') throw new Error('the MX records are seen')
    const hidden = { ...snapshot, mx: { ...mx, value: { ...mx.value, signatures: null } } }
    expect(judged(hidden)).toMatchObject({
      findings: [],
      undecided: [{ code: 'dnssec.signature.expiring', subject: 'any', because: { kind: 'moot' } }],
    })
  })

  test('the one that ends first is named, once a zone', () => {
    const host = mxHost(MX1, ['192.0.2.25'])
    const addresses = answer([ip('192.0.2.25')])
    const sooner = { zone: 'example.com', beganAt: NOW - fortnight, endAt: NOW + 2 * HOUR_MS }
    const snapshot = {
      ...signedMx(fortnight, 20 * HOUR_MS),
      hosts: [
        {
          ...host,
          addresses: { ...addresses, value: { ...addresses.value, security: 'secure', signatures: sooner } },
        },
      ],
    } as const
    expect(judged(snapshot).findings).toMatchObject([
      { evidence: { name: MX1, type: 'A', endAt: sooner.endAt } },
    ])
  })
})
