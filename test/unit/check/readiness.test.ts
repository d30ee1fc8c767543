import { describe, expect, it } from 'vitest'
import { describeReadiness } from '../../../src/announce/readiness-words.ts'
import { judge } from '../../../src/check/judge.ts'
import { readiness } from '../../../src/check/readiness.ts'
import type { Readiness } from '../../../src/model/readiness.ts'
import type { ReportedPolicy, ReportWindow } from '../../../src/model/report-window.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { POISON } from '../lib/poison.ts'
import { daysAgo, GOOGLE, MICROSOFT, reportWindow, STRANGER, said } from './report-builder.ts'
import {
  absent,
  context,
  failed,
  healthy,
  MX1,
  MX2,
  mxHost,
  NOW,
  policyBody,
  serving,
  watched,
} from './snapshot-builder.ts'

const TESTING = serving(policyBody({ mode: 'testing' }))
const CONTEXT = { timezone: 'UTC', now: NOW }

function daily(days: number, edit: Parameters<typeof said>[0] = {}, from = 1): readonly ReportedPolicy[] {
  return Array.from({ length: days }, (_, n) => said({ dayAt: daysAgo(n + from), ...edit }))
}

function ask(
  policies: readonly ReportedPolicy[],
  snapshot: Snapshot = TESTING,
  window: Partial<ReportWindow> = {},
): Readiness {
  const known = context({ reports: reportWindow(policies, window) })
  const judgement = judge(snapshot, watched(), known)
  return readiness(snapshot, watched(), { ...known, judgement }, 30)
}

describe('is it time for mode enforce', () => {
  it.each<[string, readonly ReportedPolicy[], Snapshot, Readiness['verdict']]>([
    ['a week of reports of 100 sessions', daily(7, { of: 15 }), TESTING, 'ready'],
    ['six days', daily(6), TESTING, 'too-little-data'],
    [
      '99 sessions of one sender',
      [...daily(6, { of: 14 }), said({ dayAt: daysAgo(7), of: 15 })],
      TESTING,
      'too-little-data',
    ],
    ['few sessions of two', [...daily(7, { of: 1 }), said({ reporter: MICROSOFT, of: 1 })], TESTING, 'ready'],
    ['nobody reports', [], TESTING, 'too-little-data'],
    ['only strangers report', daily(20, { reporter: STRANGER }), TESTING, 'too-little-data'],
    [
      'strangers claim failures',
      [...daily(7), ...daily(9, { reporter: STRANGER, failed: 999 })],
      TESTING,
      'ready',
    ],
    [
      'a failure of every thousandth session',
      [...daily(9), said({ failed: 10, reporter: MICROSOFT })],
      TESTING,
      'ready',
    ],
    ['a few more', [...daily(9), said({ failed: 11, reporter: MICROSOFT })], TESTING, 'not-ready'],
    [
      'many, but mended: two clean days',
      [
        ...daily(9, {}),
        ...daily(1, { failed: 500, reporter: MICROSOFT }, 3),
        ...daily(2, { reporter: MICROSOFT }),
      ],
      TESTING,
      'ready',
    ],
    [
      'DANE failures, which refuse already',
      daily(9, { failed: 500, resultType: 'tlsa-invalid', policyType: 'tlsa' }),
      TESTING,
      'ready',
    ],
    [
      'policies that cannot be fetched, which refuse nobody',
      daily(9, { failed: 500, resultType: 'sts-policy-fetch-error', mx: null }),
      TESTING,
      'ready',
    ],
    [
      'an MX host that the policy does not list',
      daily(9),
      serving(policyBody({ mode: 'testing', mx: [MX1] })),
      'not-ready',
    ],
    [
      'no policy at all',
      daily(9),
      healthy({
        stsRecord: absent(),
        policyHost: { ...healthy().policyHost, fetches: [], addresses: absent() },
      }),
      'not-ready',
    ],
    ['mode none', daily(9), serving(policyBody({ mode: 'none', mx: [] })), 'not-ready'],
    [
      'a host that cannot be looked at',
      daily(9),
      {
        ...TESTING,
        hosts: [mxHost(MX1, ['192.0.2.25']), mxHost(MX2, [], { addresses: failed('dns-timeout') })],
      },
      'too-little-data',
    ],
    ['enforce already', daily(2), healthy(), 'already-enforced'],
  ])('%s: %s', (_, policies, snapshot, verdict) => {
    expect(ask(policies, snapshot).verdict).toBe(verdict)
  })

  it('tells of each failure whether its cause is mended and what enforce would do', () => {
    const told = ask([
      ...daily(8),
      said({ reporter: MICROSOFT, failed: 30, dayAt: daysAgo(9), mx: 'gone.example.com' }),
      said({ reporter: MICROSOFT, failed: 20, resultType: 'validation-failure' }),
      said({ reporter: STRANGER, failed: 5, resultType: 'starttls-not-supported' }),
      said({ failed: 4, dayAt: daysAgo(4), resultType: 'tlsa-invalid', policyType: 'tlsa' }),
    ])
    const rows = told.failures.map((one) => [
      one.mx,
      one.resultType,
      one.sessions,
      one.mended,
      one.refused,
      one.isUnproven,
    ])
    expect(rows).toEqual([
      ['gone.example.com', 'certificate-expired', 30, 'mended', 'by-enforce', false],
      [MX2, 'validation-failure', 20, 'not-reproduced', 'by-enforce', false],
      [MX2, 'starttls-not-supported', 5, 'not-reproduced', 'by-enforce', true],
      [MX2, 'tlsa-invalid', 4, 'mended', 'already', false],
    ])
    expect(told).toMatchObject({
      daysWithReports: 9,
      sessions: 10_000,
      reporters: [MICROSOFT, GOOGLE],
      refusedPerDay: 50 / 9,
      mxNamed: [MX2],
      mxNeverNamed: [MX1],
    })
  })

  it('looks back no further than it is asked to', () => {
    const policies = [...daily(3), said({ failed: 900, dayAt: daysAgo(31) })]
    expect(ask(policies)).toMatchObject({ daysWithReports: 3, failures: [] })
    expect(ask([said({ failed: 900, dayAt: daysAgo(30) })])).toMatchObject({ daysWithReports: 1 })
  })
})

describe('readiness in words', () => {
  it('gives the whole file and the record to publish', () => {
    const { title, basis, next } = describeReadiness(ask(daily(9)), CONTEXT)
    expect(title).toBe('example.com is ready for mode enforce')
    expect(basis).toEqual([
      'Since 2026-10-24: reports on 9 days from google.com, 9000 sessions.',
      'Mode enforce would refuse no session.',
      'Never named, so without a reported failure: mx1.example.com, mx2.example.com.',
    ])
    expect(next.filter(({ kind }) => kind === 'code').map(({ text }) => text)).toEqual([
      'version: STSv1',
      'mode: enforce',
      `mx: ${MX1}`,
      `mx: ${MX2}`,
      'max_age: 1209600',
      '_mta-sts.example.com. TXT "v=STSv1; id=20261123T140500Z"',
    ])
  })

  it('says what stands in the way, and how to remove it', () => {
    const uncovered = serving(policyBody({ mode: 'testing', mx: [MX1] }))
    const { title, next } = describeReadiness(ask(daily(9), uncovered), CONTEXT)
    expect(title).toBe('example.com is not ready for mode enforce')
    expect(next.map(({ text }) => text)).toContain(`mx: ${MX2}`)
  })

  it('says how much is missing', () => {
    const { next } = describeReadiness(ask(daily(2)), CONTEXT)
    expect(next[0]?.text).toBe(
      'It takes 7 days with reports, and 2 reporters or 100 sessions. There are 2 days, 1 reporter and 2000 sessions. Stay in mode testing and ask again later.',
    )
  })

  it('says what mode enforce costs', () => {
    const costs = ask(
      [...daily(9), said({ reporter: MICROSOFT, failed: 90, resultType: 'validation-failure' })],
      healthy(),
    )
    const { title, rows } = describeReadiness(costs, CONTEXT)
    expect(title).toBe('example.com is in mode enforce, which refuses 10 sessions a day')
    expect(rows).toEqual([
      [
        MX2,
        'validation-failure',
        '90',
        'microsoft.com',
        '2026-11-22',
        'not seen by us, no later report',
        'refused',
      ],
    ])
    expect(describeReadiness(ask(daily(9), healthy()), CONTEXT).next).toEqual([
      { kind: 'text', text: 'Nothing is to be done.' },
    ])
  })

  it('lets nothing hostile through', () => {
    const hostile = daily(9, {
      failed: 50,
      resultType: `x${POISON}`,
      mx: null,
      reporter: `a${POISON}` as DomainName,
    })
    const texts = describeReadiness(ask(hostile), CONTEXT)
    for (const line of [
      texts.title,
      ...texts.basis,
      ...texts.rows.flat(),
      ...texts.next.map(({ text }) => text),
    ]) {
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }
    expect(texts.rows).toHaveLength(1)
  })
})
