import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../src/lib/time.ts'
import type { ReportedPolicy, ReportWindow } from '../../../src/model/report-window.ts'
import { version } from './broken.ts'
import {
  daysAgo,
  GOOGLE,
  history,
  judgeReports,
  MICROSOFT,
  reportWindow,
  STRANGER,
  said,
  sighting,
  toldOfReports,
} from './report-builder.ts'
import { answer, healthy, ip, MX1, MX2, mxHost, NOW, policyBody } from './snapshot-builder.ts'

function told(
  policies: readonly ReportedPolicy[],
  window: Partial<ReportWindow> = {},
  edit: Parameters<typeof judgeReports>[1] = {},
): readonly string[] {
  return toldOfReports(judgeReports(reportWindow(policies, window), edit))
}

describe('an address that the host never had', () => {
  const known = (firstSeenAt = daysAgo(4)) => ({
    hostAddresses: new Map([[MX2, [{ address: '198.51.100.25', firstSeenAt }]]]),
  })
  const at = (receivingIp: string, failed = 2, reporter = GOOGLE) =>
    said({ reporter, failed, of: 10_000, detail: { receivingIp } })
  const found = [`warning tlsrpt.reported.unknown-address ${MX2} 9.9.9.9`]

  it.each<[string, readonly ReportedPolicy[], Partial<ReportWindow>, readonly string[]]>([
    ['two sessions', [at('9.9.9.9')], known(), found],
    ['one session', [at('9.9.9.9', 1)], known(), []],
    ['one session of each of two', [at('9.9.9.9', 1), at('9.9.9.9', 1, MICROSOFT)], known(), found],
    ['a stranger', [at('9.9.9.9', 5, STRANGER)], known(), []],
    ['one that it has', [at('198.51.100.25')], known(), []],
    ['a private one', [at('10.0.0.7')], known(), []],
    ['no address at all', [at('localhost')], known(), []],
    ['a host that we do not know', [at('9.9.9.9')], {}, []],
    ['known for three days', [at('9.9.9.9')], known(daysAgo(4)), found],
    ['known for a moment less', [at('9.9.9.9')], known(daysAgo(4) + 1), []],
    [
      'a host whose addresses change',
      [at('9.9.9.9')],
      {
        hostAddresses: new Map([
          [
            MX2,
            [
              { address: '198.51.100.25', firstSeenAt: daysAgo(30) },
              { address: '198.51.100.26', firstSeenAt: daysAgo(2) },
            ],
          ],
        ]),
      },
      [],
    ],
    [
      'IPv6 in another spelling',
      [at('2001:4860::8')],
      {
        hostAddresses: new Map([[MX2, [{ address: '2001:4860:0:0::8', firstSeenAt: daysAgo(9) }]]]),
      },
      [],
    ],
    ['long ago', [{ ...at('9.9.9.9'), dayAt: daysAgo(5), receivedAt: daysAgo(4) }], known(daysAgo(20)), []],
  ])('%s', (_, policies, window, expected) => {
    expect(told(policies, window)).toEqual(expected)
  })

  it('is not told when this very look sees it', () => {
    const moved = mxHost(MX2, [], { addresses: answer([ip('9.9.9.9')]) })
    const snapshot = healthy({ hosts: [mxHost(MX1, ['192.0.2.25']), moved] })
    expect(told([at('9.9.9.9')], known(), { snapshot })).toEqual([])
  })

  it('does not count one session twice', () => {
    const both = [
      at('9.9.9.9', 1),
      said({ failed: 1, policyType: 'tlsa', detail: { receivingIp: '9.9.9.9' } }),
    ]
    expect(told(both, known())).toEqual([])
  })

  it('waits for later reports, and ends by them', () => {
    const live = {
      ...known(daysAgo(30)),
      ownSightings: [sighting({ code: 'tlsrpt.reported.unknown-address', subject: `${MX2} 9.9.9.9` })],
    }
    const old = said({ failed: 2, dayAt: daysAgo(4), detail: { receivingIp: '9.9.9.9' } })
    const state = (...later: readonly ReportedPolicy[]) => {
      const { undecided } = judgeReports(reportWindow([old, ...later], live))
      return undecided.map(({ code }) => code)
    }
    const waits = ['tlsrpt.reported.unknown-address']
    expect([state(), state(said({ dayAt: daysAgo(2) }))]).toEqual([waits, waits])
    expect(state(said({ dayAt: daysAgo(2) }), said())).toEqual([])
  })
})

describe('a policy text that a sender should not hold', () => {
  const old = policyBody({ mx: [MX1, MX2, 'mx3.example.com'], maxAge: 5 * 86_400 })
  const narrow = policyBody({ mx: [MX1], maxAge: 30 * 86_400 })
  const replacedBy = (body: string, replacedAt: number) => [
    version(policyBody(), { firstSeenAt: replacedAt, lastSeenAt: NOW - 60_000 }),
    version(body, { firstSeenAt: replacedAt - 50 * DAY_MS, lastSeenAt: replacedAt, recordId: 'before' }),
  ]
  const applied = (body: string, edit = {}) => [
    said({ policyString: body.split('\r\n').filter((line) => line !== ''), ...edit }),
  ]
  const found = (severity: string) => [`${severity} tlsrpt.reported.outdated-policy ${GOOGLE}`]

  it.each<[string, string, readonly ReportedPolicy[], number, readonly string[]]>([
    ['today’s text', old, applied(policyBody()), daysAgo(20), []],
    ['an old one, rightly cached', old, applied(old), daysAgo(6) + 1, []],
    ['an old one, on the day its last copy ended', old, applied(old), daysAgo(6), found('info')],
    ['one that refuses a host, though rightly cached', narrow, applied(narrow), daysAgo(2), found('warning')],
    ['the same, replaced a moment less than a day before', narrow, applied(narrow), daysAgo(2) + 1, []],
    ['from a stranger', narrow, applied(narrow, { reporter: STRANGER }), daysAgo(9), []],
    ['that is no policy', narrow, applied('version: STSv1'), daysAgo(9), []],
    [
      'in another order, with CRs',
      old,
      [
        said({
          policyString: [
            'max_age: 432000\r',
            'mx: mx3.example.com\r',
            `mx: ${MX2}\r`,
            `mx: ${MX1}\r`,
            'mode: enforce\r',
            'version: STSv1\r',
          ],
        }),
      ],
      daysAgo(9),
      found('info'),
    ],
    ['a fortnight ago', narrow, applied(narrow, { dayAt: daysAgo(14) }), daysAgo(29), []],
  ])('%s', (_, body, policies, replacedAt, expected) => {
    expect(told(policies, {}, { versions: replacedBy(body, replacedAt) })).toEqual(expected)
  })

  it('names no text as never served that may be from before our first look', () => {
    const foreign = applied(policyBody({ mode: 'testing', maxAge: 10 * 86_400 }))
    const versions = replacedBy(old, daysAgo(5))
    const since = (firstLookAt: number | null) => told(foreign, { firstLookAt }, { versions })
    expect([since(daysAgo(11)), since(daysAgo(11) + 1), since(null)]).toEqual([found('info'), [], []])
    expect(
      told(
        foreign,
        {},
        { versions: [], snapshot: healthy({ policyHost: { ...healthy().policyHost, fetches: [] } }) },
      ),
    ).toEqual([])
  })

  it('ends with the next report that applies the current one', () => {
    const policies = [...applied(narrow, { dayAt: daysAgo(2) }), ...applied(policyBody())]
    expect(judgeReports(reportWindow(policies), { versions: replacedBy(narrow, daysAgo(9)) })).toMatchObject({
      findings: [],
      undecided: [],
    })
  })
})

describe('a daily sender that is silent', () => {
  const daily = (days: number, last: number, reporter = GOOGLE) =>
    Array.from({ length: days }, (_, n) => said({ reporter, dayAt: daysAgo(last + n) }))
  const found = [`info tlsrpt.reporter.silent ${GOOGLE}`]

  it.each<[string, readonly ReportedPolicy[], Partial<ReportWindow>, readonly string[]]>([
    ['three days missing', daily(14, 5), {}, found],
    ['two', daily(14, 4), {}, []],
    ['thirteen days of history', daily(13, 5), {}, []],
    ['one of fifteen left out', daily(15, 5).toSpliced(7, 1), {}, found],
    ['one of fourteen left out', daily(14, 5).toSpliced(7, 1), {}, []],
    ['a stranger', daily(14, 5, STRANGER), {}, []],
    [
      'one that became known',
      daily(14, 5, STRANGER),
      { reporters: new Map([[STRANGER, history(STRANGER, 14)]]) },
      [`info tlsrpt.reporter.silent ${STRANGER}`],
    ],
    ['no mailbox read for a day', daily(14, 5), { mailboxReadAt: NOW - 24 * HOUR_MS }, found],
    ['nor for a moment more', daily(14, 5), { mailboxReadAt: NOW - 24 * HOUR_MS - 1 }, []],
    ['but others report', [...daily(14, 5), said({ reporter: MICROSOFT })], { mailboxReadAt: null }, found],
  ])('%s', (_, policies, window, expected) => {
    expect(told(policies, window)).toEqual(expected)
  })

  it('is counted from when its report would have been there', () => {
    // The third missing day ends at midnight, and its report may take a day.
    const at = (now: number) => told(daily(14, 5), { mailboxReadAt: now }, { now })
    const due = daysAgo(5) + 5 * DAY_MS
    expect([at(due - 1), at(due)]).toEqual([[], found])
  })

  it('does not end by being forgotten', () => {
    const ownSightings = [sighting({ code: 'tlsrpt.reporter.silent', subject: GOOGLE })]
    const judge = (days: number, last: number) =>
      judgeReports(reportWindow(daily(days, last), { ownSightings }))
    expect(judge(10, 20).undecided.map(({ code }) => code)).toEqual(['tlsrpt.reporter.silent'])
    expect(judge(1, 1).undecided).toEqual([])
  })
})
