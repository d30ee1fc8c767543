import { describe, expect, it } from 'vitest'
import { attributePolicies, type WatchedNames } from '../../../src/check/attribution.ts'
import { DAY_MS, HOUR_MS } from '../../../src/lib/time.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { PolicyResult, TlsReport } from '../../../src/protocol/tlsrpt/report.ts'
import { NO_HINTS } from '../../../src/protocol/tlsrpt/report-mail.ts'

const A = 'a.example' as DomainName
const B = 'b.example' as DomainName
const OWN_MX = 'mx.a.example' as DomainName
const SHARED_MX = 'mx.provider.example' as DomainName
const SELF = 'self.example' as DomainName
const OTHER = 'other.example' as DomainName
const DAY = Date.UTC(2026, 10, 22)
const ARRIVED = DAY + DAY_MS + 4 * HOUR_MS

const MX_USERS: Readonly<Record<string, readonly DomainName[]>> = {
  [OWN_MX]: [A],
  [SHARED_MX]: [A, B],
  [SELF]: [SELF],
}
const WATCHED: WatchedNames = {
  domains: new Set([A, B, SELF]),
  domainsWithMx: (host) => MX_USERS[host] ?? [],
}

function policy(policyType: string | null, policyDomain: DomainName | null): PolicyResult {
  return {
    policyType,
    policyDomain,
    policyString: [],
    mxHostPatterns: [],
    successfulSessions: 1,
    failedSessions: 0,
    failureDetails: [],
  }
}

function report(policies: readonly PolicyResult[], edit: Partial<TlsReport> = {}): TlsReport {
  return {
    organizationName: 'Sender',
    startAt: DAY,
    endAt: DAY + DAY_MS - 1_000,
    contactInfo: null,
    reportId: 'r1',
    policies,
    ...edit,
  }
}

describe('whom a policy concerns', () => {
  it.each<
    [string, PolicyResult, DomainName | null, { domain: DomainName | null; mx: DomainName | null } | null]
  >([
    ['sts of a watched domain', policy('sts', A), null, { domain: A, mx: null }],
    ['sts of another', policy('sts', OTHER), null, null],
    ['sts of a host', policy('sts', OWN_MX), null, null],
    ['no policy', policy('no-policy-found', B), null, { domain: B, mx: null }],
    ['nobody', policy('no-policy-found', null), null, null],
    ['a type of its own', policy('x', A), null, { domain: A, mx: null }],
    ['tlsa with the mail domain (Microsoft)', policy('tlsa', A), B, { domain: A, mx: null }],
    ['tlsa of a domain that is its own host', policy('tlsa', SELF), null, { domain: SELF, mx: SELF }],
    ['tlsa with a hint', policy('tlsa', SHARED_MX), B, { domain: B, mx: SHARED_MX }],
    ['tlsa with a hint and no name', policy('tlsa', null), B, { domain: B, mx: null }],
    ['tlsa with a hint to nobody watched', policy('tlsa', OWN_MX), OTHER, { domain: A, mx: OWN_MX }],
    ['tlsa of a host that one domain has', policy('tlsa', OWN_MX), null, { domain: A, mx: OWN_MX }],
    ['tlsa of a host that several have', policy('tlsa', SHARED_MX), null, { domain: null, mx: SHARED_MX }],
    ['tlsa of an unknown host', policy('tlsa', OTHER), null, null],
  ])('%s', (_, one, policyDomain, place) => {
    const read = attributePolicies(report([one]), { ...NO_HINTS, policyDomain }, WATCHED, ARRIVED)
    expect(read).toEqual(
      place === null
        ? { outcome: 'refused', reason: 'unknown-domain' }
        : {
            outcome: 'attributed',
            report: report([one]),
            attributions: [{ ...place, dayAt: DAY }],
            otherPolicies: 0,
          },
    )
  })

  it('keeps what concerns us of a mixed report, and counts the rest', () => {
    const mixed = report([
      policy('sts', OTHER),
      policy('sts', A),
      policy('tlsa', OTHER),
      policy('tlsa', SHARED_MX),
    ])
    expect(attributePolicies(mixed, NO_HINTS, WATCHED, ARRIVED)).toMatchObject({
      report: { policies: [{ policyDomain: A }, { policyDomain: SHARED_MX }] },
      attributions: [{ domain: A }, { domain: null }],
      otherPolicies: 2,
    })
  })
})

describe('the day and the range', () => {
  const read = (edit: Partial<TlsReport>, hints: Partial<typeof NO_HINTS> = {}, receivedAt = ARRIVED) => {
    const reading = attributePolicies(
      report([policy('sts', A)], edit),
      { ...NO_HINTS, ...hints },
      WATCHED,
      receivedAt,
    )
    return reading.outcome === 'refused' ? reading.reason : reading.attributions[0]?.dayAt
  }

  it.each<[string, Partial<TlsReport>, Partial<typeof NO_HINTS>, number | string]>([
    ['as sent', {}, {}, DAY],
    ['from midnight to midnight', { endAt: DAY + DAY_MS }, {}, DAY],
    ['begun in the evening', { startAt: DAY - HOUR_MS }, {}, DAY - DAY_MS],
    ['an end alone', { startAt: null, endAt: DAY + 5 }, {}, DAY],
    ['by the mail', { startAt: null, endAt: null }, { startAt: DAY - DAY_MS, endAt: DAY - 1 }, DAY - DAY_MS],
    ['the day before it arrived', { startAt: null, endAt: null }, {}, DAY],
    ['eight days', { startAt: DAY + DAY_MS - 8 * DAY_MS, endAt: DAY + DAY_MS }, {}, DAY - 7 * DAY_MS],
    ['a moment more', { startAt: DAY + DAY_MS - 8 * DAY_MS - 1, endAt: DAY + DAY_MS }, {}, 'range-too-long'],
    ['an end a day ahead', { startAt: ARRIVED, endAt: ARRIVED + DAY_MS }, {}, DAY + DAY_MS],
    ['a moment more', { startAt: ARRIVED, endAt: ARRIVED + DAY_MS + 1 }, {}, 'range-in-the-future'],
    [
      '400 days old',
      { startAt: ARRIVED - 400 * DAY_MS, endAt: ARRIVED - 399 * DAY_MS },
      {},
      DAY + DAY_MS - 400 * DAY_MS,
    ],
    [
      'a moment more',
      { startAt: ARRIVED - 400 * DAY_MS - 1, endAt: ARRIVED - 399 * DAY_MS - 1 },
      {},
      'range-too-old',
    ],
  ])('%s', (_, edit, hints, expected) => {
    expect(read(edit, hints)).toBe(expected)
  })

  it('never by the day of arrival', () => {
    expect(read({}, {}, ARRIVED + 24 * DAY_MS)).toBe(DAY)
  })
})
