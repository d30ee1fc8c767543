import { describe, expect, test } from 'vitest'
import { type CanarySight, canaryFate, judgeCanaries } from '../../../src/check/canary.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { Canary, CanaryArrival } from '../../../src/model/canary.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'

const NOW = Date.UTC(2026, 10, 23, 12)
const SENT = NOW - 5 * HOUR_MS
const RUA = 'mailto:tls@a.example'
const LIMITS = { slowAfterMs: HOUR_MS, missingAfterMs: 4 * HOUR_MS }
const SIGHT: CanarySight = { readAt: NOW, hasUnjudgedMail: false, isHeld: false }
const ADDRESS = { rua: RUA, domains: ['a.example' as DomainName] }

function canary(parts: Partial<Canary> = {}): Canary {
  return {
    rua: RUA,
    reportId: 'canary.1@ops.example',
    slotAt: SENT,
    state: 'sent',
    attempts: 1,
    firstTriedAt: SENT,
    settledAt: SENT,
    note: 'mx.a.example: 250 queued',
    arrival: null,
    ...parts,
  }
}

function arrived(afterMs: number, trust: 'verified' | 'border' | 'unverified' = 'verified'): CanaryArrival {
  const signer = 'ops.example' as DomainName
  const authenticity =
    trust === 'verified'
      ? ({ trust, signer, selector: 'reports' } as const)
      : trust === 'border'
        ? ({ trust, signer, authservId: 'mx.a.example' } as const)
        : ({ trust, claimed: signer, because: 'signature-broken', detail: 'the body was changed' } as const)
  return { at: SENT + afterMs, readAt: SENT + afterMs, authenticity }
}

describe('what became of a canary', () => {
  const waiting = { state: 'waiting', settledAt: null } as const
  test.each<[string, Partial<Canary>, Partial<CanarySight>, string]>([
    ['it came within a minute', { arrival: arrived(MINUTE_MS) }, {}, 'arrived'],
    ['it came exactly at the limit', { arrival: arrived(HOUR_MS) }, {}, 'arrived'],
    ['it came a moment later', { arrival: arrived(HOUR_MS + 1) }, {}, 'slow'],
    ['our own border vouches for it', { arrival: arrived(1, 'border') }, {}, 'arrived'],
    ['its signature was broken on the way', { arrival: arrived(1, 'unverified') }, {}, 'unverified'],
    ['the mailbox dates it before it was sent', { arrival: arrived(-HOUR_MS) }, {}, 'arrived'],
    ['it came although nobody heard that it was taken', { ...waiting, arrival: arrived(1) }, {}, 'arrived'],
    ['four hours are over and the mailbox was read', {}, {}, 'missing'],
    ['the mailbox was read just before', {}, { readAt: SENT + 4 * HOUR_MS - 1 }, 'unknown'],
    ['the mailbox was not read since the start', {}, { readAt: null }, 'unknown'],
    ['a mail in the mailbox waits for its key', {}, { hasUnjudgedMail: true }, 'unknown'],
    ['it was sent three hours ago', { settledAt: NOW - 3 * HOUR_MS }, {}, 'under-way'],
    ['it was refused', { state: 'given-up' }, {}, 'undelivered'],
    ['it was not tried yet', { ...waiting, firstTriedAt: null, attempts: 0 }, {}, 'under-way'],
    ['nobody takes it for five hours', waiting, {}, 'undelivered'],
    ['nobody takes it for an hour', { ...waiting, firstTriedAt: NOW - HOUR_MS }, {}, 'under-way'],
    ['it is held back for a fault of ours', { ...waiting }, { isHeld: true }, 'unknown'],
    ['it was given up while it was held back', { state: 'given-up' }, { isHeld: true }, 'unknown'],
    ['an endpoint took it', { rua: 'https://a.example/tls' }, { readAt: null }, 'arrived'],
    ['an endpoint refused it', { rua: 'HTTPS://a.example/tls', state: 'given-up' }, {}, 'undelivered'],
  ])('%s', (_, parts, sight, fate) => {
    expect(canaryFate(canary(parts), LIMITS, { ...SIGHT, ...sight }, NOW)).toBe(fate)
  })
})

describe('what follows', () => {
  const judge = (canaries: readonly Canary[], sight: Partial<CanarySight> = {}, addresses = [ADDRESS]) =>
    judgeCanaries({ addresses, canaries, limits: LIMITS, sight: { ...SIGHT, ...sight } }, NOW)
  const codes = (judged: ReturnType<typeof judge>) =>
    judged.map((one) => `${'severity' in one ? one.severity : 'undecided'} ${one.code} ${one.subject}`)

  test('nothing, as long as they arrive', () => {
    expect(judge([canary({ arrival: arrived(MINUTE_MS) })])).toEqual([])
  })

  test('the newest of which anything is known decides; one that is under way changes nothing', () => {
    const underWay = canary({ slotAt: NOW, settledAt: NOW, firstTriedAt: NOW })
    const lost = canary()
    const fine = canary({ slotAt: SENT - DAY_MS, arrival: arrived(MINUTE_MS - DAY_MS) })
    expect(codes(judge([underWay, lost, fine]))).toEqual([`warning monitor.canary.missing ${RUA}`])
    expect(codes(judge([underWay, fine, lost]))).toEqual([])
  })

  test('a missing one says who took it, when, under which id, and when the last one arrived', () => {
    const fine = canary({ arrival: { ...arrived(0), at: SENT - DAY_MS } })
    expect(judge([canary(), fine])).toMatchObject([
      {
        code: 'monitor.canary.missing',
        evidence: {
          rua: RUA,
          domains: ['a.example'],
          hop: 'mx.a.example: 250 queued',
          sentAt: SENT,
          reportId: 'canary.1@ops.example',
          limitMs: 4 * HOUR_MS,
          lastArrivedAt: SENT - DAY_MS,
        },
      },
    ])
    expect(judge([canary()])).toMatchObject([{ evidence: { lastArrivedAt: null } }])
  })

  test('each trouble has its own code', () => {
    expect(codes(judge([canary({ state: 'given-up' })]))).toEqual([
      `warning monitor.canary.undelivered ${RUA}`,
    ])
    expect(codes(judge([canary({ arrival: arrived(2 * HOUR_MS) })]))).toEqual([
      `info monitor.canary.slow ${RUA}`,
    ])
    const [broken] = judge([canary({ arrival: arrived(1, 'unverified') })])
    expect(broken).toMatchObject({
      code: 'monitor.canary.unverified',
      evidence: { because: 'signature-broken', detail: 'the body was changed' },
    })
  })

  test('what is not known yet neither opens nor resolves anything, for each address by itself', () => {
    const other = { rua: 'mailto:b@a.example', domains: ADDRESS.domains }
    const judged = judge([canary({ arrival: arrived(1) })], {}, [ADDRESS, other])
    expect(codes(judged)).toEqual(
      ['undelivered', 'missing', 'unverified', 'slow'].map(
        (trouble) => `undecided monitor.canary.${trouble} ${other.rua}`,
      ),
    )
  })

  test('what could not be looked for is not decided by an older one that arrived', () => {
    const fine = canary({ slotAt: SENT - DAY_MS, arrival: arrived(MINUTE_MS - DAY_MS) })
    for (const sight of [{ readAt: null }, { hasUnjudgedMail: true }]) {
      expect(codes(judge([canary(), fine], sight))).toContain(`undecided monitor.canary.missing ${RUA}`)
    }
    const refused = canary({ state: 'given-up' })
    expect(codes(judge([refused, fine], { isHeld: true }))).toHaveLength(4)
  })

  test('an address that is no longer ours is not spoken of', () => {
    expect(judge([canary()], {}, [])).toEqual([])
  })
})
