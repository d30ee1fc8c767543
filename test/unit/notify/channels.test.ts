import { describe, expect, test } from 'vitest'
import { Secret } from '../../../src/lib/secret.ts'
import type { ChannelId } from '../../../src/model/notification.ts'
import {
  type ChannelSecrets,
  type ChannelSettings,
  type ChannelTools,
  createNotifiers,
} from '../../../src/notify/channels.ts'
import { eagerClock } from './eager-clock.ts'
import { T0, wording } from './message-builder.ts'

const NONE: ChannelSecrets = {
  slackToken: null,
  smtpUrl: null,
  mailFrom: null,
  dkimKeys: [],
  webhookUrls: new Map(),
  webhookSigningKeys: new Map(),
}

const ALL: ChannelSecrets = {
  slackToken: new Secret('xoxb-canary'),
  smtpUrl: new Secret('smtps://u:canary@mail.example.net'),
  mailFrom: 'alerts@example.net',
  dkimKeys: [],
  webhookUrls: new Map([['ALERT_WEBHOOK_URL', new Secret('https://hook.example.net/canary')]]),
  webhookSigningKeys: new Map(),
}

const TOOLS: ChannelTools = {
  wording: wording(),
  clock: eagerClock(T0),
  console: { write: () => {}, colour: false },
  ehloName: 'monitor.example.net',
  slackApiUrl: null,
  onSigning: () => {},
  smtpCa: null,
}

const SETTINGS: readonly (readonly [ChannelId, ChannelSettings])[] = [
  ['ops' as ChannelId, { type: 'slack', channel: '#mail-ops' }],
  ['postmaster' as ChannelId, { type: 'email', to: ['postmaster@example.com'] }],
  ['hook' as ChannelId, { type: 'webhook', urlEnv: 'ALERT_WEBHOOK_URL' }],
  ['screen' as ChannelId, { type: 'console' }],
]

test('every configured channel, in order', () => {
  const { notifiers, problems } = createNotifiers(new Map(SETTINGS), ALL, TOOLS)
  expect(problems).toEqual([])
  expect([...notifiers.keys()]).toEqual(['ops', 'postmaster', 'hook', 'screen'])
  expect([...notifiers.values()].map(({ id }) => id)).toEqual([...notifiers.keys()])
})

test('the terminal when none is configured', () => {
  const { notifiers, problems } = createNotifiers(new Map(), NONE, TOOLS)
  expect(problems).toEqual([])
  expect([...notifiers.keys()]).toEqual(['console'])
})

test('each channel that lacks its secret is named with the variable; the others work', () => {
  const { notifiers, problems } = createNotifiers(new Map(SETTINGS), NONE, TOOLS)
  expect([...notifiers.keys()]).toEqual(['screen'])
  expect(problems).toEqual([
    expect.stringMatching(/^channel ops: SLACK_BOT_TOKEN is not set/),
    expect.stringMatching(/^channel postmaster: MAIL_FROM is not set/),
    expect.stringMatching(/^channel hook: ALERT_WEBHOOK_URL is not set/),
  ])
})

describe('a value that cannot work is named without being shown', () => {
  const cases: readonly (readonly [string, Partial<ChannelSecrets>, string])[] = [
    ['no SMTP_URL', { smtpUrl: null }, 'SMTP_URL is not set'],
    ['a bad SMTP_URL', { smtpUrl: new Secret('https://canary') }, 'SMTP_URL must begin with'],
    ['a bad MAIL_FROM', { mailFrom: 'Alerts <a@b.example>' }, 'MAIL_FROM is no plain address'],
    ['plain http', { webhookUrls: urls('http://hook.example.net/canary') }, 'must be an https URL'],
    [
      'credentials in the URL',
      { webhookUrls: urls('https://u:canary@hook.example.net/') },
      'must be an https URL',
    ],
    ['no URL', { webhookUrls: urls('canary') }, 'must be an https URL'],
    [
      'a lookalike of loopback',
      { webhookUrls: urls('http://127.0.0.1.example.net/') },
      'must be an https URL',
    ],
  ]
  test.each(cases)('%s', (_name, secrets, sentence) => {
    const { problems } = createNotifiers(new Map(SETTINGS), { ...ALL, ...secrets }, TOOLS)
    expect(problems).toEqual([expect.stringContaining(sentence)])
    expect(problems.join()).not.toContain('canary')
  })

  test('a recipient that is none', () => {
    const settings = new Map([
      ['postmaster' as ChannelId, { type: 'email', to: ['a@b.example, c@d.example'] } as const],
    ])
    expect(createNotifiers(settings, ALL, TOOLS).problems).toEqual([
      'channel postmaster: "a@b.example, c@d.example" is no plain mail address',
    ])
  })
})

function urls(url: string): ReadonlyMap<string, Secret> {
  return new Map([['ALERT_WEBHOOK_URL', new Secret(url)]])
}
