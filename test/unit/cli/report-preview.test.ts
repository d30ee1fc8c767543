import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ReportPreviewRequest, reportPreviewCommand } from '../../../src/cli/report-preview.ts'
import { editDomain } from '../../../src/lab/build-world.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import { readTlsReports } from '../../../src/protocol/tlsrpt/report.ts'
import { header, readMail } from '../mail/read-mail.ts'
import { DOMAIN, dayText, type ReportLab, RUA, reportLab, yesterday } from './report-lab.ts'

let here: ReportLab
beforeAll(async () => {
  here = await reportLab()
})
afterAll(() => here[Symbol.asyncDispose]())
beforeEach(() => here.fresh())

const preview = (more: Partial<ReportPreviewRequest> = {}, env: object = here.env) =>
  here.run(
    (configFile, io, world) =>
      reportPreviewCommand({ configFile, domain: DOMAIN, day: null, form: 'text', ...more }, io, world),
    { env: { ...env } },
  )

test('says in words what is reported and where it goes, and touches nothing', async () => {
  await here.counted()
  const before = await here.remembered((store) => store.submissions.recent(DOMAIN, 9))
  const { status, out, err } = await preview()
  expect([status, err]).toEqual([0, ''])
  expect(out).toMatch(/^This is a TLS report \(RFC 8460\) from monitor\.example about example\.org\n/)
  expect(out).toContain(`for ${dayText(yesterday())}, from 00:00 to 24:00 UTC.`)
  expect(out).toContain('MTA-STS policy of example.org: 3 sessions secured, 1 not\n')
  expect(out).toContain('  1 x certificate-expired at mx1.example.org [192.0.2.25]\n')
  expect(out).toMatch(/\nIt goes to:\n {2}mailto:tlsrpt@example\.org\n$/)
  expect(await here.remembered((store) => store.submissions.recent(DOMAIN, 9))).toEqual(before)
  expect([before, here.lab.inbox.mails]).toEqual([[], []])
})

test('--mail is the mail as it goes out, byte for byte but the line ends', async () => {
  await here.counted()
  const { status, out, err } = await preview({ form: 'mail' })
  expect([status, err]).toEqual([0, ''])
  const { headers, parts } = readMail(out.replaceAll('\n', '\r\n'))
  expect([header(headers, 'From'), header(headers, 'To')]).toEqual([
    'tls-reports@monitor.example',
    'tlsrpt@example.org',
  ])
  expect(header(headers, 'TLS-Report-Domain')).toBe(DOMAIN)
  const json = gunzipSync(Buffer.from(parts[1]?.content ?? '', 'latin1')).toString()
  expect(JSON.parse(json)).toEqual(JSON.parse((await preview({ form: 'json' })).out))
})

test('--json is the report alone, as a receiver reads it', async () => {
  await here.counted()
  const { status, out, err } = await preview({ form: 'json' })
  expect([status, err]).toEqual([0, ''])
  const reading = readTlsReports(out)
  expect([reading.outcome, reading.deviations]).toEqual(['accept', []])
  expect(reading.reports).toMatchObject([
    { startAt: yesterday(), policies: [{ successfulSessions: 3, failedSessions: 1 }] },
  ])
})

test('--day chooses the day', async () => {
  const day = yesterday() - 3 * DAY_MS
  await here.counted(day)
  const { status, out } = await preview({ day: dayText(day) })
  expect([status, out]).toEqual([0, expect.stringContaining(`for ${dayText(day)}, from`)])
})

test.each(['text', 'json', 'mail'] as const)(
  'without a database it looks now and says so: %s',
  async (form) => {
    const { status, out, err } = await preview({ form })
    expect([status, err]).toEqual([0, 'no session was counted that day; looking at example.org now …\n'])
    expect(out).toContain(form === 'json' ? '"total-successful-session-count": 1' : 'from monitor.example')
    if (form === 'text') expect(out).toContain('MTA-STS policy of example.org: 1 session secured, 0 not\n')
  },
)

test('a day without sessions is shown as a look now would be, with what is broken', async () => {
  await here.counted(yesterday() - DAY_MS)
  here.lab.change((world) =>
    editDomain(world, DOMAIN, (domain) => ({
      ...domain,
      hosts: domain.hosts.map((host) => ({ ...host, smtp: 'no-starttls' as const })),
    })),
  )
  const { status, out } = await preview()
  expect([status, out]).toEqual([0, expect.stringContaining('1 x starttls-not-supported at mx1.example.org')])
})

test('a domain that takes no mail has no report', async () => {
  here.lab.change((world) =>
    editDomain(world, DOMAIN, {
      mx: [{ preference: 0, exchange: '.' }],
      hosts: [],
      stsRecord: [],
      policy: null,
    }),
  )
  const { status, out, err } = await preview()
  expect([status, out]).toEqual([1, ''])
  expect(err).toContain('no session with a mail host of example.org: there is nothing to report\n')
})

test('where nobody is to report yet it says in whose name it speaks, and what to do', async () => {
  await here.counted()
  const { status, out, err } = await preview({}, { DATABASE_FILE: here.env.DATABASE_FILE })
  expect([status, out]).toEqual([0, expect.stringContaining('from monitor.example about')])
  expect(err).toMatch(/this preview is by "monitor\.example" in place of your domain\. .*set MAIL_FROM/)
  const json = await preview({ form: 'json' }, { DATABASE_FILE: here.env.DATABASE_FILE })
  expect([JSON.parse(json.out)['contact-info'], json.err]).toEqual(['tls-reports@monitor.example', err])
})

test('a domain that publishes no address is told so', async () => {
  await here.counted(yesterday(), 'v=spf1 -all')
  const { status, out } = await preview()
  expect([status, out]).toEqual([
    0,
    expect.stringMatching(/\nIt goes nowhere: the domain publishes no address for TLS reports\.\n$/),
  ])
})

test('--mail needs an address that mail can be sent to', async () => {
  await here.counted(yesterday(), 'v=TLSRPTv1; rua=https://reports.example/')
  expect(await preview({ form: 'mail' })).toEqual({
    status: 1,
    out: '',
    err: 'example.org publishes no mail address for TLS reports\n',
  })
  expect((await preview()).out).toMatch(/\nIt goes to:\n {2}https:\/\/reports\.example\/\n$/)
  await here.fresh()
  await here.counted(yesterday(), `v=TLSRPTv1; rua=https://reports.example/,${RUA}`)
  expect((await preview({ form: 'mail' })).out).toContain('To: tlsrpt@example.org\n')
})

test.each<[string, Partial<ReportPreviewRequest>, RegExp]>([
  [
    'a name with a slip',
    { domain: 'exmaple.org' },
    /"exmaple\.org" is not watched; did you mean example\.org\?\n$/,
  ],
  [
    'another domain',
    { domain: 'zzz.test' },
    /"zzz\.test" is not watched; \S+watch\.yaml does not list it\n$/,
  ],
  ['no domain', { domain: 'a b\u001b[2J' }, /"a b\\u\{1b\}\[2J" is not watched/],
  ['a word for a day', { day: 'yesterday' }, /--day yesterday: write a day like \d{4}-\d\d-\d\d\n$/],
  ['a day that is none', { day: '2026-02-30' }, /--day 2026-02-30: write a day like/],
  ['a day with a time', { day: '2026-02-03T00:00' }, /write a day like/],
  ['a day to come', { day: '2999-01-01' }, /--day 2999-01-01 has not come yet\n$/],
])('refuses %s', async (_, more, complaint) => {
  const { status, out, err } = await preview(more)
  expect([status, out]).toEqual([2, ''])
  expect(err).toMatch(/^stswatch report preview: /)
  expect(err).toMatch(complaint)
})
