import { describe, expect, it } from 'vitest'
import { daneOutcomes } from '../../../src/check/dane-outcome.ts'
import { gatherFacts, type JudgeContext } from '../../../src/check/facts.ts'
import { judge } from '../../../src/check/judge.ts'
import type { WatchedDomain } from '../../../src/config/watch-config.ts'
import { sha256 } from '../../../src/lib/sha256.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { FaultKind } from '../../../src/model/fault.ts'
import type { Finding, FindingCode } from '../../../src/model/finding.ts'
import type { MxHost, MxSession, Snapshot } from '../../../src/model/snapshot.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { withTlsa } from './broken-dane.ts'
import {
  absent,
  answer,
  certificate,
  context,
  established,
  failed,
  ip,
  MX1,
  mxRecords,
  NO_SECOND_SESSION,
  NOW,
  secured,
  sessionAt,
  tls,
  watched,
} from './snapshot-builder.ts'

const RIGHT = `3 1 1 ${sha256('key of leaf')}`
const WRONG = `3 1 1 ${sha256('key of another')}`
const ANCHOR = `2 1 1 ${sha256('issuer')}`

interface Edit {
  readonly domain?: Partial<WatchedDomain>
  readonly context?: Partial<JudgeContext>
}

function judged(snapshot: Snapshot, edit: Edit = {}) {
  return judge(snapshot, watched(edit.domain), context(edit.context))
}

function findingOf<C extends FindingCode>(code: C, snapshot: Snapshot, edit: Edit = {}) {
  const found = judged(snapshot, edit).findings.find((one) => one.code === code)
  return found as Extract<Finding, { readonly code: C }> | undefined
}

/** `code: reason` of what stays undecided about TLSA records, apart from what is told elsewhere. */
function open(snapshot: Snapshot, edit: Edit = {}): readonly string[] {
  const { undecided, findings } = judged(snapshot, edit)
  expect(findings.filter(({ code }) => code.startsWith('dane.'))).toEqual([])
  return undecided
    .filter(({ code, because }) => code.startsWith('dane.') && because.kind !== 'moot')
    .map(({ code, because }) => `${code}: ${because.kind}`)
}

function edited(snapshot: Snapshot, edit: (host: MxHost) => Partial<MxHost>): Snapshot {
  return { ...snapshot, hosts: snapshot.hosts.map((host) => ({ ...host, ...edit(host) })) }
}

const UNPROVEN: Edit = { context: { vantage: { ...context().vantage, dnssec: 'unproven' } } }

/** Nothing of the look is validated. */
function unvalidated(snapshot: Snapshot): Snapshot {
  const bare = edited(snapshot, () => ({ addresses: answer([ip('192.0.2.25')]) }))
  return { ...bare, stsRecord: answer(['v=STSv1; id=20261101T000000Z']), mx: mxRecords(MX1) }
}

describe('what cannot be told of DANE is undecided, never absent', () => {
  it.each<FaultKind>(['deadline', 'internal', 'dns-split'])(
    'a question for TLSA that fails by %s',
    (kind) => {
      expect(open(withTlsa(failed(kind)))).toContain(`dane.tlsa.mismatch: ${kind}`)
      expect(open(withTlsa(failed(kind)))).toContain(`dane.tlsa.lookup-failing: ${kind}`)
    },
  )

  it.each<FaultKind>(['dns-servfail', 'dns-timeout', 'dns-refused', 'dns-malformed'])(
    '%s is a finding, unless our resolver may be to blame',
    (kind) => {
      const snapshot = withTlsa(failed(kind))
      expect(findingOf('dane.tlsa.lookup-failing', snapshot)?.severity).toBe('critical')
      const vantage = { ...context().vantage, dns: 'unproven' } as const
      expect(open(snapshot, { context: { vantage } })).toContain(`dane.tlsa.lookup-failing: ${kind}`)
    },
  )

  it('a question that fails where the addresses are not secure: senders may not ask it', () => {
    const host = edited(withTlsa(failed('dns-servfail')), () => ({
      addresses: { ...answer([ip('192.0.2.25')], ['real.example' as DomainName]) },
    }))
    expect(open(host)).toContain('dane.tlsa.lookup-failing: dns-servfail')
  })

  it('signatures that do not validate are told as that', () => {
    const { findings, undecided } = judged(withTlsa(failed('dns-bogus')))
    expect(findings.map(({ code }) => code)).not.toContain('dane.tlsa.lookup-failing')
    expect(undecided).toContainEqual(
      expect.objectContaining({
        code: 'dane.tlsa.lookup-failing',
        because: expect.objectContaining({ kind: 'moot' }),
      }),
    )
  })

  it('everything, while nothing shows that the resolver validates', () => {
    for (const tlsa of [answer([RIGHT]), absent()]) {
      const snapshot = unvalidated(withTlsa(tlsa))
      expect(open(snapshot, UNPROVEN)).toEqual([])
      expect(open(snapshot, { ...UNPROVEN, domain: { dane: 'required' } })).toContain(
        'dane.tlsa.missing: internal',
      )
    }
  })

  it('a certificate that was not seen this time', () => {
    const snapshot = edited(withTlsa(secured([WRONG])), () => ({
      sessions: [{ address: ip('192.0.2.25'), smtp: failed('smtp-timeout'), dane: NO_SECOND_SESSION }],
    }))
    expect(open(snapshot, { context: { vantage: { ...context().vantage, smtp: 'unproven' } } })).toContain(
      'dane.tlsa.mismatch: smtp-timeout',
    )
  })

  it('a session for DANE that broke off, though the ordinary one did not', () => {
    const snapshot = edited(withTlsa(secured([RIGHT])), ({ sessions }) => ({
      sessions: sessions.map((session): MxSession => ({ ...session, dane: failed('smtp-timeout') })),
    }))
    expect(open(snapshot)).toContain('dane.tlsa.mismatch: smtp-timeout')
  })
})

describe('addresses', () => {
  const NO_ROUTE: MxSession = {
    address: ip('2001:db8::25'),
    smtp: failed('no-route'),
    dane: NO_SECOND_SESSION,
  }
  const more = (snapshot: Snapshot, session: MxSession) =>
    edited(snapshot, ({ sessions }) => ({ sessions: [...sessions, session] }))

  it('without a route from here hold nothing open', () => {
    const { findings, undecided } = judged(more(withTlsa(secured([RIGHT])), NO_ROUTE))
    expect([...findings, ...undecided].filter(({ code }) => code.startsWith('dane.'))).toEqual([])
  })

  it('that fail alone make it a warning, and are named', () => {
    const other = sessionAt('192.0.2.26', established({ ...tls(MX1), chain: [certificate(MX1)] }))
    const finding = findingOf('dane.tlsa.mismatch', more(withTlsa(secured([RIGHT])), other))
    expect(finding).toMatchObject({ severity: 'warning', evidence: { addresses: ['192.0.2.26'], of: 2 } })
  })
})

describe('a mismatch', () => {
  it('says whether the records fit the certificate of before', () => {
    const before = withTlsa(secured([RIGHT]))
    const renewed = edited(before, () => ({ sessions: [sessionAt('192.0.2.25', established(tls(MX1)))] }))
    const finding = (snapshot: Snapshot, was: Snapshot | null) =>
      findingOf('dane.tlsa.mismatch', snapshot, { context: { before: was } })?.evidence.matchedBefore
    expect([finding(renewed, before), finding(renewed, renewed), finding(renewed, null)]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('says what those make of it that honour MTA-STS alone', () => {
    const verdict = (snapshot: Snapshot) => findingOf('dane.tlsa.mismatch', snapshot)?.evidence.mtaSts
    const bad = { ...tls(MX1, {}, 'DEPTH_ZERO_SELF_SIGNED_CERT') }
    expect(verdict(withTlsa(secured([WRONG])))).toBe('accepts')
    expect(verdict(withTlsa(secured([WRONG]), bad))).toBe('refuses')
    const { stsRecord: _, ...rest } = withTlsa(secured([WRONG]))
    expect(verdict({ ...rest, stsRecord: absent() })).toBe(null)
  })
})

describe('the names that count under usage 2', () => {
  const named = (name: string) => ({ ...tls(MX1, { dnsNames: [name] }) })
  const issuer = (snapshot: Snapshot) =>
    edited(snapshot, ({ sessions }) => ({
      sessions: sessions.map((session): MxSession => {
        const { smtp } = session
        if (smtp.outcome !== 'seen' || smtp.value.startTls.outcome !== 'established') return session
        const { tls: facts } = smtp.value.startTls
        const [leaf = certificate(MX1)] = facts.chain
        const chain = [leaf, certificate('R11', { spkiSha256: sha256('issuer') })]
        return {
          ...session,
          smtp: { ...smtp, value: { ...smtp.value, startTls: established({ ...facts, chain }) } },
        }
      }),
    }))
  const signedMx = {
    ...mxRecords(MX1),
    value: { ...secured(mxRecords(MX1).value.records).value, cnames: ['final.example' as DomainName] },
  }

  it.each([
    [MX1, true, true],
    ['example.com', true, false],
    ['final.example', true, false],
    ['other.example', false, false],
  ])('%s: with a signed MX record %s, else %s', (name, signed, unsigned) => {
    const whole = issuer(withTlsa(secured([ANCHOR]), named(name)))
    const passes = (snapshot: Snapshot) => findingOf('dane.tlsa.name-mismatch', snapshot) === undefined
    expect([passes({ ...whole, mx: signedMx }), passes({ ...whole, mx: mxRecords(MX1) })]).toEqual([
      signed,
      unsigned,
    ])
  })
})

describe('the outcome of a host in one line', () => {
  const line = (snapshot: Snapshot, edit: Edit = {}) =>
    daneOutcomes(gatherFacts(snapshot, watched(edit.domain), context(edit.context))).map(
      ({ verdict, detail }) => `${verdict}: ${detail}`,
    )

  it.each<[string, Snapshot, string]>([
    ['a match', withTlsa(secured([RIGHT])), `authenticated: ${RIGHT.slice(0, 22)}… at _25._tcp.${MX1}`],
    [
      'a match behind an MX record that is not signed',
      withTlsa(secured([RIGHT]), undefined, { mx: mxRecords(MX1) }),
      `authenticated: ${RIGHT.slice(0, 22)}… at _25._tcp.${MX1}; the MX record is not signed, so mail can be led to another host`,
    ],
    ['a mismatch', withTlsa(secured([WRONG])), 'refused: 192.0.2.25: no TLSA record names the certificate'],
    [
      'no TLS',
      edited(withTlsa(secured([RIGHT])), () => ({
        sessions: [sessionAt('192.0.2.25', { outcome: 'not-offered' })],
      })),
      'refused: 192.0.2.25: no TLS',
    ],
    ['nothing usable', withTlsa(secured(['3 1 1 ab'])), 'tls-only: no TLSA record is usable'],
    ['no records', withTlsa({ ...absent(), security: 'secure' }), 'not-used: no TLSA records'],
    ['no DNSSEC', withTlsa(answer([RIGHT])), 'not-used: the TLSA records are not protected by DNSSEC'],
    [
      'a broken question',
      withTlsa(failed('dns-servfail')),
      'unreachable: the TLSA records cannot be had: dns-servfail in the test',
    ],
    ['trouble of our own', withTlsa(failed('deadline')), 'undecided: deadline in the test'],
  ])('%s', (_, snapshot, expected) => {
    expect(line(snapshot)).toEqual([expected])
  })

  it('is open while the resolver may not validate', () => {
    expect(line(unvalidated(withTlsa(absent())), UNPROVEN)).toEqual([
      'undecided: the resolver does not show that it validates DNSSEC: DANE cannot be judged',
    ])
  })

  it('is left out where nobody wants to hear of DANE', () => {
    expect(line(withTlsa(secured([WRONG])), { domain: { dane: 'ignore' } })).toEqual([])
  })
})

describe('certificates in the eyes of DANE', () => {
  const ended = { ...tls(MX1, { notAfterAt: NOW - DAY_MS }, 'CERT_HAS_EXPIRED') }
  const standing = (snapshot: Snapshot, domain: Partial<WatchedDomain> = {}) =>
    findingOf('mx.certificate.expired', snapshot, { domain })?.evidence.dane

  it.each<[string, readonly string[], ReturnType<typeof standing>]>([
    ['a record of its key', [`3 1 1 spki of ${MX1}`], 'by-key'],
    ['a record of another', [WRONG], 'refused'],
    ['no usable record', ['1 1 1 ab'], 'any'],
  ])('%s', (_, records, expected) => {
    const known = records.map((text) => text.replace(`spki of ${MX1}`, sha256('key of leaf')))
    const [leaf = certificate(MX1), ...rest] = ended.chain
    const facts = { ...ended, chain: [{ ...leaf, spkiSha256: sha256('key of leaf') }, ...rest] }
    expect(standing(withTlsa(secured(known), facts))).toBe(expected)
    expect(standing(withTlsa(secured(known), facts), { dane: 'ignore' })).toBe(null)
    expect(standing(withTlsa(answer(known), facts))).toBe(null)
  })
})
