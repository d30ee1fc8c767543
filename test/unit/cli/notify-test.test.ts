import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notifyTestCommand } from '../../../src/cli/notify-test.ts'
import type { Variables } from '../../../src/config/env.ts'
import { healthyDomain } from '../../../src/lab/build-world.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { World } from '../../../src/lab/world.ts'
import { worldOf } from '../../scenario/stage.ts'
import { rsaPem } from '../mail/dkim-keys.ts'
import { scriptedServer } from '../mail/scripted-server.ts'
import { capturedIo } from './captured-io.ts'
import { hookServer } from './hook-server.ts'

let lab: Lab
let directory: string
let configFile: string
beforeAll(async () => {
  lab = await startLab(worldOf([healthyDomain('example.net', {})]))
  directory = await mkdtemp(join(tmpdir(), 'stswatch-notify-'))
  configFile = join(directory, 'watch.yaml')
  const channels = {
    ops: { type: 'slack', channel: '#mail-ops' },
    postmaster: { type: 'email', to: ['postmaster@example.com'] },
    hook: { type: 'webhook', url_env: 'ALERT_WEBHOOK_URL' },
    screen: { type: 'console' },
  }
  await writeFile(
    configFile,
    JSON.stringify({ domains: ['example.net'], channels, ehlo_name: 'monitor.example.net' }),
  )
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const slack = (): Variables => ({
  SLACK_BOT_TOKEN: 'xoxb-lab',
  SLACK_API_URL: lab.slack.url,
  STSWATCH_LAB: '1',
})
const mail = (port: number): Variables => ({
  SMTP_URL: `smtp://me:canary@127.0.0.1:${port}`,
  MAIL_FROM: 'alerts@example.net',
})

async function notify(channel: string, variables: Variables, config = configFile) {
  const env = { DATABASE_FILE: join(directory, 'none.db'), ...variables }
  const { io, said } = capturedIo({ env })
  const status = await notifyTestCommand({ configFile: config, channel }, io)
  expect(said.out + said.err).not.toContain('canary')
  return { status, ...said }
}

function trouble(edit: (world: World) => World): Disposable {
  const before = lab.world
  lab.change(edit)
  return { [Symbol.dispose]: () => lab.change(() => before) }
}

describe('each type of channel gets a message that says it is a test', () => {
  test('the terminal', async () => {
    const { status, out, err } = await notify('screen', {})
    expect([status, err]).toEqual([0, ''])
    expect(out).toMatch(/This is a test of the channel screen\n.*by hand.*\n.*Nothing is wrong: /)
    expect(out).toMatch(/\ndelivered: channel screen \(console\) has the test message, in \d\.\d s\n$/)
  })

  test('e-mail', async () => {
    const { status, out } = await notify('postmaster', mail(lab.inbox.port))
    expect([status, out]).toEqual([
      0,
      expect.stringMatching(/^delivered: channel postmaster \(email\) has the test message, in \d+\.\d s\n$/),
    ])
    expect(lab.inbox.mails.at(-1)?.raw).toContain('Subject: [test] This is a test of the channel postmaster')
  })

  test('e-mail, signed', async () => {
    const key = join(directory, 'key.pem')
    await writeFile(key, rsaPem(2048), { mode: 0o600 })
    const dkim = { DKIM_DOMAIN: 'example.net', DKIM_SELECTOR: 'mail1', DKIM_KEY_FILE: key }
    const { status, out } = await notify('postmaster', { ...mail(lab.inbox.port), ...dkim })
    expect([status, out]).toEqual([0, expect.stringMatching(/, signed with DKIM\n$/)])
    expect(lab.inbox.mails.at(-1)?.raw).toMatch(/^DKIM-Signature: v=1;/)
  })

  test('a webhook', async () => {
    await using hook = await hookServer(204)
    const { status, out } = await notify('hook', { ALERT_WEBHOOK_URL: hook.url })
    expect([status, out]).toEqual([0, expect.stringMatching(/^delivered: channel hook \(webhook\)/)])
    expect(JSON.parse(hook.bodies[0] ?? '')).toMatchObject({
      label: 'test',
      text: 'This is a test of the channel hook',
      events: [{ kind: 'test', host: 'monitor.example.net' }],
    })
  })

  test('Slack', async () => {
    const { status, out, err } = await notify('ops', slack())
    expect([status, err, out]).toEqual([0, '', expect.stringMatching(/^delivered: channel ops \(slack\)/)])
  })

  test('the terminal, where none is configured', async () => {
    const plain = join(directory, 'plain.yaml')
    await writeFile(plain, JSON.stringify({ domains: ['example.net'] }))
    expect((await notify('console', {}, plain)).status).toBe(0)
    expect(await notify('mail', {}, plain)).toMatchObject({
      status: 2,
      err: expect.stringContaining('there is: console'),
    })
  })
})

describe('what keeps it from being delivered is one line with what to do', () => {
  test('no such channel', async () => {
    expect(await notify('postmatser', {})).toMatchObject({
      status: 2,
      err: 'stswatch notify test: no channel "postmatser" in the watch list; did you mean postmaster?\n',
    })
  })

  test('no secret for it; that of another channel does not matter', async () => {
    expect(await notify('ops', {})).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^not delivered: channel ops: SLACK_BOT_TOKEN is not set.*\n$/),
    })
  })

  test('a login that is refused', async () => {
    await using server = await scriptedServer({ capabilities: ['AUTH PLAIN'], auth: '535 5.7.8 no' })
    const { status, err } = await notify('postmaster', mail(server.port))
    expect([status, err]).toEqual([
      1,
      expect.stringMatching(
        /^not delivered: channel postmaster \(email\): 127\.0\.0\.1:\d+ refuses the login \(.*535.*\); check user and password in SMTP_URL.*\n$/,
      ),
    ])
  })

  test('an answer that never came', async () => {
    await using server = await scriptedServer({ capabilities: ['AUTH PLAIN'], end: 'close' })
    const { status, err } = await notify('postmaster', mail(server.port))
    expect([status, err]).toEqual([
      1,
      expect.stringMatching(/^perhaps delivered: .*look whether it has arrived\n$/),
    ])
  })

  test.each<[number, RegExp]>([
    [302, /HTTP status 302; redirects are not followed/],
    [403, /HTTP status 403; check the secret part/],
    [404, /HTTP status 404; check the URL/],
    [400, /HTTP status 400; the receiver does not take this format/],
    [503, /HTTP status 503; check that the URL can be reached/],
  ])('a webhook that answers %i', async (answer, said) => {
    await using hook = await hookServer(answer)
    const { status, err } = await notify('hook', { ALERT_WEBHOOK_URL: hook.url })
    expect([status, err]).toEqual([1, expect.stringMatching(said)])
  })

  test('a Slack channel without the bot', async () => {
    using _ = trouble((world) => ({
      ...world,
      slack: { mode: { error: 'not_in_channel' }, methods: 'all', calls: null },
    }))
    const { status, err } = await notify('ops', slack())
    expect([status, err]).toEqual([
      1,
      expect.stringMatching(
        /^not delivered: channel ops \(slack\): Slack says not_in_channel; invite the bot/,
      ),
    ])
  })
})

test('nothing is remembered of it', async () => {
  expect((await readdir(directory)).filter((name) => name.includes('.db'))).toEqual([])
})
