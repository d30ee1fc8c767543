import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { withDomain, withHost } from '../../src/lab/drills/drill.ts'
import type { SlackTrouble } from '../../src/lab/world.ts'
import { scratch } from '../unit/store/scratch.ts'
import { Stage, worldOf } from './stage.ts'

const DOWN: SlackTrouble = { mode: 'reset', methods: 'all', calls: null }
const BROKEN = withDomain({ tlsrptRecord: ['v=TLSRPTv1; rua=nobody'] })
const MENDED = withDomain({ tlsrptRecord: ['v=TLSRPTv1; rua=mailto:tlsrpt@example.com'] })

test('what opened and ended while Slack was down is one message; mail did not wait', async () => {
  await using stage = await Stage.open(worldOf([healthyDomain('example.com')]))
  await stage.pass(16)
  stage.change((world) => ({ ...world, slack: { ...DOWN, mode: { retryAfter: '60' } } }))
  stage.change(BROKEN)
  await stage.pass(25)
  expect(stage.mailLabels()).toEqual(['warning'])
  stage.change(MENDED)
  await stage.pass(35)
  expect(stage.mailLabels()).toEqual(['warning', 'resolved'])
  expect(stage.slackThreads()).toEqual([])

  stage.change((world) => ({ ...world, slack: null }))
  await stage.pass(90)
  expect(stage.slackThreads()).toHaveLength(1)
  expect(stage.slackThreads()[0]).toMatch(/^🟢/)
  expect(stage.slackTimes()).toHaveLength(1)
  expect(stage.mailLabels()).toEqual(['warning', 'resolved'])
})

test('a critical message that Slack does not take comes by mail, and that Slack fails is told there', async () => {
  await using stage = await Stage.open(worldOf([healthyDomain('example.com')]))
  await stage.pass(16)
  stage.change((world) => ({ ...world, slack: { ...DOWN, mode: { error: 'channel_not_found' } } }))
  stage.change(withDomain({ stsRecord: ['v=STSv1;'] }))
  await stage.pass(30)
  expect(await stage.openIncidents()).toEqual([
    'monitor.channel.failing ops',
    'mta-sts.record.invalid example.com',
  ])
  const mails = stage.mailTexts()
  expect(
    mails.filter((mail) => mail.includes('Sent here because the primary channel failed: ops')),
  ).toHaveLength(1)
  expect(mails.filter((mail) => mail.includes('Messages to the channel ops are not delivered'))).toHaveLength(
    1,
  )
})

test('the Slack token and the SMTP password stand in no file, no log line and no message', async () => {
  const token = 'xoxb-0123456789-topsecret'
  const password = 'mail-password-topsecret'
  await using place = await scratch()
  const lines: string[] = []
  const domains = worldOf([healthyDomain('example.com')])
  await using plain = await Stage.open(domains)
  const env = {
    SLACK_BOT_TOKEN: token,
    SMTP_URL: `smtp://postmaster:${password}@${plain.lab.inbox.host}:${plain.lab.inbox.port}`,
  }
  const log = (line: string) => void lines.push(line)
  await using stage = await Stage.open(domains, { database: place.file, env, log })
  await stage.pass(16)
  stage.change((world) => ({ ...world, slack: { ...DOWN, mode: { error: 'invalid_auth' } } }))
  plain.change((world) => ({ ...world, inbox: { mode: 'reject-login', connections: 3 } }))
  stage.change(withHost('mx1.example.com', { smtp: 'no-starttls' }))
  await stage.pass(60)
  stage.change((world) => ({ ...world, slack: null }))
  stage.change(withHost('mx1.example.com', { smtp: 'ok' }))
  await stage.pass(60)

  expect(lines.some((line) => line.includes('delivery.trouble'))).toBe(true)
  expect(plain.lab.inbox.mails.some(({ user }) => user === 'postmaster')).toBe(true)
  const folder = dirname(place.file)
  const files = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')),
  )
  const said = [...stage.lab.slack.calls, ...plain.lab.inbox.mails].map((one) => JSON.stringify(one))
  const everywhere = [...files, ...lines, ...said].join('\n')
  expect(everywhere).toContain('mx.starttls.missing')
  const coded = [token, password].flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64').slice(0, 16),
  ])
  expect(coded.filter((secret) => everywhere.includes(secret))).toEqual([])
})
