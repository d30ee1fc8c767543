import { describe, expect, test } from 'vitest'
import { judge } from '../../../src/check/judge.ts'
import type { WatchedDomain } from '../../../src/config/watch-config.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { by, keyOf, NEXT, OWN, pinnedHost, R3, R11, twoHosts, wholeOf } from './broken-anchors.ts'
import { face, PORTS, shown } from './broken-faces.ts'
import {
  answer,
  certificate,
  context,
  established,
  failed,
  MX1,
  NOW,
  secured,
  sessionAt,
  watched,
  withMx1,
} from './snapshot-builder.ts'

const BREAKS = 'dane.anchor.renewal-breaks'
const CHANGING = 'dane.anchor.issuer-changing'

function look(snapshot: Snapshot, domain: Partial<WatchedDomain> = PORTS, now = NOW) {
  const { findings, undecided } = judge(snapshot, watched(domain), context({ now }))
  const told = findings.filter(({ code }) => code.startsWith('dane.anchor.'))
  return {
    all: findings,
    told,
    codes: told.map(({ code }) => code),
    open: undecided.filter(({ code }) => code.startsWith('dane.anchor.')).map(({ code }) => code),
  }
}

const renewed = (records: readonly string[], next = by('R11', -2)) =>
  withMx1(pinnedHost(records, by('R3'), face(993, shown(next))))

describe('the renewed certificate against the TLSA records', () => {
  test('tells the record to publish and what the records pin', () => {
    expect(look(renewed([R3])).told).toMatchObject([
      {
        code: BREAKS,
        subject: MX1,
        severity: 'warning',
        evidence: {
          records: [R3],
          publish: R11,
          ttlSeconds: 300,
          next: { port: 993, host: MX1, issuer: { subject: 'CN=R11, O=Example Trust' } },
        },
      },
    ])
  })

  test('is critical three days before the end of the current one, when it must be installed', () => {
    const end = NOW + 60 * DAY_MS
    const at = (leftMs: number) => look(renewed([R3], by('R11', 55)), PORTS, end - leftMs).told[0]?.severity
    expect(at(3 * DAY_MS)).toBe('critical')
    expect(at(3 * DAY_MS + 1)).toBe('warning')
  })

  test.each([
    ['the intermediate is pinned, too', [R3, R11]],
    ['its certificate is pinned', [R3, `2 0 1 ${wholeOf('R11')}`]],
    ['the key of the renewed certificate is pinned', [R3, NEXT]],
    ['a key is pinned that it keeps', [OWN]],
  ])('says nothing when %s', (_, records) => {
    const next = by('R11', -2)
    const [leaf, ...above] = next.chain
    const keeps = records[0]?.startsWith('3') === true
    const spkiSha256 = by('R3').chain[0]?.spkiSha256 ?? ''
    const chain = leaf !== undefined && keeps ? [{ ...leaf, spkiSha256 }, ...above] : next.chain
    expect(look(renewed(records, { ...next, chain }))).toMatchObject({ codes: [], open: [] })
  })

  test('who pins the key of the certificate publishes that of the next', () => {
    const { told } = look(renewed([OWN]))
    expect(told).toMatchObject([{ code: BREAKS, evidence: { publish: NEXT } }])
  })

  test('reloading is then not told without publishing first', () => {
    const late = NOW + 40 * DAY_MS
    const { all } = look(renewed([R3], by('R11', 35)), PORTS, late)
    expect(all.find(({ code }) => code === 'mx.certificate.not-reloaded')?.evidence).toMatchObject({
      publishFirst: R11,
    })
  })

  test.each([
    [
      'a weaker digest of it beside a stronger of another',
      [R3, `2 1 2 ${'ab'.repeat(64)}`],
      [BREAKS, CHANGING],
    ],
    ['nothing that port 25 shows today', [`2 1 1 ${keyOf('some root')}`], [BREAKS, CHANGING]],
    ['by a usage that is not for SMTP alone', [`0 1 1 ${keyOf('R3')}`], []],
  ])('tells nothing when the records pin %s', (_, records, open) => {
    expect(look(renewed(records))).toMatchObject({ codes: [], open })
  })

  test('means nothing without DNSSEC, without TLSA records, and where DANE is to be ignored', () => {
    const host = renewed([R3]).hosts[0]
    if (host === undefined) throw new Error('no host')
    for (const tlsa of [answer([R3]), secured([])]) {
      expect(look(withMx1({ ...host, tlsa }))).toMatchObject({ codes: [], open: [] })
    }
    expect(look(renewed([R3]), { ...PORTS, dane: 'ignore' })).toMatchObject({ codes: [], open: [] })
  })

  test('a pinned root is above what other ports show: whoever it signs for is pinned', () => {
    const root = certificate('Root', {
      subject: 'CN=Root, O=Example Trust',
      issuer: 'CN=Root, O=Example Trust',
      spkiSha256: keyOf('Root'),
      notBeforeAt: NOW - 900 * DAY_MS,
      notAfterAt: NOW + 900 * DAY_MS,
    })
    const host = pinnedHost([`2 1 1 ${keyOf('Root')}`], by('R3'), face(993, shown(by('R11', -2))))
    const whole = { ...by('R3'), chain: [...by('R3').chain, root], linked: 3 }
    const sessions = host.sessions.map((session) => ({
      ...session,
      dane: sessionAt('192.0.2.25', established(whole)).smtp,
    }))
    expect(look(withMx1({ ...host, sessions }))).toMatchObject({ codes: [], open: [] })
  })

  test('TLSA records or a port that could not be seen leave it open', () => {
    const host = renewed([R3]).hosts[0]
    if (host === undefined) throw new Error('no host')
    expect(look(withMx1({ ...host, tlsa: failed('dns-servfail') }))).toMatchObject({
      codes: [],
      open: [BREAKS, CHANGING],
    })
    const silent = { ...face(993, { outcome: 'closed' }), look: failed('connect-timeout') }
    expect(look(withMx1({ ...host, faces: [silent] })).open).toEqual([BREAKS, CHANGING])
  })
})

describe('another host was renewed by another intermediate', () => {
  test('of the same authority, later: ours may come from there, too', () => {
    expect(look(twoHosts([R3], 'R11')).told).toMatchObject([
      {
        code: CHANGING,
        subject: MX1,
        evidence: { publish: R11, next: { host: 'mx2.example.com' } },
      },
    ])
  })

  test.each([
    ['before ours', twoHosts([R3], 'R11', -40)],
    ['by the same one', twoHosts([R3], 'R3')],
    ['by one that is pinned', twoHosts([R3, R11], 'R11')],
    ['and we pin our own key', twoHosts([OWN], 'R11')],
  ])('%s: nothing to tell', (_, snapshot) => {
    expect(look(snapshot).codes).toEqual([])
  })
})

describe('the second certificate of port 25', () => {
  const second = by('R11')
  const rsa = second.chain.map((one, index) => (index === 0 ? { ...one, keyType: 'rsa' as const } : one))
  const host = (records: readonly string[]) =>
    withMx1(pinnedHost(records, by('R3'), face(25, shown({ ...second, chain: rsa }), 'rsa')))
  const differ = (records: readonly string[], domain: Partial<WatchedDomain> = {}) =>
    look(host(records), { bothKeyTypes: true, ...domain }).all.filter(({ code }) => code.endsWith('differ'))

  test('in no TLSA record: which one to publish', () => {
    expect(differ([OWN])).toMatchObject([
      {
        severity: 'warning',
        evidence: { trouble: 'tlsa-mismatch', publish: NEXT },
      },
    ])
  })

  test.each([
    ['both are pinned', [OWN, R11], {}],
    ['not even the ordinary one is pinned', [`3 1 1 ${keyOf('nobody')}`], {}],
    ['DANE is to be ignored', [OWN], { dane: 'ignore' }],
  ] as const)('%s: nothing to tell', (_, records, domain) => {
    expect(differ(records, domain)).toEqual([])
  })
})
