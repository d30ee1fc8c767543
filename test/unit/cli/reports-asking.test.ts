import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/lib/sha256.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { readTlsReports, sumSessions } from '../../../src/protocol/tlsrpt/report.ts'
import type { NewReport } from '../../../src/store/report-store.ts'
import {
  claimedBy,
  day,
  mail,
  newReport,
  policy,
  signedBy,
  tlsReport,
} from '../../contract/report-samples.ts'
import { ReportInstallation } from './report-installation.ts'

const EVER = ['--days', '40000'] as const
const FAILING = policy({
  successfulSessions: 5_326,
  failedSessions: 303,
  failureDetails: [
    {
      resultType: 'certificate-expired',
      sendingMtaIp: '192.0.2.1',
      receivingMxHostname: 'mx1.example.com',
      receivingMxHelo: 'mx1.example.com ESMTP',
      receivingIp: '198.51.100.7',
      failedSessions: 300,
      additionalInformation: null,
      failureReasonCode: 'certificate has expired',
    },
  ],
})

let installation: ReportInstallation
let uid = 0

/** Signed by big.example on eight days, once with failures; one stranger signs, one only claims, one contradicts. */
beforeAll(async () => {
  installation = await ReportInstallation.open(['example.com', 'xn--bcher-kva.example'])
  await using store = await installation.store()
  const put = (report: NewReport, more = {}) => {
    uid += 1
    return store.reports.commitMails([
      mail(uid, { ...report, source: { ...report.source, uid } as NewReport['source'] }, more),
    ])
  }
  for (const n of [0, 1, 2, 3, 4, 5, 6]) {
    await put(
      newReport(tlsReport(n), signedBy('big.example'), {
        receivedAt: day(n + 1) + 3 * HOUR_MS + n * MINUTE_MS,
      }),
    )
  }
  const original = Buffer.from('{"policies":[]}')
  const rawSha256 = sha256(original)
  await put(
    newReport(
      tlsReport(7, {
        policies: [
          FAILING,
          policy({
            policyType: 'tlsa',
            policyDomain: 'mx1.example.com' as DomainName,
            successfulSessions: 5_326,
            failedSessions: 303,
          }),
        ],
      }),
      signedBy('big.example'),
      {
        rawSha256,
        otherPolicies: 2,
        deviations: [
          {
            code: 'date-no-zone',
            where: 'date-range.start-datetime',
            found: '2026-11-08T00:00:00',
            times: 2,
          },
        ],
      },
    ),
    { rawSha256, raw: original },
  )
  await put(
    newReport(
      tlsReport(3, {
        organizationName: null,
        policies: [policy({ policyDomain: 'xn--bcher-kva.example' as DomainName })],
      }),
      signedBy('stranger.example'),
    ),
  )
  await put(newReport(tlsReport(5), claimedBy('claimed.example')))
  await put(
    newReport(tlsReport(6, { policies: [policy({ successfulSessions: 11 })] }), signedBy('big.example')),
  )
})
afterAll(() => installation[Symbol.asyncDispose]())

const run = (...args: string[]) => installation.run(args)
const list = (...args: string[]) => installation.json(['reports', 'list', ...EVER, ...args])
const failing = async () => String((await list('--failures'))[0]?.id)

describe('reports list', () => {
  it('shows a line a report: day, sender, domain, sessions counted once, standing', async () => {
    const { status, out, err } = await run('reports', 'list', ...EVER)
    expect([status, err]).toEqual([0, ''])
    const lines = out.trimEnd().split('\n')
    expect(lines).toHaveLength(12)
    expect(lines[0]).toMatch(/^REPORT +DAY +SENDER +ABOUT +OK +FAILED +STANDING$/)
    expect(lines.find((line) => line.includes('2026-11-08'))).toMatch(
      /^rep_\w+ +2026-11-08 +big\.example +example\.com +5,326 +303 +counted$/,
    )
    expect(out).toMatch(/2026-11-04 +stranger\.example +bücher\.example +10 +0 +counted\n/)
    expect(out).toMatch(/2026-11-06 +claimed\.example +example\.com +10 +0 +quarantined: unsigned\n/)
    expect(out).toMatch(/2026-11-07 +big\.example +example\.com +11 +0 +conflict\n/)
  })

  it.each<[string, readonly string[], number]>([
    ['everything', [], 11],
    ['one domain', ['--domain', 'Bücher.example'], 1],
    ['one sender', ['--sender', 'big.example'], 9],
    ['failures', ['--failures'], 1],
    ['the quarantine', ['--quarantine'], 1],
    ['both', ['--quarantine', '--failures'], 0],
  ])('%s', async (_, args, count) => {
    expect(await list(...args)).toHaveLength(count)
  })

  it('says that there is none', async () => {
    expect((await run('reports', 'list', ...EVER, '--quarantine', '--failures')).out).toBe(
      'No report in this time.\n',
    )
  })

  it.each([
    [['--domain', 'a b'], /--domain a b: no domain name/],
    [['--sender', ''], /--sender : no domain name/],
    [['--days', '0'], /--days 0: write a number of days, like 30/],
    [['--days', 'x\u001b[2J'], /--days x\\u\{1b\}\[2J: write/],
  ])('%j is refused', async (args, complaint) => {
    const { status, out, err } = await run('reports', 'list', ...args)
    expect([status, out]).toEqual([2, ''])
    expect(err).toMatch(complaint)
  })

  it('fits the terminal', async () => {
    const { out } = await installation.run(['reports', 'list', ...EVER], { columns: 80 })
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})

describe('reports show', () => {
  it('tells all of one report', async () => {
    const { status, out } = await run('reports', 'show', await failing())
    expect(status).toBe(0)
    for (const part of [
      'big.example about example.com, 2026-11-08',
      'Standing       counted\n',
      'Who answers    big.example, by its DKIM signature (selector s1)\n',
      'Reached us     2026-11-09 12:00 UTC, as mail 8 in INBOX of tls@mail.example:993\n',
      'From, to       2026-11-08 00:00 UTC to 2026-11-08 23:59 UTC\n',
      'Report-id      report-7\n',
      'Original       kept until 2026-12-09 12:00 UTC\n',
      'example.com, MTA-STS, filed under 2026-11-08\n    ✓ 5,326 sessions succeeded   ✗ 303 failed (5.4 %)\n',
      'policy applied: version: STSv1 | mode: enforce\n',
      '    ✗ 300 certificate-expired: the certificate had expired\n        at mx1.example.com [198.51.100.7] from 192.0.2.1\n        reason: certificate has expired\n',
      'mx1.example.com, DANE, filed for example.com under 2026-11-08\n',
      '2 policy records about domains that are not watched were not kept.',
      '1 deviation from the RFC\n    date-no-zone at date-range.start-datetime: "2026-11-08T00:00:00", 2 times. a date-time without',
    ]) {
      expect(out).toContain(part)
    }
  })

  it('tells why nobody answers for a report, and what to do', async () => {
    const [quarantined] = await list('--quarantine')
    const { out } = await run('reports', 'show', String(quarantined?.id))
    expect(out).toMatch(
      /nobody; it claims to be from claimed\.example\. The mail carries no DKIM signature,\s+so anybody may have written it\. \(no DKIM\)/,
    )
    expect(out).toContain('Original       no longer kept')
  })

  it('as JSON has everything', async () => {
    const [report] = await installation.json(['reports', 'show', await failing()])
    expect(report).toMatchObject({
      standing: 'counted',
      originalKeptUntil: day(8) + 12 * HOUR_MS + 30 * DAY_MS,
      report: { reportId: 'report-7' },
    })
  })

  it.each(['rep_', 'rep_ffff', ''])('%j is no one report', async (id) => {
    const { status, out, err } = await run('reports', 'show', id)
    expect([status, out]).toEqual([66, ''])
    expect(err).toContain(
      `no report, or more than one, begins with ${id}. All of them: stswatch reports list`,
    )
  })
})

describe('reports senders', () => {
  it('tells of each sender how much, how regularly, how well', async () => {
    const { out } = await run('reports', 'senders', ...EVER)
    expect(out).toBe(`big.example (Google)  known
    8 reports on 8 days about 1 domain; last day 2026-11-08, usually arrives about 03:04 UTC
    5,396 sessions succeeded, 303 failed
      300 certificate-expired: the certificate had expired
    leaves the RFC: date-no-zone in 1 report

stranger.example  new: its word alone wakes nobody
    1 report on 1 day about 1 domain; last day 2026-11-04
    10 sessions succeeded, none failed
`)
  })

  it('as JSON is one sender a line', async () => {
    const senders = await installation.json(['reports', 'senders', ...EVER])
    expect(senders).toMatchObject([
      {
        reporter: 'big.example',
        known: true,
        failures: [{ resultType: 'certificate-expired', sessions: 300 }],
        usualArrivalUtcMinute: 184,
        deviations: [{ code: 'date-no-zone', times: 2, reports: 1 }],
      },
      { reporter: 'stranger.example', organization: null, known: false, usualArrivalUtcMinute: null },
    ])
  })

  it('says that there is none', async () => {
    await using empty = await ReportInstallation.open()
    await (await empty.store())[Symbol.asyncDispose]()
    expect((await empty.run(['reports', 'senders'])).out).toBe('No report that counts in this time.\n')
    expect((await empty.run(['reports', 'quarantine'])).out).toBe('No report is in quarantine.\n')
  })
})

describe('reports quarantine and admit', () => {
  it('tells why, what to do, and lets one or all of a sender count', async () => {
    const { out } = await run('reports', 'quarantine')
    const [quarantined] = await list('--quarantine')
    expect(out).toBe(`1 report that nobody answers for: shown here, part of no number and no alert.

! claimed.example  1 report
    The mail carries no DKIM signature, so anybody may have written it. (no DKIM)
    Only the sender can mend this; its contact-info names whom to write to.
    2026-11-06  example.com  claims 10 succeeded, 0 failed  ${quarantined?.id}
    To let one count: stswatch reports admit ${quarantined?.id}
    Everything in their name, also to come: stswatch reports admit claimed.example
`)
    expect(await installation.json(['reports', 'quarantine'])).toMatchObject([
      {
        standing: 'quarantined',
        reason: expect.stringContaining('no DKIM signature'),
        remedy: expect.any(String),
      },
    ])
  })

  it('admits a report, and says when there is nothing to admit', async () => {
    await using own = await ReportInstallation.open(['example.com'])
    {
      await using store = await own.store()
      const reports = [
        newReport(tlsReport(0), claimedBy('x.example')),
        newReport(tlsReport(1), claimedBy('x.example')),
      ]
      for (const [index, report] of reports.entries())
        await store.reports.commitMails([mail(index + 1, report)])
      const changed = newReport(
        tlsReport(0, { policies: [policy({ successfulSessions: 99 })] }),
        claimedBy('x.example'),
      )
      await store.reports.commitMails([mail(3, changed)])
    }
    const admit = (what: string) => own.run(['reports', 'admit', what])
    const ids = new Map(
      (await own.json(['reports', 'list', ...EVER])).map(({ id, standing, report }) => [
        `${standing} ${(report as { reportId: string }).reportId}`,
        String(id),
      ]),
    )
    const first = ids.get('quarantined report-0') ?? ''
    expect(await admit(first)).toEqual({ status: 0, out: `${first} counts from now on.\n`, err: '' })
    expect(await admit(first)).toMatchObject({ status: 1, err: expect.stringContaining('counts already') })
    expect(await admit(ids.get('conflict report-0') ?? '')).toMatchObject({
      status: 1,
      err: expect.stringContaining('the first one counts'),
    })
    expect((await admit('x.example')).out).toBe(
      '1 report of x.example counts now, and so will those to come, signed or not.\n',
    )
    expect((await admit('nobody.example')).out).toBe(
      '0 reports of nobody.example count now, and so will those to come, signed or not.\n',
    )
    expect(await admit('rep_ffff')).toMatchObject({ status: 66, out: '' })
  })
})

describe('reports redact', () => {
  it('says when only what was understood is left, and names nobody', async () => {
    const [, report] = await list('--sender', 'big.example')
    const { status, out, err } = await run('reports', 'redact', String(report?.id))
    expect([status, err]).toEqual([
      0,
      'The original is not at hand any more: this is the report as it was understood, not as it was written.\n',
    ])
    expect(out).not.toMatch(/google|example\.com|big\.example/i)
    const { outcome, reports } = readTlsReports(out)
    expect(outcome).toBe('accept')
    expect(sumSessions(reports)).toEqual(
      sumSessions([report?.report as Parameters<typeof sumSessions>[0][number]]),
    )
  })
})

describe('every command about reports', () => {
  const COMMANDS = [
    ['reports', 'list'],
    ['reports', 'show', 'rep_1'],
    ['reports', 'senders'],
    ['reports', 'quarantine'],
    ['reports', 'admit', 'rep_1'],
    ['reports', 'redact', 'rep_1'],
    ['reports', 'reparse'],
    ['readiness', 'example.com'],
  ]

  it.each(COMMANDS.map((words) => [words.join(' '), words] as const))(
    '%s says that there is no database',
    async (_, words) => {
      const env = { DATABASE_FILE: installation.path('none.db') }
      expect(await installation.run(words, { env })).toEqual({
        status: 66,
        out: '',
        err: 'stswatch: nothing is remembered yet: there is no database. Start watching with: stswatch run\n',
      })
    },
  )

  it.each(COMMANDS.map((words) => [words.join(' '), words] as const))(
    '%s says what is wrong with the environment',
    async (_, words) => {
      const { status, out, err } = await installation.run(words, { env: { SLACK_BOT_TOKEN: 'xapp-1' } })
      expect([status, out]).toEqual([78, ''])
      expect(err).toMatch(/^environment: SLACK_BOT_TOKEN /)
    },
  )
})
