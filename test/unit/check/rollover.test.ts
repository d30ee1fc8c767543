import { describe, expect, it } from 'vitest'
import { rolloverLine } from '../../../src/announce/rollover-words.ts'
import { judgeLook } from '../../../src/check/judge.ts'
import { rolloverOf } from '../../../src/check/rollover.ts'
import { rolloverNews } from '../../../src/check/rollover-news.ts'
import { recordsOfOthers, vouchForStaged } from '../../../src/check/staged-match.ts'
import { DAY_MS, HOUR_MS } from '../../../src/lib/time.ts'
import type { FindingCode } from '../../../src/model/finding.ts'
import type { HostHistory } from '../../../src/model/rollover.ts'
import type { StagedCertificate, TlsaData } from '../../../src/model/staged-key.ts'
import {
  found,
  lookAt,
  NEW,
  NEW_RECORD,
  OLD,
  OLD_RECORD,
  presenting,
  rolloverFacts,
  STAGED,
  seenKeys,
  seenSets,
  TTL_MS,
  tlsaAnswer,
} from './rollover-builder.ts'
import {
  certificate,
  context,
  EXAMPLE,
  failed,
  fault,
  MX1,
  mxHost,
  NOW,
  watched,
} from './snapshot-builder.ts'
import { server as nameServer, TLSA_NAME, zone } from './zone-builder.ts'

const BOTH = [OLD_RECORD, NEW_RECORD]
const NOBODY: HostHistory['keys'] = new Map()
/** The old record for a month, the staged one beside it since so many hours. */
const staged = (hoursAgo: number, keys = NOBODY): HostHistory => ({
  tlsa: seenSets([720, [OLD_RECORD]], [hoursAgo, BOTH]),
  keys,
})
/** Both addresses with the new key since so many hours. */
const installed = (hoursAgo: number) => staged(100, seenKeys([720, OLD], [hoursAgo, NEW]))

const stateOf = (...args: Parameters<typeof rolloverFacts>) => rolloverOf(rolloverFacts(...args)).state

describe('how far a change of keys has come', () => {
  it('missing', () => {
    expect(stateOf(presenting([OLD_RECORD], OLD, OLD))).toEqual({ name: 'missing' })
  })

  it('published at some servers', () => {
    const server = (name: string, records: readonly string[] | null) => ({
      server: name,
      records,
      ttlSeconds: 3_600,
    })
    const servers = [
      server('ns1.example.net', BOTH),
      server('ns2.example.net', [OLD_RECORD]),
      server('ns3', null),
    ]
    expect(stateOf(presenting(BOTH, OLD, OLD), { history: staged(100), servers })).toEqual({
      name: 'published-at-some',
      lacking: ['ns2.example.net'],
      of: 3,
    })
  })

  it('spreading until twice the TTL has passed, to the millisecond', () => {
    const spreading = stateOf(presenting(BOTH, OLD, OLD), { history: staged(1) })
    const safeAt = NOW - HOUR_MS + 2 * TTL_MS
    expect(spreading).toEqual({
      name: 'spreading',
      since: { at: NOW - HOUR_MS, isExact: true },
      ttlSeconds: 3_600,
      safeAt,
    })
    const at = (now: number) => stateOf(presenting(BOTH, OLD, OLD), { history: staged(1), now }).name
    expect([at(safeAt - 1), at(safeAt), at(safeAt + 1)]).toEqual([
      'spreading',
      'safe-to-install',
      'safe-to-install',
    ])
  })

  it('counts the TTL of the set that was replaced, and of servers, when these are longer', () => {
    const [before, after] = seenSets([720, [OLD_RECORD]], [1, BOTH])
    const longer = { ...before, value: { records: [OLD_RECORD], ttlSeconds: 86_400 } }
    const history = { tlsa: [longer, after], keys: NOBODY } as HostHistory
    expect(stateOf(presenting(BOTH, OLD, OLD), { history })).toMatchObject({ ttlSeconds: 86_400 })
    const servers = [{ server: 'ns1', records: BOTH, ttlSeconds: 7_200 }]
    expect(stateOf(presenting(BOTH, OLD, OLD), { history: staged(1), servers })).toMatchObject({
      ttlSeconds: 7_200,
    })
  })

  it('installing, while an address presents the old key or cannot be looked at', () => {
    expect(stateOf(presenting(BOTH, NEW, OLD), { history: staged(9) }).name).toBe('installing')
    expect(stateOf(presenting(BOTH, NEW, null), { history: staged(9) }).name).toBe('installing')
  })

  it('installed, and the old record may go twice the TTL after the last address', () => {
    const oldMayGoAt = NOW + HOUR_MS
    expect(stateOf(presenting(BOTH, NEW, NEW), { history: installed(1) })).toEqual({
      name: 'installed',
      since: NOW - HOUR_MS,
      oldMayGoAt,
    })
    const at = (now: number) => stateOf(presenting(BOTH, NEW, NEW), { history: installed(1), now }).name
    expect([at(oldMayGoAt - 1), at(oldMayGoAt), at(oldMayGoAt + 1)]).toEqual([
      'installed',
      'old-may-go',
      'old-may-go',
    ])
  })

  it('leaves out an address that this machine has no route to', () => {
    const host = presenting(BOTH, NEW, null)
    const [first, second] = host.sessions
    const unrouted = { ...second, smtp: failed('no-route') }
    const sessions = [first, unrouted] as typeof host.sessions
    expect(stateOf({ ...host, sessions }, { history: installed(9) }).name).toBe('old-may-go')
    expect(stateOf({ ...host, sessions: [unrouted] as typeof sessions }, { history: staged(9) }).name).toBe(
      'safe-to-install',
    )
  })

  it('done when no record of another key is left', () => {
    expect(stateOf(presenting([NEW_RECORD], NEW, NEW), { history: installed(9) })).toEqual({ name: 'done' })
    const replaced = { tlsa: seenSets([720, [OLD_RECORD]], [1, [NEW_RECORD]]), keys: NOBODY }
    expect(stateOf(presenting([NEW_RECORD], NEW, NEW), { history: replaced }).name).toBe('spreading')
    expect(stateOf(presenting([NEW_RECORD, `2 1 1 ${'c'.repeat(64)}`], NEW, NEW)).name).toBe('done')
  })

  it('is not known when it could not be looked at, and nothing without DNSSEC', () => {
    expect(stateOf({ ...presenting(BOTH, OLD), tlsa: failed('dns-servfail') })).toEqual({
      name: 'unknown',
      because: fault('dns-servfail'),
    })
    expect(stateOf(mxHost(MX1, ['192.0.2.25'])).name).toBe('not-under-dane')
    expect(stateOf({ ...presenting(BOTH, OLD), tlsa: tlsaAnswer(BOTH, 'insecure') }).name).toBe(
      'not-under-dane',
    )
  })

  it('is told in one line each', () => {
    const line = (...args: Parameters<typeof rolloverFacts>) =>
      rolloverLine(rolloverOf(rolloverFacts(...args)), { timezone: 'UTC', now: NOW })
    expect(line(presenting([OLD_RECORD], OLD))).toBe(
      `next key certs/next.pem: missing; publish _25._tcp.mx1.example.com. IN TLSA ${NEW_RECORD}`,
    )
    expect(line(presenting(BOTH, OLD, OLD), { history: staged(1) })).toBe(
      'next key certs/next.pem: published everywhere, seen since 13:05 UTC; safe to install after 15:05 UTC (2 × TTL 3600 s)',
    )
    expect(line(presenting(BOTH, OLD, OLD), { history: { tlsa: seenSets([1, BOTH]), keys: NOBODY } })).toBe(
      'next key certs/next.pem: published everywhere, at the latest since 13:05 UTC; safe to install after 15:05 UTC at the latest (2 × TTL 3600 s)',
    )
    expect(line(presenting(BOTH, NEW, NEW), { history: installed(1) })).toBe(
      'next key certs/next.pem: installed everywhere; the old record may go after 15:05 UTC',
    )
    expect(line(presenting(BOTH, NEW, NEW), { history: installed(9) })).toBe(
      `next key certs/next.pem: installed everywhere; remove the old record now: ${OLD_RECORD}`,
    )
  })
})

describe('a step out of order', () => {
  const codes = (...args: Parameters<typeof found>) =>
    found(...args).map(({ severity, code, subject }) => `${severity} ${code} ${subject}`)
  const TOO_EARLY = `critical dane.rollover.too-early ${MX1}`

  it('is the new key without its record', () => {
    expect(codes(presenting([OLD_RECORD], NEW, NEW), {})).toEqual([TOO_EARLY])
    expect(codes(presenting([OLD_RECORD], NEW, OLD), {})).toEqual([TOO_EARLY.replace('critical', 'warning')])
  })

  it('is the new key while resolvers hold the set of before: critical for one TTL, a warning for the margin', () => {
    const at = (now: number) => codes(presenting(BOTH, NEW, NEW), { history: staged(0.5), now })
    const publishedAt = NOW - HOUR_MS / 2
    expect(at(publishedAt + TTL_MS - 1)).toEqual([TOO_EARLY])
    expect(at(publishedAt + TTL_MS)).toEqual([TOO_EARLY.replace('critical', 'warning')])
    expect(at(publishedAt + 2 * TTL_MS - 1)).toEqual([TOO_EARLY.replace('critical', 'warning')])
    expect(at(publishedAt + 2 * TTL_MS)).toEqual([])
    const [told] = found(presenting(BOTH, NEW, NEW), { history: staged(0.5) })
    expect(told?.evidence).toMatchObject({ why: 'cached', publishedAt, refusedUntil: publishedAt + TTL_MS })
  })

  it('is none where the record was there at our first look, or the set of before vouched for the chain', () => {
    const first = { tlsa: seenSets([0.5, BOTH]), keys: NOBODY }
    expect(codes(presenting(BOTH, NEW, NEW), { history: first })).toEqual([])
    expect(codes(presenting(BOTH, NEW, NEW), {})).toEqual([])
    const anchored = [`2 1 1 spki of R11`.replace('spki of R11', 'c'.repeat(64))]
    const host = presenting([...anchored, NEW_RECORD], NEW)
    const [session] = host.sessions
    if (session?.smtp.outcome !== 'seen' || session.smtp.value.startTls.outcome !== 'established')
      return expect.fail()
    const facts = session.smtp.value.startTls.tls
    const chain = [...facts.chain.slice(0, 1), certificate('R11', { spkiSha256: 'c'.repeat(64) })]
    const startTls = { outcome: 'established', tls: { ...facts, chain } } as const
    const smtp = { ...session.smtp, value: { ...session.smtp.value, startTls } }
    const before = { tlsa: seenSets([720, anchored], [0.5, [...anchored, NEW_RECORD]]), keys: NOBODY }
    expect(codes({ ...host, sessions: [{ ...session, smtp }] }, { history: before })).toEqual([])
  })

  it('is the record of a key that is still presented gone', () => {
    const [told] = found(presenting([NEW_RECORD], OLD, OLD), { history: staged(9) })
    expect(told).toMatchObject({
      code: 'dane.rollover.old-record-gone-early',
      severity: 'critical',
      evidence: { record: `_25._tcp.${MX1}. IN TLSA ${OLD_RECORD}`, of: 2 },
    })
    expect(codes(presenting([NEW_RECORD], NEW, OLD), { history: staged(9) })).toEqual([
      `warning dane.rollover.old-record-gone-early ${MX1}`,
    ])
    expect(codes(presenting(BOTH, OLD, OLD), { history: staged(9) })).toEqual([])
  })

  it('is not told as a mismatch besides, unless the domain does not want to hear of it', () => {
    const rollovers = new Map([[MX1, { staged: STAGED, history: staged(9) }]])
    const judged = (ignore: readonly FindingCode[]) =>
      judgeLook(
        lookAt(presenting([OLD_RECORD], NEW, NEW)),
        watched({ ignore: new Set(ignore) }),
        context({ rollovers }),
      )
    const keysOf = (list: readonly { readonly code: string; readonly subject: string | null }[]) =>
      list.filter(({ code }) => /^dane\.(?:tlsa|rollover)\./.test(code)).map(({ code }) => code)
    const plain = judged([])
    expect(keysOf(plain.findings)).toEqual(['dane.rollover.too-early'])
    expect(keysOf(plain.undecided.filter(({ because }) => because.kind === 'moot'))).toEqual([
      'dane.tlsa.mismatch',
    ])
    expect(keysOf(judged(['dane.rollover.too-early']).findings)).toEqual(['dane.tlsa.mismatch'])
  })

  it('is a key that is installed while one authoritative server still lacks its record', () => {
    const says = (records: readonly string[]) => ({ records: { [`${TLSA_NAME} TLSA`]: records } })
    const zones = [
      zone([
        nameServer('ns1', ['192.0.2.53'], says(BOTH)),
        nameServer('ns2', ['198.51.100.53'], says([OLD_RECORD])),
        nameServer('ns3', ['203.0.113.53'], says(BOTH)),
      ]),
    ]
    const [early] = found(presenting(BOTH, NEW, NEW), { history: staged(200), zones })
    expect(early).toMatchObject({
      code: 'dane.rollover.too-early',
      evidence: { why: 'not-everywhere', lacking: ['ns2.example.com [198.51.100.53]'] },
    })
    expect(found(presenting(BOTH, NEW, NEW), { history: staged(200) })).toEqual([])
  })

  it('is a step that nobody takes for two weeks', () => {
    const why = (...args: Parameters<typeof found>) =>
      found(...args).map(({ evidence }) => 'why' in evidence && evidence.why)
    const waiting = (days: number) => ({ history: staged(24 * days) })
    expect(why(presenting(BOTH, OLD, OLD), waiting(13.99))).toEqual([])
    expect(why(presenting(BOTH, OLD, OLD), waiting(14))).toEqual(['not-installed'])
    expect(why(presenting(BOTH, NEW, OLD), waiting(15))).toEqual(['not-installed'])
    const left = (days: number) => ({
      history: { ...installed(24 * days), tlsa: seenSets([9_000, [OLD_RECORD]], [8_000, BOTH]) },
    })
    expect(why(presenting(BOTH, NEW, NEW), left(13.99))).toEqual([])
    expect(why(presenting(BOTH, NEW, NEW), left(14))).toEqual(['old-record'])
  })

  it('is a certificate that ends before it is installed', () => {
    const data: TlsaData = { exact: null, sha256: NEW, sha512: null }
    const ending = (days: number) => {
      const leaf: StagedCertificate = {
        whole: data,
        key: data,
        notBeforeAt: 0,
        notAfterAt: NOW + days * DAY_MS,
      }
      return { staged: { ...STAGED, chain: [leaf] }, history: staged(9) }
    }
    const codesAt = (days: number) => found(presenting(BOTH, OLD), ending(days)).map(({ code }) => code)
    expect(codesAt(8)).toEqual([])
    expect(codesAt(7)).toEqual(['dane.rollover.stalled'])
    expect(codesAt(-1)).toEqual(['dane.rollover.stalled'])
    expect(found(presenting(BOTH, NEW), ending(5))).toEqual([])
  })

  it('is undecided where nothing could be looked at, and nothing where nobody asks', () => {
    const rollovers = new Map([[MX1, { staged: STAGED, history: staged(9) }]])
    const blind = { ...presenting(BOTH, OLD), tlsa: failed('dns-servfail') }
    const judged = judgeLook(lookAt(blind), watched(), context({ rollovers }))
    const open = judged.undecided.filter(({ code }) => code.startsWith('dane.rollover'))
    expect(open.map(({ subject }) => subject)).toEqual([MX1, MX1, MX1])
    const ignoring = judgeLook(lookAt(blind), watched({ dane: 'ignore' }), context({ rollovers }))
    expect(ignoring.undecided.filter(({ code }) => code.startsWith('dane.rollover'))).toEqual([])
  })
})

describe('good news', () => {
  const news = (...args: Parameters<typeof rolloverFacts>) =>
    rolloverNews(EXAMPLE, [rolloverFacts(...args)], [])
  const summaries = (...args: Parameters<typeof rolloverFacts>) => news(...args).map(({ summary }) => summary)

  it('is told when a step becomes safe, once, and not when it is long past', () => {
    const [change, ...others] = news(presenting(BOTH, OLD, OLD), { history: staged(2) })
    expect(others).toEqual([])
    expect(change).toMatchObject({
      part: 'tlsa',
      subject: MX1,
      notable: true,
      summary: `TLSA rollover of ${MX1}: the new key (${NEW.slice(0, 16)}…) may be installed now`,
    })
    const facts = rolloverFacts(presenting(BOTH, OLD, OLD), { history: staged(3) })
    expect(rolloverNews(EXAMPLE, [facts], change === undefined ? [] : [change])).toEqual([])
    expect(summaries(presenting(BOTH, OLD, OLD), { history: staged(1.99) })).toEqual([])
    expect(summaries(presenting(BOTH, OLD, OLD), { history: staged(2 + 7 * 24) })).toHaveLength(1)
    expect(summaries(presenting(BOTH, OLD, OLD), { history: staged(2.01 + 7 * 24) })).toEqual([])
  })

  it('is none about what was so before we looked', () => {
    expect(
      summaries(presenting(BOTH, OLD), { history: { tlsa: seenSets([3, BOTH]), keys: NOBODY } }),
    ).toEqual([])
    expect(summaries(presenting([NEW_RECORD], NEW), {})).toEqual([])
  })

  it('tells when the old record may go, and the end', () => {
    expect(summaries(presenting(BOTH, NEW, NEW), { history: installed(2) })[0]).toContain(
      'may be removed now',
    )
    expect(summaries(presenting([NEW_RECORD], NEW, NEW), { history: installed(9) })[0]).toContain(': done;')
  })
})

describe('what vouches for a staged key', () => {
  const hex = (digit: string, length: number) => digit.repeat(length)
  const data = (digit: string): TlsaData => ({
    exact: hex(digit, 10),
    sha256: hex(digit, 64),
    sha512: hex(digit, 128),
  })
  const link = (whole: string, key: string): StagedCertificate => ({
    whole: data(whole),
    key: data(key),
    notBeforeAt: 0,
    notAfterAt: NOW,
  })
  const chained = { ...STAGED, key: data('1'), chain: [link('2', '1'), link('4', '3'), link('6', '5')] }

  it.each([
    [`3 1 0 ${hex('1', 10)}`, true],
    [`3 1 1 ${hex('1', 64)}`, true],
    [`3 1 2 ${hex('1', 128)}`, true],
    [`3 0 1 ${hex('2', 64)}`, true],
    [`3 0 1 ${hex('1', 64)}`, false],
    [`3 1 1 ${hex('3', 64)}`, false],
    [`2 1 1 ${hex('3', 64)}`, true],
    [`2 0 2 ${hex('6', 128)}`, true],
    [`2 1 1 ${hex('1', 64)}`, false],
    [`1 1 1 ${hex('1', 64)}`, false],
    [`3 2 1 ${hex('1', 64)}`, false],
    [`3 1 3 ${hex('1', 64)}`, false],
    [`3 1 1 ${hex('1', 62)}`, false],
    ['3 1 1', false],
    ['nonsense', false],
  ])('%s: %s', (record, vouches) => {
    expect(vouchForStaged([record], chained)).toBe(vouches)
  })

  it('is no weaker digest beside a stronger one: senders leave it out (RFC 7671 §9)', () => {
    const weak = `3 1 1 ${hex('1', 64)}`
    expect(vouchForStaged([weak, `3 1 2 ${hex('9', 128)}`], chained)).toBe(false)
    expect(vouchForStaged([weak, `2 1 2 ${hex('9', 128)}`], chained)).toBe(true)
  })

  it('cannot be a whole certificate where only the key is known', () => {
    expect(vouchForStaged([`3 0 1 ${NEW}`], STAGED)).toBe(false)
  })

  it('leaves behind the records of other keys, not those of authorities', () => {
    const authority = `2 1 1 ${hex('3', 64)}`
    expect(recordsOfOthers([OLD_RECORD, NEW_RECORD, authority, 'nonsense'], STAGED)).toEqual([OLD_RECORD])
  })
})
