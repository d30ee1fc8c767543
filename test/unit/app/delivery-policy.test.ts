import { describe, expect, test } from 'vitest'
import { weeklySummary } from '../../../src/announce/weekly-summary.ts'
import { backoffMs, type DeliveryRules, settle, type Verdict } from '../../../src/app/delivery-policy.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/lib/time.ts'
import type { Severity } from '../../../src/model/finding.ts'
import type { ChannelId, Delivery } from '../../../src/model/notification.ts'
import type { ClaimedDelivery } from '../../../src/store/store.ts'
import { incident, notification, step, T0 } from '../notify/message-builder.ts'
import { quietInput } from '../notify/summary-kinds.ts'

const RULES: DeliveryRules = {
  channels: ['ops', 'postmaster', 'hook'] as ChannelId[],
  random: () => 0.5,
}
const RETRY: Delivery = { outcome: 'retry', afterMs: null, error: 'away' }

function claim(severity: Severity, overrides: Partial<ClaimedDelivery> = {}): ClaimedDelivery {
  return {
    notifications: [notification(step('opened'), { severity })],
    leaseToken: 'lease',
    attempt: 1,
    firstAttemptAt: T0,
    ambiguous: false,
    payload: null,
    threadReference: null,
    ...overrides,
  }
}

describe('the schedule of retries', () => {
  const SECONDS = [5, 15, 60, 300, 900, 1_800, 3_600, 3_600]
  test.each(SECONDS.map((seconds, index) => [index + 1, seconds] as const))(
    'after failure %i: %i s, and up to a fifth more or less',
    (attempt, seconds) => {
      expect(backoffMs(attempt, 0.5)).toBe(seconds * SECOND_MS)
      expect(backoffMs(attempt, 0)).toBe(seconds * SECOND_MS * 0.8)
      expect(backoffMs(attempt, 0.999_999)).toBeCloseTo(seconds * SECOND_MS * 1.2, -2)
    },
  )

  test.each([
    ['critical', 72],
    ['warning', 72],
    ['info', 24],
  ] as const)('%s: tried for %i hours, none after', (severity, hours) => {
    let now = T0
    let attempt = 1
    let verdict: Verdict
    for (;;) {
      verdict = settle(claim(severity, { attempt }), RETRY, now, RULES)
      if (verdict.settlement.state !== 'pending') break
      now = verdict.settlement.notBefore
      attempt++
    }
    expect(verdict.settlement.state).toBe('dead')
    expect(verdict.trouble?.code).toBe('expired')
    expect((now - T0) / HOUR_MS).toBeGreaterThanOrEqual(hours)
    expect((now - T0) / HOUR_MS).toBeLessThan(hours + 1.3)
  })
})

describe('an outcome becomes a settlement', () => {
  const cases: readonly (readonly [Delivery, Verdict['settlement']['state'], string | undefined])[] = [
    [{ outcome: 'delivered', reference: 'C/1' }, 'sent', undefined],
    [{ outcome: 'delivered-in-part', reference: '<m@x>', error: 'b refused' }, 'sent', 'recipient-refused'],
    [RETRY, 'pending', undefined],
    [{ outcome: 'ambiguous', error: 'no answer' }, 'ambiguous', undefined],
    [{ outcome: 'rejected', errorCode: 'is_archived', error: 'archived' }, 'dead', 'is_archived'],
  ]
  test.each(cases)('%o', (delivery, state, trouble) => {
    const verdict = settle(claim('critical'), delivery, T0, RULES)
    expect(verdict.settlement.state).toBe(state)
    expect(verdict.trouble?.code).toBe(trouble)
    expect(verdict.copies).toEqual([])
  })
})

describe('a critical message that is still undelivered after ten minutes', () => {
  test('is tried once more just then, and copied when that fails too', () => {
    const early = settle(claim('critical', { attempt: 4 }), RETRY, T0 + 8 * MINUTE_MS, RULES)
    expect(early).toMatchObject({
      settlement: { state: 'pending', notBefore: T0 + 10 * MINUTE_MS },
      copies: [],
      trouble: null,
    })
    const late = settle(claim('critical', { attempt: 5 }), RETRY, T0 + 10 * MINUTE_MS, RULES)
    expect(late.settlement.state).toBe('pending')
    expect(late.trouble).toEqual({ code: 'undelivered', error: 'away' })
    expect(late.copies).toMatchObject([
      {
        channel: 'postmaster',
        content: { kind: 'fallback', primary: 'ops', original: { reason: 'opened' } },
      },
    ])
  })

  test('is copied at once when Slack asks for a longer rest, which is kept', () => {
    const rest: Delivery = { outcome: 'retry', afterMs: 15 * MINUTE_MS, error: '429' }
    const verdict = settle(claim('critical'), rest, T0 + MINUTE_MS, RULES)
    expect(verdict.settlement).toMatchObject({ notBefore: T0 + 16 * MINUTE_MS })
    expect(verdict.copies).toHaveLength(1)
  })

  test('gets the same copy however often it is asked for', () => {
    const [first, second] = [11, 30].map(
      (minutes) => settle(claim('critical'), RETRY, T0 + minutes * MINUTE_MS, RULES).copies[0],
    )
    expect(first?.dedupeKey).toBe(second?.dedupeKey)
    expect(first?.dedupeKey).not.toBe(notification().dedupeKey)
  })

  test('is not copied when it is only a warning', () => {
    const verdict = settle(claim('warning', { attempt: 6 }), RETRY, T0 + HOUR_MS, RULES)
    expect(verdict).toMatchObject({ copies: [], trouble: null })
  })
})

describe('what a channel refuses for good goes to the next one', () => {
  const refused: Delivery = { outcome: 'rejected', errorCode: 'is_archived', error: 'archived' }
  const fallbackOf = (verdict: Verdict) =>
    verdict.settlement.state === 'dead' ? verdict.settlement.fallback : []

  test.each([
    ['ops', 'postmaster'],
    ['postmaster', 'hook'],
    ['hook', 'ops'],
  ])('%s → %s', (channel, next) => {
    const notifications = [notification(step('opened'), { channel: channel as ChannelId })]
    const copies = fallbackOf(settle(claim('info', { notifications }), refused, T0, RULES))
    expect(copies.map((copy) => copy.channel)).toEqual([next])
    expect(copies.map((copy) => copy.thread)).toEqual(notifications.map(({ thread }) => thread))
  })

  test('a copy goes on to the channel after, names the first one, and stops before it comes round', () => {
    const copyAt = (channel: string) =>
      notification(
        { kind: 'fallback', primary: 'ops' as ChannelId, original: step('opened') },
        { channel: channel as ChannelId },
      )
    const second = fallbackOf(
      settle(claim('critical', { notifications: [copyAt('postmaster')] }), refused, T0, RULES),
    )
    expect(second).toMatchObject([
      { channel: 'hook', content: { primary: 'ops', original: { kind: 'incident' } } },
    ])
    expect(
      fallbackOf(settle(claim('critical', { notifications: [copyAt('hook')] }), refused, T0, RULES)),
    ).toEqual([])
  })

  test('every step of a merged delivery is copied, in order', () => {
    const notifications = ['a', 'b'].map((dedupeKey) => notification(step('opened'), { dedupeKey }))
    const copies = fallbackOf(settle(claim('critical', { notifications }), refused, T0, RULES))
    expect(new Set(copies.map(({ id }) => id)).size).toBe(2)
  })

  test('nothing is copied when there is no other channel, or when it went to every channel anyway', () => {
    const alone = { ...RULES, channels: ['ops' as ChannelId] }
    expect(fallbackOf(settle(claim('critical'), refused, T0, alone))).toEqual([])
    const own = notification(step('opened', incident({ domain: null })))
    expect(fallbackOf(settle(claim('critical', { notifications: [own] }), refused, T0, RULES))).toEqual([])
  })
})

describe('a summary', () => {
  const content = { kind: 'summary', summary: weeklySummary(quietInput(['a.example'])) } as const
  const told = claim('info', { notifications: [notification(content, { severity: 'info' })] })

  test.each([
    [7 * DAY_MS - 1, 'pending'],
    [7 * DAY_MS, 'dead'],
  ])('is tried for a week: %i ms after it was made it is %s', (afterMs, state) => {
    expect(settle(told, RETRY, T0 + afterMs, RULES).settlement.state).toBe(state)
  })

  test('is for its own readers: no other channel gets a copy', () => {
    const rejected = settle(told, { outcome: 'rejected', errorCode: 'gone', error: 'gone' }, T0, RULES)
    expect(rejected.settlement).toEqual({ state: 'dead', error: 'gone', fallback: [] })
    expect(rejected.trouble?.code).toBe('gone')
  })
})
