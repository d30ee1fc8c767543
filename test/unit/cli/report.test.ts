import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { reportListCommand } from '../../../src/cli/report-list.ts'
import { type ReportSendRequest, reportSendCommand } from '../../../src/cli/report-send.ts'
import type { InboxMode } from '../../../src/lab/world.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import { capturedIo } from './captured-io.ts'
import { DOMAIN, dayText, type ReportLab, RUA, reportLab, yesterday } from './report-lab.ts'

let here: ReportLab
beforeAll(async () => {
  here = await reportLab()
})
afterAll(() => here[Symbol.asyncDispose]())
beforeEach(() => here.fresh())

const send = (more: Partial<ReportSendRequest> = {}, env: object = here.env) =>
  here.run(
    (configFile, io, world) =>
      reportSendCommand({ configFile, domain: DOMAIN, day: null, now: false, ...more }, io, {
        world,
        smtpCa: here.lab.caPem,
      }),
    { env: { ...env } },
  )
const sendNow = (more: Partial<ReportSendRequest> = {}) => send({ now: true, ...more })
const list = (more: object = {}, columns = 100) =>
  here.run((configFile, io) => reportListCommand({ configFile, domain: DOMAIN, json: false, ...more }, io), {
    columns,
  })
const inbox = (mode: InboxMode | null) =>
  here.lab.change((world) => ({ ...world, inbox: mode === null ? null : { mode, connections: null } }))
const server = () => `127.0.0.1:${here.lab.inbox.port}`

describe('report send', () => {
  test('queues the report, and says who sends it and when', async () => {
    await here.counted()
    const { status, out, err } = await send()
    expect([status, err]).toEqual([0, ''])
    expect(out).toMatch(
      /^mailto:tlsrpt@example\.org: queued; a running "stswatch run" sends it (?:now|after \d{4}-\d\d-\d\d 0[0-4]:\d\d UTC)\n$/,
    )
    expect(here.lab.inbox.mails).toEqual([])
    expect(await here.remembered((store) => store.submissions.recent(DOMAIN, 9))).toMatchObject([
      { rua: RUA, state: 'waiting', attempts: 0 },
    ])
  })

  test('--now hands it to the mail server, signed, and tells what that said', async () => {
    await here.counted()
    const { status, out, err } = await sendNow()
    expect([status, err]).toEqual([0, ''])
    expect(out).toMatch(
      /^mailto:tlsrpt@example\.org: sent: 127\.0\.0\.1:\d+: 250 OK: message queued \(\d\.\d s\)\n$/,
    )
    const [mail, ...more] = here.lab.inbox.mails
    expect([more, mail?.from, mail?.to]).toEqual([[], 'tls-reports@monitor.example', ['tlsrpt@example.org']])
    expect(mail?.raw).toMatch(/^DKIM-Signature: /im)
  })

  test('what was sent is not sent again, and that is said', async () => {
    await here.counted()
    await sendNow()
    const again = {
      status: 0,
      out: expect.stringContaining(`${RUA}: sent before, and not sent again: ${server()}: 250 OK`),
      err: '',
    }
    expect([await sendNow(), await send()]).toEqual([again, again])
    expect(here.lab.inbox.mails).toHaveLength(1)
  })

  test('what was queued before is sent by --now, once', async () => {
    await here.counted()
    await send()
    expect((await sendNow()).out).toContain(': sent: ')
    expect(here.lab.inbox.mails).toHaveLength(1)
  })

  test('each address by itself: one refuses, the other takes it', async () => {
    await here.counted(yesterday(), `v=TLSRPTv1; rua=https://nobody.example/,${RUA}`)
    const { status, out } = await sendNow()
    expect([status, here.lab.inbox.mails.length]).toEqual([1, 1])
    expect(out).toContain(`${RUA}: sent: `)
    expect(out).toContain(
      'https://nobody.example/: not taken yet: nobody.example: nobody.example has no address; a running "stswatch run" tries again\n',
    )
  })

  test.each<[InboxMode, RegExp]>([
    [
      'greylist',
      /: not taken yet: 127\.0\.0\.1:\d+: .*451 4\.7\.1 Greylisted.*; a running "stswatch run" tries again\n$/,
    ],
    ['reject-recipient', /: given up: 127\.0\.0\.1:\d+: .*550 5\.1\.1 No such user\n$/],
    [
      'reject-login',
      /: not taken yet: 127\.0\.0\.1:\d+ refuses the login .*check user and password in SMTP_URL/,
    ],
    ['stored-then-close', /: not taken yet: 127\.0\.0\.1:\d+: /],
  ])('%s: exit status 1 and what was said', async (mode, words) => {
    await here.counted()
    inbox(mode)
    const env = { ...here.env, SMTP_URL: `smtp://me:canary@${server()}` }
    const { status, out, err } = await send({ now: true }, env)
    expect([status, err]).toEqual([1, ''])
    expect(out).toMatch(words)
    expect(out).not.toContain('canary')
  })

  test('a refusal is final: the next time it says so and sends nothing', async () => {
    await here.counted()
    inbox('reject-recipient')
    await sendNow()
    inbox(null)
    const { status, out } = await sendNow()
    expect([status, here.lab.inbox.mails]).toEqual([1, []])
    expect(out).toMatch(/: given up before, and not sent again: .*550 5\.1\.1 No such user\n$/)
  })

  test('a report that would not count is not sent, and it is told which key is missing', async () => {
    await here.counted()
    here.lab.change((world) => ({ ...world, records: [] }))
    const { status, out } = await sendNow()
    expect([status, here.lab.inbox.mails]).toEqual([1, []])
    expect(out).toContain('not taken yet: tlsrpt._domainkey.monitor.example: There is no TXT record here.; ')
  })

  test('nobody who reports: what to set', async () => {
    await here.counted()
    const { status, out, err } = await send({}, { DATABASE_FILE: here.env.DATABASE_FILE })
    expect([status, out]).toEqual([78, ''])
    expect(err).toMatch(
      /^stswatch report send: no report can be sent: set MAIL_FROM, SMTP_URL .*DKIM_REPORT_KEY_FILE/,
    )
    expect(err).toContain('`stswatch dkim keygen` makes the key')
  })

  test('nothing to send: why, and what to ask next', async () => {
    expect(await send()).toMatchObject({ status: 66, err: expect.stringContaining('there is no database') })
    await here.counted(yesterday() - DAY_MS)
    const other = await send()
    expect([other.status, other.out]).toEqual([1, ''])
    expect(other.err).toBe(
      `nothing to send: no session with a mail host of example.org was counted on ${dayText(yesterday())}. What a look now would say: stswatch report preview example.org\n`,
    )
    await here.counted(yesterday(), 'v=spf1 -all')
    expect(await sendNow()).toEqual({
      status: 1,
      out: '',
      err: 'nothing to send: example.org publishes no address for TLS reports (TXT at _smtp._tls.example.org). What would be sent: stswatch report preview example.org\n',
    })
  })

  test('a day that is not over has no report yet: it would stand for the whole day', async () => {
    const today = yesterday() + DAY_MS
    await here.counted(today)
    const { status, out, err } = await sendNow({ day: dayText(today) })
    expect([status, out, here.lab.inbox.mails]).toEqual([2, '', []])
    expect(err).toBe(
      `stswatch report send: --day ${dayText(today)} is not over (UTC), and a report is about a whole day; to see it as it stands: stswatch report preview example.org --day ${dayText(today)}\n`,
    )
  })

  test.each<[string, Partial<ReportSendRequest>, RegExp]>([
    ['a name with a slip', { domain: 'exampel.org' }, /did you mean example\.org\?/],
    ['a day that is none', { day: '25.11.2026' }, /--day 25\.11\.2026: write a day like/],
  ])('refuses %s', async (_, more, complaint) => {
    const { status, out, err } = await send(more)
    expect([status, out, err]).toEqual([2, '', expect.stringMatching(complaint)])
  })
})

describe('report list', () => {
  test('shows each report and, below it, what was said, whole', async () => {
    await here.counted(yesterday() - DAY_MS)
    await here.counted()
    inbox('reject-recipient')
    await sendNow({ day: dayText(yesterday() - DAY_MS) })
    inbox(null)
    await send()
    const { status, out, err } = await list()
    expect([status, err]).toEqual([0, ''])
    expect(out.split('\n')).toEqual([
      'day         state     attempts  to',
      `${dayText(yesterday())}  waiting          0  ${RUA}`,
      expect.stringMatching(/^ {12}due after \d{4}-\d\d-\d\d 0\d:\d\d UTC$/),
      `${dayText(yesterday() - DAY_MS)}  given-up         1  ${RUA}`,
      `            ${server()}: Can't send mail - all recipients were rejected: 550 5.1.1 No such user`,
      '',
    ])
  })

  test('says when one that was put off is tried again', async () => {
    await here.counted()
    inbox('greylist')
    await sendNow()
    inbox(null)
    expect((await list()).out.replaceAll(/\s+/g, ' ')).toMatch(
      /451 4\.7\.1 Greylisted, please come back later; tried again after \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
    )
  })

  test('fits the terminal', async () => {
    await here.counted(yesterday(), `v=TLSRPTv1; rua=mailto:${'a'.repeat(60)}@example.org`)
    inbox('reject-recipient')
    await sendNow()
    const { out } = await list({}, 60)
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
    expect(out.replaceAll(/\s+/g, ' ')).toContain('all recipients were rejected: 550 5.1.1 No such user')
  })

  test('as JSON is an object a line, with the report itself', async () => {
    await here.counted()
    await sendNow()
    const { status, out } = await list({ json: true })
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect([status, rows]).toMatchObject([
      0,
      [
        {
          domain: DOMAIN,
          rua: RUA,
          state: 'sent',
          attempts: 1,
          dayAt: yesterday(),
          note: expect.stringContaining('250'),
        },
      ],
    ])
    expect(JSON.parse(rows[0].report)['report-id']).toBe(rows[0].reportId)
  })

  test('says that there is none yet, and how one comes about', async () => {
    await here.counted()
    const { status, out, err } = await list()
    expect([status, out]).toEqual([0, ''])
    expect(err).toMatch(
      /^no report about example\.org was made yet; .*reports: \{ submit: true \}.*stswatch report send example\.org\n$/,
    )
    expect(await list({ json: true })).toEqual({ status: 0, out: '', err: '' })
  })

  test.each<[string, object, number, RegExp]>([
    ['an unknown domain', { domain: 'example.orgg' }, 2, /did you mean example\.org\?/],
    ['no database', {}, 66, /there is no database/],
  ])('%s', async (_, more, status, complaint) => {
    expect(await list(more)).toEqual({ status, out: '', err: expect.stringMatching(complaint) })
  })
})

test('the command line hands all of it on', async () => {
  await here.counted()
  const config = join(here.directory, 'watch.yaml')
  const run = async (...args: readonly string[]) => {
    const { io, said } = capturedIo({ env: here.env })
    return { status: await cli(['--config', config, 'report', ...args], io), ...said }
  }
  const day = dayText(yesterday())
  expect(JSON.parse((await run('preview', DOMAIN, '--day', day, '--json')).out)).toHaveProperty('report-id')
  expect((await run('preview', DOMAIN, '--mail')).out).toContain('TLS-Report-Submitter: monitor.example')
  expect(await run('send', DOMAIN, '--day', '2026-13-01')).toMatchObject({ status: 2 })
  expect(await run('send', DOMAIN)).toMatchObject({ status: 0, out: expect.stringContaining('queued') })
  expect(JSON.parse((await run('list', DOMAIN, '--json')).out)).toMatchObject({ state: 'waiting' })
  await writeFile(join(here.directory, 'broken.yaml'), 'domains: [')
  const { io } = capturedIo({ env: here.env })
  const broken = ['--config', join(here.directory, 'broken.yaml'), 'report', 'list', DOMAIN]
  expect(await cli(broken, io)).toBe(78)
})
