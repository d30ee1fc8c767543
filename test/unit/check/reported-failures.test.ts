import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../src/lib/time.ts'
import type { Finding } from '../../../src/model/finding.ts'
import type { ReportedPolicy } from '../../../src/model/report-window.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import {
  daysAgo,
  GOOGLE,
  history,
  judgeReports,
  MICROSOFT,
  reportWindow,
  type Said,
  STRANGER,
  said,
  sighting,
  toldOfReports,
} from './report-builder.ts'
import {
  absent,
  established,
  failed,
  healthy,
  MX1,
  MX2,
  mxHost,
  mxRecords,
  NOW,
  policyBody,
  serving,
  sessionAt,
  tls,
} from './snapshot-builder.ts'

const CORP = 'corp.mail.ru' as DomainName
const EXPIRED = `tlsrpt.reported.failures certificate-expired ${MX2}`
/** Ours, for the same fault. */
const OWN_EXPIRED = healthy({
  hosts: [
    mxHost(MX1, ['192.0.2.25']),
    mxHost(MX2, ['198.51.100.25'], {
      sessions: [
        sessionAt('198.51.100.25', established(tls(MX2, { notAfterAt: NOW - DAY_MS }, 'CERT_HAS_EXPIRED'))),
      ],
    }),
  ],
})

/** The same from two senders, so that only the numbers matter. */
function both(edit: Said): readonly ReportedPolicy[] {
  return [said(edit), said({ ...edit, reporter: MICROSOFT })]
}

function evidenceOf(policies: readonly ReportedPolicy[], edit: Parameters<typeof judgeReports>[1] = {}) {
  const { findings } = judgeReports(reportWindow(policies), edit)
  const finding = findings.find(({ code }) => code === 'tlsrpt.reported.failures')
  return (finding as Extract<Finding, { code: 'tlsrpt.reported.failures' }> | undefined)?.evidence
}

describe('who is believed (S20, S21)', () => {
  const choices = [false, true]
  const table = choices.flatMap((known) =>
    choices.flatMap((two) =>
      choices.flatMap((look) => choices.map((running) => ({ known, two, look, running }))),
    ),
  )
  it.each(table)('known $known, two reporters $two, own look $look, two days $running', (row) => {
    const first = 'a.example' as DomainName
    const second = 'b.example' as DomainName
    const policies = [
      said({ reporter: first, failed: 20 }),
      ...(row.two ? [said({ reporter: second, failed: 20 })] : []),
      ...(row.running ? [said({ reporter: first, failed: 20, dayAt: daysAgo(2) })] : []),
    ]
    const reporters = new Map([first, second].map((one) => [one, history(one, row.known ? 3 : 2)]))
    const ownSightings = row.look ? [sighting({ endedAt: NOW - 12 * HOUR_MS })] : []
    const told = toldOfReports(judgeReports(reportWindow(policies, { reporters, ownSightings })))
    const isTold = row.known && (row.two || row.look || row.running)
    expect(told.map((line) => line.replace(/^\w+ /, ''))).toEqual(isTold ? [EXPIRED] : [])
  })

  it('takes nobody for known before three days over three days', () => {
    const policies = [
      said({ reporter: STRANGER, failed: 50 }),
      said({ reporter: STRANGER, failed: 50, dayAt: daysAgo(2) }),
    ]
    const told = (days: number, span: number) =>
      toldOfReports(
        judgeReports(
          reportWindow(policies, { reporters: new Map([[STRANGER, history(STRANGER, days, span)]]) }),
        ),
      ).length
    expect([told(2, 3), told(3, 2), told(3, 3)]).toEqual([0, 0, 1])
  })

  it.each(['google.com', 'microsoft.com', 'corp.mail.ru', 'mail.ru'])(
    'knows %s from its first report',
    (name) => {
      const policies = [said({ reporter: name as DomainName, failed: 50 })]
      const ownSightings = [sighting({ endedAt: NOW })]
      expect(toldOfReports(judgeReports(reportWindow(policies, { ownSightings })))).toEqual([
        `info ${EXPIRED}`,
      ])
    },
  )

  it('believes two senders though one of them has a clean day since, as long as no look of ours agrees', () => {
    const policies = [...both({ failed: 50, dayAt: daysAgo(2) }), said()]
    const hosts = [mxHost(MX1, []), mxHost(MX2, [], { addresses: failed('dns-timeout') })]
    expect(toldOfReports(judgeReports(reportWindow(policies), { snapshot: healthy({ hosts }) }))).toEqual([
      `critical ${EXPIRED}`,
    ])
    expect(toldOfReports(judgeReports(reportWindow(policies)))).toEqual([])
  })

  it('lets fifty domains of an attacker claim what they like', () => {
    const attackers = Array.from({ length: 50 }, (_, n) => `evil${n}.example` as DomainName)
    const policies = attackers.map((reporter) => said({ reporter, failed: 900_000_000, of: 1_000_000_000 }))
    const reporters = new Map(attackers.map((reporter) => [reporter, history(reporter, 1)]))
    const quiet = judgeReports(reportWindow(policies, { reporters }))
    expect(quiet).toMatchObject({ findings: [], undecided: [] })
    // Then the host really breaks.
    const { findings } = judgeReports(reportWindow(policies, { reporters }), { snapshot: OWN_EXPIRED })
    expect(findings.map(({ code }) => code)).toEqual(['mx.certificate.expired'])
    expect(findings[0]?.reported[0]?.reporters.every(({ known }) => !known)).toBe(true)
  })
})

describe('how many are enough (§12.4)', () => {
  const starttls = { resultType: 'starttls-not-supported' }
  it.each<[string, readonly ReportedPolicy[], string | null]>([
    [
      '9 of 100',
      [...both({ ...starttls, failed: 4, of: 49 }), said({ ...starttls, reporter: CORP, failed: 1, of: 2 })],
      null,
    ],
    ['10 of 1,000', both({ ...starttls, failed: 5, of: 500 }), 'warning'],
    ['10 of 1,002', both({ ...starttls, failed: 5, of: 501 }), null],
    ['98 of 200', both({ ...starttls, failed: 49, of: 100 }), 'warning'],
    ['100 of 1,000', both({ ...starttls, failed: 50, of: 500 }), 'critical'],
    ['100 of 1,002', both({ ...starttls, failed: 50, of: 501 }), 'warning'],
    ['8 certificates of many', both({ failed: 4, of: 1_000_000 }), null],
    ['10 certificates of many', both({ failed: 5, of: 1_000_000 }), 'critical'],
    ['implausible', both({ failed: 10, of: 1_000_000_001 }), null],
    ['as many as there can be', both({ failed: 10, of: 1_000_000_000 }), 'critical'],
  ])('%s: %s', (_, policies, severity) => {
    const { findings } = judgeReports(reportWindow(policies))
    expect(findings.map((finding) => finding.severity)).toEqual(severity === null ? [] : [severity])
  })

  it('one step lower in mode testing, where nobody is refused', () => {
    const testing = serving(policyBody({ mode: 'testing' }))
    const severity = (failed: number) =>
      judgeReports(reportWindow(both({ ...starttls, failed, of: 500 })), { snapshot: testing }).findings.map(
        (one) => one.severity,
      )
    expect([severity(5), severity(50)]).toEqual([['info'], ['warning']])
    const dane = both({ policyType: 'tlsa', resultType: 'tlsa-invalid', failed: 50, of: 500 })
    expect(toldOfReports(judgeReports(reportWindow(dane), { snapshot: testing }))).toEqual([
      `critical tlsrpt.reported.failures tlsa-invalid ${MX2}`,
    ])
  })

  it('counts sessions once that stand under two policy types', () => {
    const microsoft = { reporter: MICROSOFT, ...starttls, failed: 5, of: 50 }
    const twice = [said(microsoft), said({ ...microsoft, policyType: 'tlsa' })]
    const google = said({ ...starttls, failed: 4, of: 50 })
    expect(toldOfReports(judgeReports(reportWindow([google, ...twice])))).toEqual([])
    const evidence = evidenceOf([said({ ...starttls, failed: 5, of: 50 }), ...twice])
    expect(evidence?.failure.reporters).toMatchObject([
      { reporter: GOOGLE, failedSessions: 5, ofSessions: 50 },
      { reporter: MICROSOFT, failedSessions: 5, ofSessions: 50 },
    ])
    expect(evidence?.policyTypes).toEqual(['sts', 'tlsa'])
  })

  it('sees one fault that is spread over several hosts, and no message for a host with one session', () => {
    const spread = [MX1, MX2].flatMap((mx) => both({ ...starttls, mx, failed: 3, of: 50 }))
    expect(toldOfReports(judgeReports(reportWindow(spread)))).toHaveLength(2)
    const lopsided = [
      { failed: 50, of: 100 },
      { mx: MX1, failed: 1, of: 1 },
    ].flatMap((one) => both({ ...starttls, ...one }))
    expect(toldOfReports(judgeReports(reportWindow(lopsided)))).toEqual([
      `critical tlsrpt.reported.failures starttls-not-supported ${MX2}`,
    ])
  })

  it('is quiet about what has become usual, below twice of it', () => {
    const usual = Array.from({ length: 14 }, (_, n) => both({ failed: 10, dayAt: daysAgo(n + 2) })).flat()
    const opened = (failed: number, days = usual) =>
      toldOfReports(judgeReports(reportWindow([...days, ...both({ failed })]))).length
    expect([opened(19), opened(20)]).toEqual([0, 1])
    const sixDays = usual.filter(({ dayAt }) => dayAt >= daysAgo(7))
    expect(opened(10, sixDays)).toBe(1)
  })

  it('takes failures without details for what they are', () => {
    const bare = both({ failed: 60, of: 100 }).map((one) => ({
      ...one,
      policy: { ...one.policy, failureDetails: [] },
    }))
    expect(toldOfReports(judgeReports(reportWindow(bare)))).toEqual([
      'critical tlsrpt.reported.failures unspecified',
    ])
  })
})

describe('late reports', () => {
  it.each([
    [daysAgo(3) + DAY_MS + 72 * HOUR_MS, 1],
    [daysAgo(3) + DAY_MS + 72 * HOUR_MS + 1, 0],
  ])('judged at %i open %i', (now, count) => {
    const reports = reportWindow(both({ failed: 50, dayAt: daysAgo(3) }))
    expect(toldOfReports(judgeReports(reports, { now }))).toHaveLength(count)
  })

  it('that arrive too late are filed by their day and open nothing', () => {
    const late = both({ failed: 500, dayAt: daysAgo(24), receivedAt: NOW })
    expect(judgeReports(reportWindow(late))).toMatchObject({ findings: [], undecided: [] })
  })
})

it('a day before that was reported too late is no second day', () => {
  const second = said({ failed: 50, dayAt: daysAgo(3) })
  const first = { failed: 50, dayAt: daysAgo(4) }
  expect(toldOfReports(judgeReports(reportWindow([said(first), second])))).toHaveLength(1)
  expect(toldOfReports(judgeReports(reportWindow([said({ ...first, receivedAt: NOW }), second])))).toEqual([])
})

describe('our own look beside it', () => {
  it.each<[string, string, Parameters<typeof judgeReports>[1], Parameters<typeof reportWindow>[1]]>([
    ['not-reproduced', 'we looked and saw nothing', {}, {}],
    ['unknown', 'we did not look that day', {}, { firstLookAt: daysAgo(0) }],
    ['unknown', 'we never looked', {}, { firstLookAt: null }],
    [
      'unknown',
      'the host cannot be seen',
      {
        snapshot: healthy({
          hosts: [mxHost(MX1, []), mxHost(MX2, [], { addresses: failed('dns-timeout') })],
        }),
      },
      {},
    ],
    [
      'unknown',
      'the host is none any more',
      { snapshot: healthy({ mx: mxRecords(MX1), hosts: [mxHost(MX1, ['192.0.2.25'])] }) },
      {},
    ],
    ['fixed-since', 'it ended that day', {}, { ownSightings: [sighting({ endedAt: daysAgo(1) })] }],
    [
      'not-reproduced',
      'it ended the day before',
      {},
      { ownSightings: [sighting({ endedAt: daysAgo(1) - 1 })] },
    ],
    [
      'not-reproduced',
      'it was another host',
      {},
      { ownSightings: [sighting({ subject: MX1, endedAt: daysAgo(1) })] },
    ],
    ['confirmed', 'it is suspected still', {}, { ownSightings: [sighting()] }],
  ])('%s: %s', (view, _, edit, more) => {
    const reports = reportWindow(both({ failed: 50 }), more)
    const { findings } = judgeReports(reports, edit)
    const finding = findings.find(({ code }) => code === 'tlsrpt.reported.failures')
    expect(finding).toMatchObject({
      severity: view === 'fixed-since' ? 'info' : 'critical',
      evidence: { failure: { ownView: view } },
    })
  })

  it('is shown in one line, address by address', () => {
    expect(evidenceOf(both({ failed: 50 }))?.ownDetail).toBe(
      `198.51.100.25 offers STARTTLS, certificate for ${MX2} until 2027-01-22, trusted`,
    )
    expect(evidenceOf(both({ failed: 50, resultType: 'sts-policy-invalid', mx: null }))?.ownDetail).toBe(
      'the policy is served (mode enforce)',
    )
    expect(evidenceOf(both({ failed: 50, resultType: 'tlsa-invalid' }))?.ownDetail).toBe(
      'mx2.example.com: DANE is not used (no TLSA records)',
    )
    expect(evidenceOf(both({ failed: 50, resultType: 'something-new' }))?.ownDetail).toBe(
      'nothing of this kind is looked at here',
    )
    expect(evidenceOf(both({ failed: 50, mx: 'mx9.example.com' }))?.ownDetail).toBe(
      'mx9.example.com is no MX host of the domain now',
    )
  })

  it('tells what both see as one finding, with the numbers of everybody', () => {
    const policies = [...both({ failed: 12, of: 340 }), said({ reporter: STRANGER, failed: 1, of: 1 })]
    const { findings, undecided } = judgeReports(reportWindow(policies), { snapshot: OWN_EXPIRED })
    expect(findings.map(({ code }) => code)).toEqual(['mx.certificate.expired'])
    expect(findings[0]?.reported).toMatchObject([
      {
        resultType: 'certificate-expired',
        mx: MX2,
        ownView: 'confirmed',
        reporters: [
          { reporter: GOOGLE, known: true, failedSessions: 12, ofSessions: 340 },
          { reporter: MICROSOFT, known: true },
          { reporter: STRANGER, known: false, failedSessions: 1 },
        ],
      },
    ])
    expect(undecided.filter(({ code }) => code.startsWith('tlsrpt.'))).toMatchObject([
      {
        code: 'tlsrpt.reported.failures',
        because: { kind: 'moot', detail: 'told as mx.certificate.expired' },
      },
    ])
  })

  it('tells it apart when our own finding is ignored', () => {
    const domain = { ignore: new Set(['mx.certificate.expired'] as const) }
    const { findings } = judgeReports(reportWindow(both({ failed: 12 })), { snapshot: OWN_EXPIRED, domain })
    expect(findings.map(({ code }) => code)).toEqual(['tlsrpt.reported.failures'])
  })

  it('holds a report that names no host against any', () => {
    const { findings } = judgeReports(reportWindow(both({ failed: 12, mx: null })), { snapshot: OWN_EXPIRED })
    expect(findings).toMatchObject([{ code: 'mx.certificate.expired', reported: [{ mx: null }] }])
  })

  it('joins nothing that is older than three days, or of another host', () => {
    const policies = [...both({ failed: 12, dayAt: daysAgo(5) }), ...both({ failed: 12, mx: MX1 })]
    const { findings } = judgeReports(reportWindow(policies), { snapshot: OWN_EXPIRED })
    expect(findings.find(({ code }) => code === 'mx.certificate.expired')?.reported).toEqual([])
  })
})

it('says nothing of a domain that nobody can look up but what senders say', () => {
  const blind = healthy({ mx: absent(), hosts: [] })
  expect(toldOfReports(judgeReports(reportWindow(both({ failed: 50 })), { snapshot: blind }))).toEqual([
    `critical ${EXPIRED}`,
  ])
})
