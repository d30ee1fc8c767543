import { once } from 'node:events'
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DoctorLine, Machine } from '../../../src/app/doctor/doctor-line.ts'
import { examine } from '../../../src/app/doctor/examine.ts'
import { thisMachine } from '../../../src/app/doctor/this-machine.ts'
import { dkimKeygenCommand } from '../../../src/cli/dkim-keygen.ts'
import { type DoctorSurroundings, doctorCommand } from '../../../src/cli/doctor.ts'
import type { Variables } from '../../../src/config/env.ts'
import { editDomain, editHost, healthyDomain, mailHost } from '../../../src/lab/build-world.ts'
import { IMAP_PASSWORD, IMAP_USER } from '../../../src/lab/imap-login.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { World } from '../../../src/lab/world.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { MINUTE_MS, systemClock } from '../../../src/lib/time.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { QUICK } from '../../scenario/process.ts'
import { worldOf } from '../../scenario/stage.ts'
import { capturedIo } from './captured-io.ts'
import { hookServer } from './hook-server.ts'

const DOMAIN = 'example.net'
const PASSWORD = 'hunter2-canary'
const V6 = '2001:db8::44'
const MEBIBYTE = 1024 * 1024

let lab: Lab
let directory: string
let healthy: World
let env: Variables
let inLab: { readonly watch: object; readonly env: Variables }
let hook: Awaited<ReturnType<typeof hookServer>>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stswatch-doctor-'))
  const { io, said } = capturedIo({ env: {} })
  await dkimKeygenCommand({ domain: DOMAIN, directory: join(directory, 'keys') }, io, manualClock(0))
  const keys = Object.fromEntries(
    [...said.out.matchAll(/^ {4}(DKIM_\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  const texts = [...said.out.matchAll(/^ {4}value {2}(.*)$/gm)].map(([, value = '']) => value)
  const names = [...said.out.matchAll(/^ {4}(\S+)\. IN TXT/gm)].map(([, name = '']) => name)
  const world = worldOf([healthyDomain(DOMAIN, { addresses: [] })], {
    records: [
      ...names.map((name, index) => ({
        name,
        ttlSeconds: 300,
        type: 'TXT' as const,
        text: texts[index] ?? '',
      })),
      { name: 'bogus.canary.test', ttlSeconds: 300, type: 'A', address: '192.0.2.99' },
      { name: 'alerts.test', ttlSeconds: 300, type: 'MX', preference: 10, exchange: 'mx.alerts.test' },
    ],
    hosts: [mailHost('mx.alerts.test')],
    dnsFaults: [{ at: 'bogus.canary.test', type: 'any', resolver: 'all', fault: 'bogus' }],
  })
  healthy = editHost(world, 'www.canary.test', { addresses: ['192.0.2.44', V6] })
  lab = await startLab(healthy)
  hook = await hookServer(200)
  env = {
    ...keys,
    DATABASE_FILE: join(directory, 'data', 'stswatch.db'),
    SMTP_URL: `smtp://me:${PASSWORD}@127.0.0.1:${lab.inbox.port}`,
    MAIL_FROM: `alerts@${DOMAIN}`,
    IMAP_URL: `imap://${encodeURIComponent(IMAP_USER)}:${encodeURIComponent(IMAP_PASSWORD)}@127.0.0.1:${lab.imap.port}`,
  }
  // Both are let near loopback only where nothing else may be reached.
  inLab = {
    watch: {
      egress: {},
      channels: {
        ops: { type: 'slack', channel: 'C0123ABCDE' },
        hook: { type: 'webhook', url_env: 'OPS_WEBHOOK_URL' },
      },
    },
    env: {
      SLACK_BOT_TOKEN: 'xoxb-canary',
      SLACK_API_URL: lab.slack.url,
      OPS_WEBHOOK_URL: hook.url,
      STSWATCH_LAB: '1',
    },
  }
})
afterAll(async () => {
  await hook[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})
beforeEach(async () => {
  lab.change(() => healthy)
  await rm(join(directory, 'data'), { recursive: true, force: true })
  await mkdir(join(directory, 'data'), { mode: 0o700 })
})

interface Edit {
  readonly lab?: boolean
  readonly watch?: object
  readonly env?: Variables
  readonly machine?: Partial<Machine>
  readonly clock?: DoctorSurroundings['clock']
  readonly smtpHosts?: readonly string[]
  readonly json?: boolean
}

async function doctor(edit: Edit = {}) {
  const configFile = join(directory, 'watch.yaml')
  const watch = {
    domains: [DOMAIN],
    channels: {
      post: { type: 'email', to: ['ops@alerts.test'] },
      screen: { type: 'console' },
    },
    egress: { allow: ['2001:db8::/32', '192.0.2.0/24'] },
    mailbox: { folder: 'INBOX' },
    resolvers: [`${lab.dns.host}:${lab.dns.port}`],
    canaries: {
      dns: ['canary.test'],
      dnssec: ['signed.canary.test'],
      bogus: ['bogus.canary.test'],
      https: ['www.canary.test'],
      smtp: ['mx.canary.test'],
    },
    ehlo_name: 'monitor.ops.example',
    ...(edit.lab === true ? inLab.watch : {}),
    ...edit.watch,
  }
  await writeFile(configFile, JSON.stringify(watch))
  const { io, said } = capturedIo({
    env: { ...env, ...(edit.lab === true ? inLab.env : {}), ...edit.env },
    columns: 1_000,
  })
  const status = await doctorCommand(
    { configFile, json: edit.json !== false, smtpHosts: edit.smtpHosts ?? [] },
    io,
    {
      world: { route: lab.route, roots: [lab.caPem], limits: QUICK },
      clock: edit.clock ?? systemClock,
      machine: { ...thisMachine, ...edit.machine },
      ca: lab.caPem,
    },
  )
  for (const secret of [PASSWORD, IMAP_PASSWORD, 'xoxb-canary', '/canary', 'PRIVATE KEY'])
    expect(said.out + said.err).not.toContain(secret)
  if (edit.json !== false && said.out === '') throw new Error(said.err)
  const lines: readonly DoctorLine[] = edit.json === false ? [] : JSON.parse(said.out).lines
  return { status, out: said.out, err: said.err, lines }
}

async function stateOf(topic: string, edit: Edit = {}) {
  const { status, lines } = await doctor(edit)
  const own = lines.filter((line) => line.topic === topic)
  const worst = (['bad', 'warning', 'unset', 'good'] as const).find((state) =>
    own.some((line) => line.state === state),
  )
  const text = own
    .filter(({ state }) => state === worst)
    .map((line) => [line.text, ...line.remedy].join('\n'))
  return { status, state: worst, text: text.join('\n') }
}

test('where all is well every line is good, and nothing was left behind', async () => {
  const { status, lines, err } = await doctor()
  expect(lines.filter(({ state }) => state !== 'good').map(({ topic }) => topic)).toEqual([
    'Slack',
    'webhooks',
  ])
  expect([status, err]).toEqual([0, ''])
  const others = await doctor({ lab: true })
  const channels = others.lines.filter(({ topic }) => topic === 'Slack' || topic === 'webhooks')
  expect(channels.map(({ state }) => state)).toEqual(['good', 'good', 'good'])
  expect(new Set(lines.map(({ topic }) => topic)).size).toBe(15)
  expect(await readdir(join(directory, 'data'))).toEqual([])
  expect([lab.inbox.mails, hook.bodies, lab.slack.messages('C0123ABCDE')]).toEqual([[], [], []])
})

test('a person gets one screen with marks', async () => {
  const { out } = await doctor({ json: false, machine: { versions: { node: '20.1.0', sqlite: '3.50.0' } } })
  expect(out).toMatch(/^✗ runtime +Node\.js 20\.1\.0, SQLite 3\.50\.0: too old\n +→ Install Node\.js 26/)
  expect(out).toMatch(/^✓ DNSSEC +127\.0\.0\.1:\d+ validates/m)
  expect(out).toMatch(/\n\n\d+ good, 0 to think of, 1 wrong, 2 not configured\n$/)
})

test('what is not configured is said, and is no failure', async () => {
  const bare = {
    SLACK_BOT_TOKEN: '',
    SMTP_URL: '',
    MAIL_FROM: '',
    IMAP_URL: '',
    DKIM_DOMAIN: '',
    OPS_WEBHOOK_URL: '',
  }
  const keys = Object.fromEntries(
    Object.keys(env)
      .filter((name) => name.startsWith('DKIM_'))
      .map((name) => [name, '']),
  )
  const { status, lines } = await doctor({
    watch: { channels: { screen: { type: 'console' } }, mailbox: undefined },
    env: { ...bare, ...keys },
  })
  expect(lines.filter(({ state }) => state === 'unset').map(({ topic }) => topic)).toEqual([
    'mailbox of reports',
    'mail server for alerts',
    'DKIM',
    'Slack',
    'webhooks',
  ])
  expect(status).toBe(0)
})

test('it works beside a database that is in use, and does not touch it', async () => {
  const file = join(directory, 'data', 'stswatch.db')
  const store = await openStore(file, { owner: true, allowNetworkFilesystem: false, warn: () => {} })
  const before = [await readFile(file), await readFile(`${file}-wal`)]
  expect(await stateOf('database')).toMatchObject({ status: 0, state: 'good' })
  expect([await readFile(file), await readFile(`${file}-wal`)]).toEqual(before)
  await store[Symbol.asyncDispose]()
})

const withFault = (fault: World['dnsFaults'][number]) => () =>
  lab.change((world) => ({ ...world, dnsFaults: [fault, ...world.dnsFaults] }))

/** Topic, what is broken, the break, how the command is run, the state, words of the line and of its remedy. */
type Break = readonly [string, string, () => void | Promise<void>, Edit, 'bad' | 'warning', RegExp]

const nothing = () => {}
const BREAKS: readonly Break[] = [
  [
    'runtime',
    'an old SQLite',
    nothing,
    { machine: { versions: { node: '26.0.0', sqlite: '3.36.0' } } },
    'bad',
    /SQLite is too old\nUse a Node/,
  ],
  [
    'clock and HTTPS',
    'a clock that is three minutes fast',
    nothing,
    { clock: { ...systemClock, now: () => systemClock.now() + 3 * MINUTE_MS } },
    'bad',
    /3 minutes fast, by www\.canary\.test\nSwitch time synchronisation on: timedatectl set-ntp true/,
  ],
  [
    'clock and HTTPS',
    'port 443 closed',
    () => lab.change((world) => editHost(world, 'www.canary.test', { path: 'refused' })),
    {},
    'bad',
    /Open port 443 outwards/,
  ],
  [
    'database',
    'a file in the place of the directory',
    async () => {
      await rm(join(directory, 'data'), { recursive: true })
      await writeFile(join(directory, 'data'), '')
    },
    { machine: { space: async () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 41 }) } },
    'bad',
    /data is no directory\nMove it away/,
  ],
  [
    'database',
    'a network file system',
    nothing,
    { machine: { filesystemType: async () => 0x6969 } },
    'bad',
    /NFS.*Put the database on a local disk/,
  ],
  [
    'database',
    'everybody can write',
    () => chmod(join(directory, 'data'), 0o777),
    {},
    'bad',
    /Everybody can write.*Run: chmod 700/,
  ],
  [
    'database',
    'others can read',
    () => chmod(join(directory, 'data'), 0o755),
    {},
    'warning',
    /Others can read.*Run: chmod 700/,
  ],
  [
    'disk space',
    'less than 256 MiB',
    nothing,
    { machine: { space: async () => ({ freeBytes: 256 * MEBIBYTE - 1, totalBytes: 512 * MEBIBYTE }) } },
    'warning',
    /Make room/,
  ],
  [
    'disk space',
    'less than 5 %',
    nothing,
    { machine: { space: async () => ({ freeBytes: 500 * MEBIBYTE - 1, totalBytes: 10_000 * MEBIBYTE }) } },
    'warning',
    /Make room/,
  ],
  [
    'DNS',
    'silence',
    withFault({ at: 'canary.test', type: 'MX', resolver: 'all', fault: 'timeout' }),
    {},
    'bad',
    /no answer within.*\nSee whether it runs.*dig \+tcp/,
  ],
  [
    'DNSSEC',
    'a broken name that is answered',
    () => lab.change((world) => ({ ...world, dnsFaults: [] })),
    {},
    'bad',
    /does not validate: it answers for bogus\.canary\.test\nInstall.*unbound\n.*resolvers: \[127\.0\.0\.1\]/,
  ],
  [
    'DNSSEC',
    'signed names unvalidated',
    () => lab.change((world) => ({ ...world, zones: [] })),
    {},
    'bad',
    /signed\.canary\.test came unvalidated\nInstall/,
  ],
  [
    'port 25 outwards',
    'closed',
    () => lab.change((world) => editHost(world, 'mx.canary.test', { path: 'refused' })),
    {},
    'bad',
    /Many providers close port 25/,
  ],
  [
    'port 25 outwards',
    'a named host is deaf',
    () => lab.change((world) => editHost(world, 'mx.alerts.test', { path: 'refused' })),
    { smtpHosts: ['mx.alerts.test', 'mx.canary.test'] },
    'bad',
    /^mx\.alerts\.test: /,
  ],
  [
    'mailbox of reports',
    'a wrong password',
    nothing,
    { env: { IMAP_URL: 'SET-BELOW' } },
    'bad',
    /Check user and password in IMAP_URL/,
  ],
  [
    'mailbox of reports',
    'no such folder',
    nothing,
    { watch: { mailbox: { folder: 'Nowhere' } } },
    'bad',
    /Make the folder, or name another one/,
  ],
  [
    'mail server for alerts',
    'a refused login',
    () => lab.change((world) => ({ ...world, inbox: { mode: 'reject-login', connections: null } })),
    {},
    'bad',
    /535.*SMTP_URL.*\nTo try it with a mail/s,
  ],
  [
    'mail server for alerts',
    'no SMTP_URL',
    nothing,
    { env: { SMTP_URL: '' } },
    'bad',
    /SMTP_URL is not set\nSet SMTP_URL/,
  ],
  [
    'DKIM',
    'no record',
    () => lab.change((world) => ({ ...world, records: world.records.filter(({ type }) => type !== 'TXT') })),
    {},
    'bad',
    /stswatch dkim check/,
  ],
  [
    'Slack',
    'a token that is not good',
    () =>
      lab.change((world) => ({
        ...world,
        slack: { mode: { error: 'invalid_auth' }, methods: ['auth.test'], calls: null },
      })),
    {},
    'bad',
    /invalid_auth\nPut the Bot User OAuth Token/,
  ],
  [
    'Slack',
    'no such channel',
    () =>
      lab.change((world) => ({
        ...world,
        slack: { mode: { error: 'channel_not_found' }, methods: ['conversations.info'], calls: null },
      })),
    {},
    'bad',
    /the channel C0123ABCDE: Slack says channel_not_found\nCorrect the channel/,
  ],
  [
    'Slack',
    'a channel by a name that cannot be seen',
    nothing,
    { watch: { channels: { ops: { type: 'slack', channel: '#mail-ops' } } } },
    'warning',
    /#mail-ops is not among.*\nInvite it/,
  ],
  [
    'webhooks',
    'nobody listens',
    nothing,
    { env: { OPS_WEBHOOK_URL: 'http://127.0.0.1:1/canary' } },
    'bad',
    /127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED.*\nCheck OPS_WEBHOOK_URL/,
  ],
  [
    'report addresses',
    'its mail host is deaf',
    () => lab.change((world) => editHost(world, `mx1.${DOMAIN}`, { path: 'refused' })),
    {},
    'bad',
    /none of its mail hosts greets \(mx1\.example\.net\)\nReports to it are lost/,
  ],
  [
    'report addresses',
    'it takes no mail',
    () =>
      lab.change((world) => editDomain(world, DOMAIN, { mx: [{ preference: 0, exchange: '.' }], hosts: [] })),
    {},
    'bad',
    /it takes no mail/,
  ],
  [
    'alarm paths',
    'alerts go to a watched domain',
    nothing,
    { watch: { channels: { post: { type: 'email', to: [`ops@${DOMAIN}`] } } } },
    'warning',
    /example\.net/,
  ],
]

describe('each line, broken on purpose and mended', () => {
  test.each(BREAKS)('%s: %s', async (topic, what, breakIt, edit, state, words) => {
    const wrong = `imap://${encodeURIComponent(IMAP_USER)}:wrong@127.0.0.1:${lab.imap.port}`
    const usual = topic === 'Slack' || topic === 'webhooks' ? { lab: true } : {}
    const own = what === 'a wrong password' ? { ...edit, env: { IMAP_URL: wrong } } : edit
    await breakIt()
    const broken = await stateOf(topic, { ...usual, ...own })
    expect(broken).toMatchObject({ state, text: expect.stringMatching(words) })
    if (state === 'bad') expect(broken.status).toBe(1)
    lab.change(() => healthy)
    if (what === 'a file in the place of the directory') await rm(join(directory, 'data'))
    await mkdir(join(directory, 'data'), { recursive: true })
    await chmod(join(directory, 'data'), 0o700)
    expect(await stateOf(topic, usual)).toMatchObject({ state: 'good' })
  })

  test('a directory that is not there yet is made at the first start: nothing is wrong with that', async () => {
    await rm(join(directory, 'data'), { recursive: true })
    expect(await stateOf('database')).toMatchObject({
      status: 0,
      state: 'good',
      text: expect.stringMatching(/data is not there yet; the first start makes it/),
    })
    expect(await stateOf('disk space')).toMatchObject({ state: 'good' })
    expect(await readdir(directory)).not.toContain('data')
    await mkdir(join(directory, 'data'), { mode: 0o700 })
  })

  test('IPv6: no route', async () => {
    lab.change((world) => editHost(world, 'www.canary.test', { byAddress: { [V6]: { path: 'no-route' } } }))
    expect(await stateOf('IPv6')).toMatchObject({
      status: 0,
      state: 'warning',
      text: expect.stringMatching(/no way out.*2001:db8::44\n.*ip -6 route/),
    })
    lab.change(() => healthy)
    expect(await stateOf('IPv6')).toMatchObject({ state: 'good' })
    lab.change((world) => editHost(world, 'www.canary.test', { addresses: ['192.0.2.44'] }))
    expect(await stateOf('IPv6')).toMatchObject({ state: 'unset' })
  })

  test.each([
    [256 * MEBIBYTE, 5_120 * MEBIBYTE, 'good'],
    [256 * MEBIBYTE, 5_121 * MEBIBYTE, 'warning'],
  ])('%i bytes free of %i: %s', async (freeBytes, totalBytes, state) => {
    const machine = { space: async () => ({ freeBytes, totalBytes }) }
    expect(await stateOf('disk space', { machine })).toMatchObject({ state })
  })

  test('a Slack token that may not post', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': 'channels:read' })
      response.end(JSON.stringify({ ok: true, team: 'Lab', channel: { is_member: true } }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`
    expect(await stateOf('Slack', { lab: true, env: { SLACK_API_URL: url } })).toMatchObject({
      state: 'bad',
      text: expect.stringMatching(/lacks the scope chat:write\nAdd the scopes/),
    })
    server.closeAllConnections()
    server.close()
  })
})

test('where every domain ignores DANE a resolver that does not validate is no failure', async () => {
  lab.change((world) => ({ ...world, dnsFaults: [] }))
  const watch = { domains: [{ name: DOMAIN, dane: 'ignore' }] }
  expect(await stateOf('DNSSEC', { watch })).toMatchObject({ status: 0, state: 'warning' })
})

test('a check that never answers ends at its deadline, and one that breaks says so', async () => {
  const told: number[] = []
  const lines = await examine(
    [
      { topic: 'mute', deadlineMs: 20, run: () => new Promise(() => {}) },
      { topic: 'torn', deadlineMs: 1_000, run: () => Promise.reject(new Error('out of order')) },
    ],
    {} as never,
    () => told.push(1),
  )
  expect(lines.map(({ topic, state, text }) => `${topic} ${state}: ${text}`)).toEqual([
    'mute bad: no answer within 0.02 s',
    'torn bad: this could not be tried: out of order',
  ])
  expect(told).toHaveLength(2)
})

test.each([
  ['no such host', { smtpHosts: ['not a host'] }, 2],
  ['a broken configuration', { watch: { domains: ['not a domain'] } }, 78],
] as const)('%s', async (_, edit, status) => {
  expect(await doctor({ ...edit, json: false })).toMatchObject({ status, out: '' })
  await access(join(directory, 'data'))
})
