import { describe, expect, it } from 'vitest'
import { diff } from '../../../src/check/diff.ts'
import { diffLines } from '../../../src/check/line-diff.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import {
  absent,
  answer,
  established,
  failed,
  fetchAt,
  healthy,
  MX1,
  MX2,
  mxHost,
  mxRecords,
  NOW,
  POLICY_HOST,
  policyBody,
  seen,
  serving,
  sessionAt,
  tls,
  withFetches,
  withMx1,
} from './snapshot-builder.ts'

const RENEWED = { sha256: 'new', serialNumber: '99', notBeforeAt: NOW, notAfterAt: NOW + 90 * DAY_MS }

function session(startTls: Parameters<typeof sessionAt>[1]): Snapshot {
  return withMx1(mxHost(MX1, [], { sessions: [sessionAt('192.0.2.25', startTls)] }))
}

const CASES: readonly (readonly [
  name: string,
  before: Snapshot,
  after: Snapshot,
  told: readonly string[],
])[] = [
  ['nothing', healthy(), healthy({ takenAt: NOW + 1 }), []],
  [
    'a new id',
    healthy(),
    healthy({ stsRecord: answer(['v=STSv1; id=2']) }),
    ['! _mta-sts record: v=STSv1; id=20261101T000000Z → v=STSv1; id=2'],
  ],
  ['a record removed', healthy(), healthy({ tlsrptRecord: absent() }), ['! _smtp._tls record removed']],
  [
    'a record published',
    healthy({ tlsrptRecord: absent() }),
    healthy({ tlsrptRecord: answer(['v=TLSRPTv1; rua=mailto:a@example.com']) }),
    ['! _smtp._tls record published: v=TLSRPTv1; rua=mailto:a@example.com'],
  ],
  [
    'policy mode and hosts',
    healthy(),
    serving(policyBody({ mode: 'testing', mx: [MX1, '*.example.net'] })),
    [`! policy mode: enforce → testing, mx added: *.example.net, mx removed: ${MX2}`],
  ],
  [
    'an MX gained',
    healthy(),
    healthy({ mx: mxRecords(MX1, MX2, 'mx3.example.net') }),
    ['! MX gained 30 mx3.example.net.'],
  ],
  [
    'a TLSA set',
    withMx1(mxHost(MX1, ['192.0.2.25'], { tlsa: answer(['3 1 1 aa']) })),
    withMx1(mxHost(MX1, ['192.0.2.25'], { tlsa: answer(['3 1 1 bb', '3 1 1 aa']) })),
    [`! TLSA of ${MX1} gained 3 1 1 bb`],
  ],
  [
    'an MX certificate renewed',
    session(established(tls(MX1))),
    session(established(tls(MX1, RENEWED))),
    [`  certificate of ${MX1} replaced: ends 2027-01-22 → ends 2027-02-21`],
  ],
  [
    'a policy host certificate renewed at both addresses: one line',
    healthy(),
    withFetches(
      ...['192.0.2.80', '192.0.2.81'].map((one) => fetchAt(one, { tls: seen(tls(POLICY_HOST, RENEWED)) })),
    ),
    [`  certificate of ${POLICY_HOST} replaced: ends 2027-01-22 → ends 2027-02-21`],
  ],
  [
    'STARTTLS gone',
    session(established(tls(MX1))),
    session({ outcome: 'not-offered' }),
    [`  ${MX1} [192.0.2.25] no longer offers STARTTLS`],
  ],
  [
    'addresses and TTLs: no change',
    healthy(),
    healthy({ mx: { ...mxRecords(MX1, MX2), value: { ...mxRecords(MX1, MX2).value, ttlSeconds: 7 } } }),
    [],
  ],
]

describe('diff', () => {
  it.each(CASES)('tells %s', (_, before, after, told) => {
    const lines = diff(before, after).map(({ notable, summary }) => `${notable ? '!' : ' '} ${summary}`)
    expect(lines).toEqual(told)
  })

  it('has nothing to tell of the first look', () => {
    expect(diff(null, healthy())).toEqual([])
  })

  it('shows a policy as lines out and in', () => {
    const [change] = diff(healthy(), serving(policyBody({ mode: 'testing' })))
    expect(change).toMatchObject({ part: 'sts-policy', removed: ['mode: enforce'], added: ['mode: testing'] })
  })

  it('never makes a change of a failure, in either direction', () => {
    const blind: Snapshot = {
      ...healthy(),
      stsRecord: failed(),
      tlsrptRecord: failed(),
      mx: failed(),
      hosts: [],
      policyHost: { ...healthy().policyHost, addresses: failed(), fetches: [] },
    }
    expect(diff(healthy(), blind)).toEqual([])
    expect(diff(blind, healthy())).toEqual([])
  })
})

describe('line diff', () => {
  it.each([
    ['a\nb\nc', 'a\nc', ['b'], []],
    ['a\nc', 'a\nb\nc\n', [], ['b']],
    ['a\r\nb\r\n', 'a\nb\n', [], []],
    ['a\nb', 'b\na', ['a'], ['a']],
    ['', 'a', [], ['a']],
  ])('of %j and %j', (before, after, removed, added) => {
    expect(diffLines(before, after)).toEqual({ removed, added })
  })
})
