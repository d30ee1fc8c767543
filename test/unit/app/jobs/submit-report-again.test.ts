import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { editHost, redirectTo } from '../../../../src/lab/build-world.ts'
import type { InboxMode } from '../../../../src/lab/world.ts'
import { DAY_MS, MINUTE_MS } from '../../../../src/lib/time.ts'
import { header, readMail } from '../../mail/read-mail.ts'
import { scriptedServer } from '../../mail/scripted-server.ts'
import {
  type DeskOptions,
  DOMAIN,
  type Left,
  MIDNIGHT,
  MX1,
  reportDesk,
  reportLab,
  SHORT,
} from './report-desk.ts'

let here: Awaited<ReturnType<typeof reportLab>>
beforeAll(async () => {
  here = await reportLab()
})
afterAll(() => here.lab[Symbol.asyncDispose]())
beforeEach(() => here.lab.change(() => here.healthy))

/** What tells a receiver that two mails are one report. */
function idsOf(raw: string) {
  const { headers, parts } = readMail(raw)
  const report = JSON.parse(gunzipSync(Buffer.from(parts[1]?.content ?? '', 'latin1')).toString())
  return {
    messageId: header(headers, 'Message-ID'),
    subject: header(headers, 'Subject'),
    reportId: report['report-id'],
  }
}

/** The report that waits, attempt by attempt, until it is over. */
async function untilOver(desk: Awaited<ReturnType<typeof reportDesk>>): Promise<readonly Left[]> {
  const attempts: Left[] = []
  for (;;) {
    const attempt = await desk.attempt()
    if (attempt === null) throw new Error('nothing waits')
    attempts.push(attempt)
    if (attempt.state !== 'waiting') return attempts
  }
}

describe('a report that is put off', () => {
  test('goes out at the third attempt, after growing pauses', async () => {
    const rcpt = { '*': '450 4.7.1 greylisted, come back' }
    await using mx = await scriptedServer({ rcpt })
    await using desk = await reportDesk(here, { mail: { [MX1]: mx } })
    await desk.dayOver()
    const firstAt = (await desk.store.submissions.nextDueAt()) ?? 0
    const attempts: string[] = []
    for (const answer of ['450 4.7.1 greylisted, come back', '450 4.7.1 still', '250 ok']) {
      rcpt['*'] = answer
      const { state, attempts: count, note } = (await desk.attempt()) as Left
      const minutes = (desk.clock.now() - firstAt) / MINUTE_MS
      attempts.push(`after ${minutes} min: ${state} ${count} ${note}`)
    }
    const other = 'mx2.example.com [192.0.2.2]: 192.0.2.2:25 refused the connection'
    expect(attempts).toEqual([
      expect.stringMatching(
        /^after 0 min: waiting 1 mx1\.example\.com \[192\.0\.2\.1\]: .*450 4\.7\.1 greylisted/,
      ),
      expect.stringMatching(/^after 10 min: waiting 2 mx1\.example\.com .*450 4\.7\.1 still/),
      expect.stringMatching(/^after 30 min: sent 3 mx1\.example\.com \[192\.0\.2\.1\]: 250 2\.0\.0 queued /),
    ])
    expect(attempts[0]).toContain(other)
    expect(mx.mails).toHaveLength(1)
  })

  test('pauses grow to four hours, and after 24 hours it is given up; the address is not blamed', async () => {
    await using mx = await scriptedServer({ greeting: '421 busy' })
    await using desk = await reportDesk(here, { mail: { [MX1]: mx } })
    for (const day of [0, 2, 4, 6]) {
      expect(await desk.dayOver(MIDNIGHT + day * DAY_MS)).toBe(1)
      const startAt = (await desk.store.submissions.nextDueAt()) ?? 0
      const attempts = await untilOver(desk)
      expect(attempts.map(({ waitMinutes }) => waitMinutes)).toEqual([
        10,
        20,
        40,
        80,
        160,
        240,
        240,
        240,
        240,
        170,
        null,
      ])
      expect(desk.clock.now() - startAt).toBe(DAY_MS)
      expect(attempts.at(-1)).toMatchObject({
        state: 'given-up',
        attempts: 11,
        note: expect.stringContaining('421 busy'),
      })
    }
  })

  test('a server that took the data and never answered gets it again, with the same ids', async () => {
    await using mx = await scriptedServer({ end: 'hang' })
    await using desk = await reportDesk(here, { mail: { [MX1]: mx }, deadlines: SHORT })
    await desk.dayOver()
    expect(await desk.attempt()).toMatchObject({ state: 'waiting', waitMinutes: 10 })
    expect(await desk.attempt()).toMatchObject({ state: 'waiting', attempts: 2, waitMinutes: 20 })
    const [first, second, ...more] = mx.mails.map(idsOf)
    expect([more, first]).toEqual([[], second])
    expect(first?.messageId).toMatch(/^<[0-9a-f]{32}@monitor\.example>$/)
    expect(first?.subject).toContain(`Report-ID: <${first?.reportId}>`)
  })

  test('who is told to stop on the way settles nothing: the lease runs out', async () => {
    await using mx = await scriptedServer({ greeting: 'hang' })
    await using desk = await reportDesk(here, { mail: { [MX1]: mx } })
    await desk.dayOver()
    const stop = new AbortController()
    const attempt = desk.attempt(stop.signal)
    await expect.poll(() => desk.routed).toEqual([`${MX1} 25`])
    stop.abort()
    expect(await attempt).toMatchObject({ state: 'leased', attempts: 1, note: null, waitMinutes: 10 })
  })
})

describe('an address that refuses', () => {
  const REFUSING = { rcpt: { '*': '550 5.1.1 no such user' } }

  test('three times in a row is left alone for thirty days', async () => {
    await using mx = await scriptedServer(REFUSING)
    await using desk = await reportDesk(here, { mail: { [MX1]: mx } })
    const states: string[] = []
    for (const day of [0, 1, 2, 3, 32, 33, 34]) {
      expect(await desk.dayOver(MIDNIGHT + day * DAY_MS)).toBe(1)
      await desk.attempt()
      const [row] = await desk.store.submissions.recent(DOMAIN, 1)
      states.push(`${day} ${row?.state} ${row?.attempts}`)
      if (day === 3) {
        expect(row?.note).toBe('it refused 3 reports in a row and is left alone for a while')
      }
    }
    expect(states).toEqual([
      '0 given-up 1',
      '1 given-up 1',
      '2 given-up 1',
      '3 left-out 0',
      '32 left-out 0',
      '33 given-up 1',
      '34 given-up 1',
    ])
    expect(mx.mails).toEqual([])
  })

  test.each<[string, DeskOptions]>([
    ['a redirect', { rua: 'https://reports.example/moved' }],
    ['another port', { rua: 'https://reports.example:8443/' }],
  ])('%s counts as a refusal too', async (_, options) => {
    here.lab.change((world) =>
      editHost(world, 'reports.example', { https: redirectTo('https://a.example/') }),
    )
    await using desk = await reportDesk(here, options)
    for (const day of [0, 1, 2, 3]) {
      await desk.dayOver(MIDNIGHT + day * DAY_MS)
      await desk.attempt()
    }
    const rows = await desk.store.submissions.recent(DOMAIN, 9)
    expect(rows.map(({ state }) => state)).toEqual(['left-out', 'given-up', 'given-up', 'given-up'])
  })
})

describe('our own mail server', () => {
  test.each<[string, InboxMode, RegExp]>([
    ['refuses the login', 'reject-login', /refuses the login .*535.*check user and password in SMTP_URL/],
    ['is busy', 'busy', /421/],
    ['ends the connection', 'reset-at-connect', /127\.0\.0\.1/],
  ])('%s: that is no refusal by the address, and it is tried again', async (_, mode, note) => {
    await using desk = await reportDesk(here, {
      smtpUrl: `smtp://me:canary@127.0.0.1:${here.lab.inbox.port}`,
    })
    await desk.dayOver()
    here.lab.change((world) => ({ ...world, inbox: { mode, connections: null } }))
    const first = await desk.attempt()
    expect(first).toMatchObject({ state: 'waiting', waitMinutes: 10, note: expect.stringMatching(note) })
    expect(first?.note).not.toContain('canary')
    here.lab.change((world) => ({ ...world, inbox: null }))
    expect(await desk.attempt()).toMatchObject({
      state: 'sent',
      note: expect.stringMatching(/^127\.0\.0\.1:\d+: 250 /),
    })
  })

  test('passes on that the recipient is refused', async () => {
    await using desk = await reportDesk(here, { smtpUrl: `smtp://127.0.0.1:${here.lab.inbox.port}` })
    await desk.dayOver()
    here.lab.change((world) => ({ ...world, inbox: { mode: 'reject-recipient', connections: null } }))
    expect(await desk.attempt()).toMatchObject({
      state: 'given-up',
      note: expect.stringMatching(/127\.0\.0\.1:\d+.*550 5\.1\.1 No such user/),
    })
  })
})

describe('a report that its receivers would not count', () => {
  test('is held and told as our own trouble, and goes out once the key is there', async () => {
    await using mx = await scriptedServer()
    await using desk = await reportDesk(here, { mail: { [MX1]: mx } })
    const { records } = here.healthy
    here.lab.change((world) => ({ ...world, records: [] }))
    await desk.dayOver()
    expect(await desk.attempt()).toMatchObject({
      state: 'waiting',
      attempts: 1,
      note: 'tlsrpt._domainkey.monitor.example: There is no TXT record here.',
    })
    expect(desk.held()).toMatchObject({
      severity: 'warning',
      evidence: {
        domain: 'monitor.example',
        selector: 'tlsrpt',
        why: expect.stringContaining('no TXT record'),
      },
    })
    expect(mx.commands).toEqual([])
    here.lab.change((world) => ({ ...world, records }))
    const attempts = await untilOver(desk)
    expect(attempts.at(-1)).toMatchObject({ state: 'sent' })
    expect([desk.held(), mx.mails.length]).toEqual([undefined, 1])
  })

  test.each<[string, (text: string) => string, RegExp]>([
    [
      'another key',
      (text) => text.replace(/p=MII.{60}/, (key) => `${key.slice(0, -9)}AAAAAAAAA`),
      /another one/,
    ],
    ['only for ordinary mail', (text) => text.replace('s=tlsrpt', 's=email'), /s=email/],
    ['revoked', (text) => text.replace(/p=.*/, 'p='), /revoked|withdrawn|empty/i],
  ])('the published key is %s', async (_, edit, why) => {
    await using mx = await scriptedServer()
    await using desk = await reportDesk(here, { mail: { [MX1]: mx } })
    here.lab.change((world) => ({
      ...world,
      records: world.records.map((one) => (one.type === 'TXT' ? { ...one, text: edit(one.text) } : one)),
    }))
    await desk.dayOver()
    expect(await desk.attempt()).toMatchObject({ state: 'waiting', note: expect.stringMatching(why) })
    expect(desk.held()?.evidence).toMatchObject({ why: expect.stringMatching(why) })
    expect(mx.commands).toEqual([])
  })

  test('stays told while reports that are not signed go out by POST, and while the key cannot be looked up', async () => {
    const rua = 'mailto:reports@example.com,https://reports.example/'
    await using desk = await reportDesk(here, { rua })
    here.lab.change((world) => ({ ...world, records: [] }))
    expect(await desk.dayOver()).toBe(2)
    while ((await desk.attempt())?.state !== 'sent');
    expect(desk.held()).toBeDefined()
    here.lab.change((world) => ({
      ...world,
      dnsFaults: [{ at: '*', type: 'TXT', resolver: 'all', fault: 'servfail' }],
    }))
    expect((await desk.attempt())?.note).toMatch(/^the key at .* could not be looked up/)
    expect(desk.held()).toBeDefined()
  })

  test('a key that cannot be looked up just now is no trouble of ours', async () => {
    await using mx = await scriptedServer()
    await using desk = await reportDesk(here, { mail: { [MX1]: mx } })
    here.lab.change((world) => ({
      ...world,
      dnsFaults: [
        { at: 'tlsrpt._domainkey.monitor.example', type: 'any', resolver: 'all', fault: 'servfail' },
      ],
    }))
    await desk.dayOver()
    expect(await desk.attempt()).toMatchObject({
      state: 'waiting',
      note: expect.stringMatching(
        /^the key at tlsrpt\._domainkey\.monitor\.example could not be looked up: /,
      ),
    })
    expect([desk.held(), mx.commands]).toEqual([undefined, []])
  })
})
