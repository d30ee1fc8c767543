/**
 * More ways in which a line of `doctor` goes red, each mended and seen green. Not to be broken here: a disk that says it has
 * written and has not (nothing can be asked that would tell), a place without write permission (tests may run as root), a
 * resolver on another machine (the lab is on this one, and so believed).
 */

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { editDomain, editHost } from '../../../src/lab/build-world.ts'
import type { World } from '../../../src/lab/world.ts'
import { MINUTE_MS, systemClock } from '../../../src/lib/time.ts'
import { rsaPem } from '../mail/dkim-keys.ts'
import { DOMAIN, type DoctorLab, doctorLab, type Edit } from './doctor-lab.ts'

let here: DoctorLab
beforeAll(async () => {
  here = await doctorLab()
})
afterAll(() => here[Symbol.asyncDispose]())
beforeEach(() => here.fresh())

const fault = (rule: World['dnsFaults'][number]) => (world: World) => ({
  ...world,
  dnsFaults: [rule, ...world.dnsFaults],
})
const web = (edit: Parameters<typeof editHost>[2]) => (world: World) =>
  editHost(world, 'www.canary.test', edit)

/** Topic, what is broken, the world, how the command is run, the state, words of the line and of its remedy. */
type Break = readonly [string, string, (world: World) => World, Edit, 'bad' | 'warning', RegExp]
const same = (world: World) => world

const BREAKS: readonly Break[] = [
  [
    'runtime',
    'an old Node',
    same,
    { machine: { versions: { node: '24.9.0', sqlite: '3.50.0' } } },
    'bad',
    /Node\.js 24\.9\.0.*too old\nInstall Node\.js 26/,
  ],
  [
    'clock and HTTPS',
    'a clock that is slow',
    same,
    { clock: { ...systemClock, now: () => systemClock.now() - 5.5 * MINUTE_MS } },
    'bad',
    /5 minutes slow, by www\.canary\.test\nSwitch time synchronisation on/,
  ],
  [
    'clock and HTTPS',
    'nobody tells the time',
    web({ https: { status: 200, headers: { date: '' }, body: 'x' } }),
    {},
    'warning',
    /nobody told the time/,
  ],
  [
    'database',
    'in memory',
    same,
    { env: { DATABASE_FILE: ':memory:' } },
    'warning',
    /forgotten.*\nSet DATABASE_FILE/,
  ],
  [
    'DNS',
    'no TCP',
    fault({ at: 'canary.test', type: 'MX', resolver: 'all', fault: 'truncated-no-tcp' }),
    {},
    'bad',
    /127\.0\.0\.1:\d+: .*\nSee whether it runs, and open port \d+ to it over both: dig/,
  ],
  [
    'DNSSEC',
    'the signed canary cannot be asked for',
    fault({ at: 'signed.canary.test', type: 'any', resolver: 'all', fault: 'refused' }),
    {},
    'bad',
    /has no answer for signed\.canary\.test\nSee whether it can reach the Internet/,
  ],
  [
    'DNSSEC',
    'the broken canary cannot be asked for',
    fault({ at: 'bogus.canary.test', type: 'any', resolver: 'all', fault: 'refused' }),
    {},
    'warning',
    /bogus\.canary\.test, which it must refuse, could not be asked for\nName other domains/,
  ],
  [
    'mailbox of reports',
    'nobody listens',
    same,
    { env: { IMAP_URL: `imap://u:p-canary@127.0.0.1:1` } },
    'bad',
    /127\.0\.0\.1:1.*\nCheck host and port in IMAP_URL/,
  ],
  [
    'mailbox of reports',
    'the server quotes the login that it refuses',
    (world) => ({ ...world, imap: { mode: 'quotes-login', lacks: [], connections: null } }),
    {},
    'bad',
    /Check user and password in IMAP_URL/,
  ],
  [
    'mail server for alerts',
    'nobody listens',
    same,
    { env: { SMTP_URL: 'smtp://me:p-canary@127.0.0.1:1' } },
    'bad',
    /nobody listens at 127\.0\.0\.1:1 .*check host and port in SMTP_URL/,
  ],
  [
    'mail server for alerts',
    'it is busy',
    (world) => ({ ...world, inbox: { mode: 'busy', connections: null } }),
    {},
    'bad',
    /421/,
  ],
  [
    'DKIM',
    'it cannot be looked up',
    fault({ at: `*.${DOMAIN}`, type: 'TXT', resolver: 'all', fault: 'servfail' }),
    {},
    'warning',
    /_domainkey\.example\.net could not be looked up/,
  ],
  ['DKIM', 'another key', same, {}, 'bad', /another one.*\nTo see what to publish: stswatch dkim check/],
  [
    'Slack',
    'no token',
    same,
    { lab: true, env: { SLACK_BOT_TOKEN: '' } },
    'bad',
    /SLACK_BOT_TOKEN is not set\nPut the Bot User OAuth Token/,
  ],
  [
    'Slack',
    'it cannot be reached',
    (world) => ({ ...world, slack: { mode: 'reset', methods: ['auth.test'], calls: null } }),
    { lab: true },
    'bad',
    /Slack cannot be reached: .*\nOpen port 443 outwards to slack\.com/,
  ],
  [
    'Slack',
    'a missing scope for the channel',
    (world) => ({
      ...world,
      slack: { mode: { error: 'missing_scope' }, methods: ['conversations.info'], calls: null },
    }),
    { lab: true },
    'bad',
    /C0123ABCDE: Slack says missing_scope\nAdd the scopes/,
  ],
  [
    'report addresses',
    'the record cannot be looked up',
    fault({ at: `_smtp._tls.${DOMAIN}`, type: 'TXT', resolver: 'all', fault: 'servfail' }),
    {},
    'warning',
    /_smtp\._tls\.example\.net could not be looked up/,
  ],
  [
    'report addresses',
    'the MX cannot be looked up',
    (world) =>
      fault({ at: 'reports.test', type: 'MX', resolver: 'all', fault: 'servfail' })(
        editDomain(world, DOMAIN, { tlsrptRecord: ['v=TLSRPTv1; rua=mailto:a@reports.test'] }),
      ),
    {},
    'warning',
    /the MX records of reports\.test could not be looked up/,
  ],
  [
    'report addresses',
    'a domain that is not there',
    (world) => editDomain(world, DOMAIN, { tlsrptRecord: ['v=TLSRPTv1; rua=mailto:a@nowhere.test'] }),
    {},
    'bad',
    /nowhere\.test: none of its mail hosts greets/,
  ],
  [
    'alarm paths',
    'alerts go through a mail host of a watched domain',
    (world) => ({
      ...world,
      records: world.records.map((one) =>
        one.type === 'MX' && one.name === 'alerts.test' ? { ...one, exchange: `mx1.${DOMAIN}` } : one,
      ),
    }),
    {},
    'warning',
    /alerts\.test|mx1\.example\.net/,
  ],
]

describe('each line, broken on purpose and mended', () => {
  test.each(BREAKS)('%s: %s', async (topic, what, world, edit, state, words) => {
    const usual = edit.lab === true ? { lab: true } : {}
    let own = edit
    if (what === 'another key') {
      const other = join(here.directory, 'other.pem')
      await writeFile(other, rsaPem(2048), { mode: 0o600 })
      own = { env: { DKIM_KEY_FILE: other } }
    }
    here.lab.change(world)
    const broken = await here.stateOf(topic, own)
    expect(broken).toMatchObject({ state, text: expect.stringMatching(words) })
    expect(broken.status === 1).toBe(state === 'bad')
    here.lab.change(() => here.healthy)
    expect(await here.stateOf(topic, usual)).toMatchObject({ state: 'good' })
  })

  test.each<[string, object, RegExp]>([
    [
      'is not in the channel',
      { is_member: false },
      /the app is not in the channel C0123ABCDE\nInvite it there/,
    ],
    ['finds the channel archived', { is_archived: true }, /is archived\nName another one/],
  ])('Slack: the app %s', async (_, channel, words) => {
    const about = { is_member: true, ...channel }
    await using slack = await slackThat((request) => ({
      body: { ok: true, team: 'Lab', ...(request.url?.endsWith('info') ? { channel: about } : {}) },
      scopes: 'chat:write,channels:read',
    }))
    const edit = { lab: true, env: { SLACK_API_URL: slack.url } }
    expect(await here.stateOf('Slack', edit)).toMatchObject({
      state: 'bad',
      text: expect.stringMatching(words),
    })
    Object.assign(about, { is_member: true, is_archived: false })
    expect(await here.stateOf('Slack', edit)).toMatchObject({ state: 'good' })
  })

  test('Slack: the scope to post is missing, and given', async () => {
    let scopes = 'channels:read'
    const channel = { is_member: true }
    await using slack = await slackThat(() => ({ body: { ok: true, team: 'Lab', channel }, scopes }))
    const edit = { lab: true, env: { SLACK_API_URL: slack.url } }
    expect(await here.stateOf('Slack', edit)).toMatchObject({
      state: 'bad',
      text: expect.stringMatching(/lacks the scope chat:write\nAdd the scopes/),
    })
    scopes = 'channels:read,chat:write'
    expect(await here.stateOf('Slack', edit)).toMatchObject({ state: 'good' })
  })

  test('DKIM: a key file that is not there is a broken environment, and is named', async () => {
    const { status, out, err } = await here.doctor({
      json: false,
      env: { DKIM_KEY_FILE: '/nowhere/key.pem' },
    })
    expect([status, out]).toEqual([78, ''])
    expect(err).toMatch(/^environment: DKIM_KEY_FILE: \/nowhere\/key\.pem does not exist$/m)
    expect((await here.doctor({ json: false })).status).toBe(0)
  })
})

async function slackThat(
  answer: (request: IncomingMessage) => { readonly body: object; readonly scopes: string },
) {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { body, scopes } = answer(request)
    response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': scopes })
    response.end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('--json has the status and every line, each with what to do about it', async () => {
  here.lab.change((world) => ({ ...world, records: [], inbox: { mode: 'busy', connections: null } }))
  const { status, out } = await here.doctor()
  const told = JSON.parse(out)
  expect([status, told.status, Object.keys(told)]).toEqual([1, 1, ['status', 'lines']])
  for (const line of told.lines) {
    expect(Object.keys(line)).toEqual(['topic', 'state', 'text', 'remedy'])
    expect(['good', 'warning', 'bad', 'unset']).toContain(line.state)
    if (line.state === 'bad')
      expect([line.topic, line.remedy]).toEqual([
        line.topic,
        [expect.any(String)].concat(line.remedy.slice(1)),
      ])
  }
})
