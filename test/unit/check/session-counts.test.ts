import { expect, test } from 'vitest'
import { MAX_PLAUSIBLE_SESSIONS, sessionCounts } from '../../../src/check/session-counts.ts'
import type { ReportId } from '../../../src/model/received-report.ts'
import type { ReportedPolicy } from '../../../src/model/report-window.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { COUNT_CAP } from '../../../src/protocol/tlsrpt/report-fields.ts'
import { day, GOOGLE, policy } from '../../contract/report-samples.ts'

type Counts = readonly [policyType: string | null, successful: number, failed: number]

function reported([policyType, successfulSessions, failedSessions]: Counts, replaced = {}): ReportedPolicy {
  return {
    report: 'rep_1' as ReportId,
    reporter: GOOGLE,
    organization: 'Google',
    dayAt: day(0),
    receivedAt: day(1),
    mx: null,
    policy: policy({ policyType, successfulSessions, failedSessions }),
    ...replaced,
  }
}

const inOneReport = (...counts: readonly Counts[]) => {
  const [only] = sessionCounts(counts.map((one) => reported(one)))
  return only && [only.successfulSessions, only.failedSessions]
}

test.each<readonly [what: string, counts: readonly Counts[], sessions: readonly [number, number]]>([
  ['one policy', [['sts', 10, 3]], [10, 3]],
  [
    'sts and tlsa about the same sessions, as Microsoft',
    [
      ['sts', 2, 0],
      ['tlsa', 2, 0],
    ],
    [2, 0],
  ],
  [
    'two hosts under tlsa',
    [
      ['tlsa', 5, 1],
      ['tlsa', 7, 2],
    ],
    [12, 3],
  ],
  [
    'two hosts under tlsa that sts tells in sum',
    [
      ['sts', 12, 0],
      ['tlsa', 5, 0],
      ['tlsa', 7, 0],
    ],
    [12, 0],
  ],
  [
    'no policy found beside sts',
    [
      ['no-policy-found', 4, 0],
      ['sts', 9, 0],
    ],
    [9, 0],
  ],
  [
    'sessions that fail under one type only',
    [
      ['sts', 10, 0],
      ['tlsa', 6, 4],
    ],
    [6, 4],
  ],
  [
    'fewer failing under the larger type',
    [
      ['sts', 0, 5],
      ['tlsa', 10, 0],
    ],
    [5, 5],
  ],
  [
    'two versions of a policy on one day',
    [
      ['sts', 3, 0],
      ['sts', 4, 1],
    ],
    [7, 1],
  ],
  [
    'types that nobody knows',
    [
      [null, 3, 0],
      ['x', 2, 0],
    ],
    [3, 0],
  ],
  ['nothing', [['sts', 0, 0]], [0, 0]],
])('%s', (_, counts, sessions) => {
  expect(inOneReport(...counts)).toEqual(sessions)
})

test('several reports of a reporter about one day add up; days and reporters stay apart, in order', () => {
  const other = 'other.example' as DomainName
  const counts = sessionCounts([
    reported(['sts', 100, 0], { dayAt: day(1) }),
    reported(['sts', 1, 1]),
    reported(['tlsa', 1, 0]),
    reported(['sts', 2, 1], { report: 'rep_2' as ReportId }),
    reported(['sts', 7, 0], { reporter: other }),
  ])
  expect(counts).toEqual([
    { reporter: GOOGLE, dayAt: day(0), successfulSessions: 3, failedSessions: 2, implausible: false },
    { reporter: other, dayAt: day(0), successfulSessions: 7, failedSessions: 0, implausible: false },
    { reporter: GOOGLE, dayAt: day(1), successfulSessions: 100, failedSessions: 0, implausible: false },
  ])
  expect(sessionCounts([])).toEqual([])
})

test.each([
  [MAX_PLAUSIBLE_SESSIONS - 1, false],
  [MAX_PLAUSIBLE_SESSIONS, false],
  [MAX_PLAUSIBLE_SESSIONS + 1, true],
  [COUNT_CAP, true],
])('%d sessions of one policy are left out and flagged: %s', (sessions, implausible) => {
  for (const impossible of [
    ['sts', sessions, 0],
    ['sts', 0, sessions],
  ] as const) {
    const [counts] = sessionCounts([reported(impossible), reported(['sts', 4, 1])])
    expect(counts).toMatchObject({ implausible })
    const total = (counts?.successfulSessions ?? 0) + (counts?.failedSessions ?? 0)
    expect(total).toBe(implausible ? 5 : sessions + 5)
  }
})
