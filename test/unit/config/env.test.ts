import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { forgetSecrets, readEnv } from '../../../src/config/env.ts'
import { ENV_VARIABLES } from '../../../src/config/env-variables.ts'
import { missingSecrets } from '../../../src/config/missing-secrets.ts'
import { parseWatchConfig } from '../../../src/config/parse-watch-config.ts'
import type { ChannelConfig } from '../../../src/config/watch-config.ts'
import type { ChannelId } from '../../../src/model/notification.ts'

const directory = mkdtempSync(join(tmpdir(), 'stswatch-env-'))
afterAll(() => rmSync(directory, { recursive: true }))

function secretFile(name: string, contents: string, mode = 0o600): string {
  const file = join(directory, name)
  writeFileSync(file, contents)
  chmodSync(file, mode)
  return file
}

test('an empty environment has a place for everything and no secret', () => {
  expect(readEnv({ SMTP_URL: '', SLACK_BOT_TOKEN: ' ' })).toEqual({
    ok: true,
    value: {
      configFile: 'config/watch.yaml',
      databaseFile: 'data/stswatch.db',
      slackToken: null,
      slackAppToken: null,
      slackApiUrl: null,
      smtpUrl: null,
      mailFrom: null,
      imapUrl: null,
      imapAccessToken: null,
      dkim: null,
      webhookUrls: new Map(),
      webhookSigningKeys: new Map(),
      heartbeatUrl: null,
      listen: null,
      lab: false,
    },
  })
})

const FULL = {
  SLACK_BOT_TOKEN: 'xoxb-1-canary',
  SMTP_URL: 'smtps://u:canary%40@mail.example.net',
  MAIL_FROM: 'stswatch@example.net',
  IMAP_URL: 'imaps://reports%40example.net@mail.example.net',
  IMAP_ACCESS_TOKEN: 'canary.canary~token/+==',
  ALERT_WEBHOOK_URL: 'https://hooks.example/canary',
  ALERT_WEBHOOK_SECRET: 'canary-canary-canary',
}

test('secrets are read, and print themselves nowhere', () => {
  const env = readEnv(FULL)
  if (!env.ok) throw new Error(env.error.join())
  expect(env.value.slackToken?.reveal()).toBe(FULL.SLACK_BOT_TOKEN)
  expect(env.value.smtpUrl?.reveal()).toBe(FULL.SMTP_URL)
  expect(env.value.imapUrl?.reveal()).toBe(FULL.IMAP_URL)
  const token = env.value.imapAccessToken?.()
  expect(token?.ok && token.value.reveal()).toBe(FULL.IMAP_ACCESS_TOKEN)
  expect(inspect(token)).not.toContain('canary')
  expect(env.value.webhookUrls.get('ALERT_WEBHOOK_URL')?.reveal()).toBe(FULL.ALERT_WEBHOOK_URL)
  expect(env.value.webhookSigningKeys.get('ALERT_WEBHOOK_URL')?.reveal()).toBe(FULL.ALERT_WEBHOOK_SECRET)
  expect(inspect(env, { depth: 9 }) + JSON.stringify([env, ...env.value.webhookUrls])).not.toContain('canary')
})

test('a secret may stand in a file, with a line break at its end', () => {
  const env = readEnv({ SLACK_BOT_TOKEN_FILE: secretFile('token', 'xoxb-1-canary\n') })
  expect(env.ok && env.value.slackToken?.reveal()).toBe('xoxb-1-canary')
  const hook = readEnv({ OPS_WEBHOOK_URL_FILE: secretFile('hook', 'https://hooks.example/x') })
  expect(hook.ok && [...hook.value.webhookUrls.keys()]).toEqual(['OPS_WEBHOOK_URL'])
})

const link = join(directory, 'link')
symlinkSync(secretFile('target', 'xoxb-1-canary'), link)

test.each<[Record<string, string>, string]>([
  [{ SLACK_BOT_TOKEN: 'canary' }, 'SLACK_BOT_TOKEN is no bot token'],
  [{ SLACK_BOT_TOKEN: 'xapp-canary' }, 'SLACK_BOT_TOKEN is an app-level token'],
  [{ SLACK_BOT_TOKEN: 'xoxp-canary' }, 'SLACK_BOT_TOKEN is a user token'],
  [
    { SLACK_BOT_TOKEN: 'xoxb-canary', SLACK_BOT_TOKEN_FILE: '/x' },
    'SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE are both set',
  ],
  [
    { SLACK_BOT_TOKEN_FILE: join(directory, 'none') },
    `SLACK_BOT_TOKEN_FILE: ${directory}/none does not exist`,
  ],
  [{ SLACK_BOT_TOKEN_FILE: directory }, `SLACK_BOT_TOKEN_FILE: ${directory} is not a regular file`],
  [{ SLACK_BOT_TOKEN_FILE: link }, `SLACK_BOT_TOKEN_FILE: ${link} is a symbolic link`],
  [
    { SLACK_BOT_TOKEN_FILE: secretFile('world', 'xoxb-canary', 0o644) },
    `SLACK_BOT_TOKEN_FILE: ${directory}/world is open to other users (mode 0644); do: chmod 600`,
  ],
  [
    { SLACK_BOT_TOKEN_FILE: secretFile('group', 'xoxb-canary', 0o640) },
    `SLACK_BOT_TOKEN_FILE: ${directory}/group is open to other users (mode 0640)`,
  ],
  [{ SLACK_BOT_TOKEN_FILE: secretFile('empty', '\n') }, `SLACK_BOT_TOKEN_FILE: ${directory}/empty is empty`],
  [{ SLACK_BOT_TOKEN_FILE: secretFile('wrong', 'canary') }, 'SLACK_BOT_TOKEN_FILE is no bot token'],
  [{ SLACK_API_URL: 'http://slack.example/api/' }, 'SLACK_API_URL must begin with https://'],
  [{ SLACK_API_URL: 'https://slack.example/api' }, 'SLACK_API_URL must be a URL that ends in /'],
  [{ SMTP_URL: 'canary' }, 'SMTP_URL is no URL'],
  [{ SMTP_URL: 'https://u:canary@mail.example' }, 'SMTP_URL must begin with smtp:// or smtps://'],
  [{ SMTP_URL: 'smtp://' }, 'SMTP_URL names no valid host'],
  [{ SMTP_URL: 'smtp://u:canary@mail.example/x' }, 'SMTP_URL must end after host and port'],
  [{ SMTP_URL: 'smtp://canary@mail.example' }, 'SMTP_URL needs both user and password'],
  [{ SMTP_URL: 'smtp://u:canary%zz@mail.example' }, 'SMTP_URL has a % in user or password'],
  [{ IMAP_URL: 'canary' }, 'IMAP_URL is no URL; write imaps://user:password@'],
  [{ IMAP_URL: 'smtps://u:canary@mail.example' }, 'IMAP_URL must begin with imap:// or imaps://'],
  [{ IMAP_URL: 'imaps://mail.example' }, 'IMAP_URL names no user; write imaps://user:password@'],
  [{ IMAP_URL: 'imaps://:canary@mail.example' }, 'IMAP_URL names no user'],
  [{ IMAP_URL: 'imaps://u@mail.example' }, 'IMAP_URL has no password; put it there'],
  [{ IMAP_URL: 'imaps://u:canary%0d%0a@mail.example' }, 'IMAP_URL has a control character'],
  [{ IMAP_URL: 'imaps://u:canary@mail.example/INBOX' }, 'IMAP_URL must end after host and port'],
  [
    { IMAP_URL: 'imaps://u:canary@mail.example', IMAP_ACCESS_TOKEN: 'canary' },
    'IMAP_URL has a password and IMAP_ACCESS_TOKEN is set too; keep one',
  ],
  [{ IMAP_ACCESS_TOKEN: 'canary' }, 'IMAP_ACCESS_TOKEN is set without IMAP_URL; set IMAP_URL=imaps://user@'],
  [
    { IMAP_URL: 'imaps://mail.example', IMAP_ACCESS_TOKEN: 'canary' },
    'IMAP_URL names no user; write imaps://user:password@',
  ],
  [
    { IMAP_URL: 'imaps://u@mail.example', IMAP_ACCESS_TOKEN: 'can ary' },
    'IMAP_ACCESS_TOKEN is no OAuth2 access token',
  ],
  [
    { IMAP_URL: 'imaps://u@mail.example', IMAP_ACCESS_TOKEN: 'canary', IMAP_ACCESS_TOKEN_FILE: '/x' },
    'IMAP_ACCESS_TOKEN and IMAP_ACCESS_TOKEN_FILE are both set',
  ],
  [
    { IMAP_URL: 'imaps://u@mail.example', IMAP_ACCESS_TOKEN_FILE: join(directory, 'none') },
    `IMAP_ACCESS_TOKEN_FILE: ${directory}/none does not exist`,
  ],
  [{ MAIL_FROM: 'postmaster' }, 'MAIL_FROM must be a bare address'],
  [{ MAIL_FROM: 'a@b.example\nBcc: c@d.example' }, 'MAIL_FROM must be a bare address'],
  [{ ALERT_WEBHOOK_URL: 'http://hooks.example/canary' }, 'ALERT_WEBHOOK_URL must begin with https://'],
  [
    { ALERT_WEBHOOK_URL: 'https://u:canary@hooks.example/' },
    'ALERT_WEBHOOK_URL must not hold a user or password',
  ],
  [
    { ALERT_WEBHOOK_URL: 'https://h.example/', ALERT_WEBHOOK_SECRET: 'canary' },
    'ALERT_WEBHOOK_SECRET is too short',
  ],
  [{ STSWATCH_LAB: 'yes' }, 'STSWATCH_LAB must be 1, 0 or empty'],
  [
    { STSWATCH_LAB: '1', SLACK_BOT_TOKEN: 'xoxb-canary' },
    'SLACK_API_URL must be on loopback, because STSWATCH_LAB is set',
  ],
  [{ STSWATCH_LAB: '1', SMTP_URL: 'smtp://mail.example' }, 'SMTP_URL must be on loopback'],
  [{ STSWATCH_LAB: '1', IMAP_URL: 'imaps://u:canary@mail.example' }, 'IMAP_URL must be on loopback'],
  [{ STSWATCH_LAB: '1', A_WEBHOOK_URL: 'https://hooks.example/canary' }, 'A_WEBHOOK_URL must be on loopback'],
])('%o is refused without its value', (variables, beginning) => {
  const env = readEnv(variables)
  const problems = env.ok ? [] : env.error
  expect(problems.map((problem) => problem.slice(0, beginning.length))).toEqual([beginning])
  expect(problems.join()).not.toContain('canary')
})

test('all that is wrong is said at once', () => {
  const env = readEnv({ SLACK_BOT_TOKEN: 'x', SMTP_URL: 'x', MAIL_FROM: 'x', STSWATCH_LAB: 'x' })
  expect(env.ok ? [] : env.error).toHaveLength(4)
})

test('the lab takes what is on loopback', () => {
  const variables = {
    STSWATCH_LAB: '1',
    SLACK_BOT_TOKEN: 'xoxb-lab',
    SLACK_API_URL: 'http://127.0.0.1:8080/api/',
  }
  const mail = { SMTP_URL: 'smtp://[::1]:2525', IMAP_URL: 'imap://u:p@127.0.0.1:1143' }
  expect(readEnv({ ...variables, ...mail }).ok).toBe(true)
})

test('secrets are gone from the environment after they were read', () => {
  const variables: Record<string, string | undefined> = { ...FULL, PATH: '/bin', DATABASE_FILE: 'x' }
  forgetSecrets(variables)
  expect(Object.keys(variables)).toEqual(['MAIL_FROM', 'PATH', 'DATABASE_FILE'])
})

test('a channel without its secret is named with the variable that it needs', () => {
  const env = readEnv({ MAIL_FROM: 'a@b.example' })
  if (!env.ok) throw new Error(env.error.join())
  const minSeverity = 'info'
  const channels = new Map<ChannelId, ChannelConfig>([
    ['s' as ChannelId, { type: 'slack', channel: '#x', minSeverity }],
    ['m' as ChannelId, { type: 'email', to: ['a@b.example'], minSeverity }],
    ['h' as ChannelId, { type: 'webhook', urlEnv: 'A_WEBHOOK_URL', format: 'json', minSeverity }],
    ['c' as ChannelId, { type: 'console', minSeverity }],
  ])
  expect(
    missingSecrets({ channels, mailbox: null }, env.value).map((sentence) => sentence.split(' in the')[0]),
  ).toEqual([
    'channel s (slack) needs SLACK_BOT_TOKEN',
    'channel m (email) needs SMTP_URL',
    'channel h (webhook) needs A_WEBHOOK_URL',
  ])
})

test('the file of an access token is read anew each time, and what becomes wrong with it is said', () => {
  const IMAP_ACCESS_TOKEN_FILE = secretFile('access', 'first\n')
  const env = readEnv({ IMAP_URL: 'imaps://u@mail.example', IMAP_ACCESS_TOKEN_FILE })
  const source = env.ok ? env.value.imapAccessToken : null
  const now = () => {
    const read = source?.()
    return read?.ok ? read.value.reveal() : read?.error
  }
  expect(now()).toBe('first')
  secretFile('access', 'second\n')
  expect(now()).toBe('second')
  secretFile('access', 'canary canary')
  expect(now()).toMatch(/^IMAP_ACCESS_TOKEN_FILE is no OAuth2 access token(?!.*canary)/)
  rmSync(IMAP_ACCESS_TOKEN_FILE)
  expect(now()).toBe(`IMAP_ACCESS_TOKEN_FILE: ${IMAP_ACCESS_TOKEN_FILE} does not exist`)
})

test.each([
  ['mailbox: {}', {}, ['`mailbox:` needs IMAP_URL in the environment (.env; see .env.example)']],
  [
    '',
    { IMAP_URL: 'imaps://u:p@mail.example' },
    ['IMAP_URL is set and nothing is read there without a `mailbox:` section; add `mailbox: {}`'],
  ],
  ['mailbox: {}', { IMAP_URL: 'imaps://u:p@mail.example' }, []],
  ['', {}, []],
])('"%s" with %o lacks %o', (section, variables, lacks) => {
  const env = readEnv(variables)
  const context = { hostname: 'monitor.example.net', now: Date.UTC(2026, 10, 23), lab: false }
  const loaded = parseWatchConfig(`domains: [a.example]\n${section}\n`, 'watch.yaml', context)
  if (!env.ok || !loaded.ok) throw new Error('both are right as they stand')
  expect(missingSecrets(loaded.config, env.value)).toEqual(lacks)
})

test('every documented variable is one that is read', () => {
  const variables = Object.fromEntries(ENV_VARIABLES.map(({ name }) => [name, '\u0001']))
  const env = readEnv(variables)
  const named = new Set((env.ok ? [] : env.error).map((problem) => problem.split(/[ :]/)[0]))
  const free = ['WATCH_CONFIG', 'DATABASE_FILE']
  expect(ENV_VARIABLES.map(({ name }) => name).filter((name) => !named.has(name))).toEqual(free)
})

describe('SLACK_APP_TOKEN', () => {
  const BOT = { SLACK_BOT_TOKEN: 'xoxb-1-abc' }

  test('is read, and forgotten with the other secrets', () => {
    const variables: Record<string, string | undefined> = { ...BOT, SLACK_APP_TOKEN: 'xapp-1-A1-abc' }
    const env = readEnv(variables)
    expect(env.ok && env.value.slackAppToken?.reveal()).toBe('xapp-1-A1-abc')
    forgetSecrets(variables)
    expect(Object.keys(variables)).toEqual([])
  })

  test.each([
    [{ ...BOT, SLACK_APP_TOKEN: 'xoxb-1-abc' }, 'is the bot token; the app-level token begins with xapp-'],
    [{ ...BOT, SLACK_APP_TOKEN: 'secret-text' }, 'is no app-level token; one begins with xapp-'],
    [{ SLACK_APP_TOKEN: 'xapp-1-abc' }, 'is of no use without SLACK_BOT_TOKEN'],
  ])('%o', (variables, complaint) => {
    const env = readEnv(variables)
    const problems = env.ok ? [] : env.error
    expect(problems).toEqual([expect.stringContaining(`SLACK_APP_TOKEN ${complaint}`)])
    expect(problems.join()).not.toContain('secret-text')
  })
})

test('PORT is opened on this machine only, unless HOST says otherwise', () => {
  const listen = (variables: Record<string, string>) => {
    const env = readEnv(variables)
    return env.ok ? env.value.listen : env.error
  }
  expect(listen({ PORT: '8080' })).toEqual({ host: '127.0.0.1', port: 8080 })
  expect(listen({ PORT: '65535', HOST: '::' })).toEqual({ host: '::', port: 65_535 })
  expect(listen({ HOST: '0.0.0.0' })).toBeNull()
  for (const PORT of ['0', '65536', '80a', '-1']) {
    expect(listen({ PORT })).toEqual(['PORT must be a port from 1 to 65535'])
  }
  expect(listen({ PORT: '80', HOST: 'localhost' })).toEqual(['HOST must be an IP address'])
})
