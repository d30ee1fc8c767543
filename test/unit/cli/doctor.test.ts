import { access, chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { examine } from '../../../src/app/doctor/examine.ts'
import { editDomain, editHost } from '../../../src/lab/build-world.ts'
import { IMAP_USER } from '../../../src/lab/imap-login.ts'
import type { World } from '../../../src/lab/world.ts'
import { MINUTE_MS, systemClock } from '../../../src/lib/time.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { DOMAIN, type DoctorLab, doctorLab, type Edit, V6 } from './doctor-lab.ts'

const MEBIBYTE = 1024 * 1024

let here: DoctorLab
let lab: DoctorLab['lab']
let directory: string
beforeAll(async () => {
  here = await doctorLab()
  lab = here.lab
  directory = here.directory
})
afterAll(() => here[Symbol.asyncDispose]())
beforeEach(() => here.fresh())

const doctor = (edit: Edit = {}) => here.doctor(edit)
const stateOf = (topic: string, edit: Edit = {}) => here.stateOf(topic, edit)

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
  expect([lab.inbox.mails, here.hook.bodies, lab.slack.messages('C0123ABCDE')]).toEqual([[], [], []])
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
    Object.keys(here.env)
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
    lab.change(() => here.healthy)
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
    lab.change(() => here.healthy)
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
