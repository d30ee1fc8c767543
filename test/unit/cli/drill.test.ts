import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drillCommand } from '../../../src/cli/drill.ts'
import { healthyDomain } from '../../../src/lab/build-world.ts'
import { DRILLS } from '../../../src/lab/drills/drills.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import { worldOf } from '../../scenario/stage.ts'
import { decodeWords, header, readMail } from '../mail/read-mail.ts'
import { capturedIo } from './captured-io.ts'

/** Where this installation's own Slack and mail server are. */
let lab: Lab
let directory: string
let configFile: string

beforeAll(async () => {
  lab = await startLab(worldOf([healthyDomain('example.net', {})]))
  directory = await mkdtemp(join(tmpdir(), 'stswatch-drill-'))
  configFile = join(directory, 'watch.yaml')
  const channels = {
    ops: { type: 'slack', channel: '#mail-ops' },
    postmaster: { type: 'email', to: ['postmaster@ops.example'], min_severity: 'critical' },
  }
  await writeFile(
    configFile,
    JSON.stringify({ domains: ['example.net'], channels, ehlo_name: 'monitor.ops.example' }),
  )
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

async function drill(name: string | null, channel: string | null = null) {
  const { io, said } = capturedIo({
    env: {
      DATABASE_FILE: join(directory, 'none.db'),
      SLACK_BOT_TOKEN: 'xoxb-lab',
      SLACK_API_URL: lab.slack.url,
      SMTP_URL: `smtp://${lab.inbox.host}:${lab.inbox.port}`,
      MAIL_FROM: 'stswatch@ops.example',
      STSWATCH_LAB: '1',
    },
  })
  const status = await drillCommand({ configFile, name, channel }, io, lab.caPem)
  return { status, ...said }
}

test('a drill is told by the real channels, opened and resolved, and every message says that it is one', async () => {
  const { status, out } = await drill('mx-not-covered')
  expect(out).toMatch(/mx-not-covered\s+\d+ min\s+ops\s+delivered/)
  expect(out).toMatch(/postmaster\s+delivered/)
  expect(status).toBe(0)
  const [root, ...others] = lab.slack.messages('#mail-ops')
  expect(others).toEqual([])
  expect(root?.text).toMatch(/DRILL: .*mx2\.example\.com is not covered/)
  expect(JSON.stringify(root?.blocks)).toContain('This is a drill')
  expect(JSON.stringify(root?.blocks)).not.toContain('stswatch explain')
  expect(root?.replies.map(({ text }) => /DRILL: .*[Rr]esolved/.test(text))).toEqual([true])
  const mails = lab.inbox.mails.map(({ raw }) => readMail(raw))
  expect(mails).toHaveLength(2)
  for (const { headers, parts } of mails) {
    expect(decodeWords(header(headers, 'Subject'))).toContain('DRILL: ')
    expect(parts[0]?.content).toContain('This is a drill')
  }
})

test('what a channel is not told at this severity is no failure', async () => {
  const { status, out } = await drill('mx-alias', 'postmaster')
  expect(out).toMatch(/postmaster\s+left out: it is told from critical on/)
  expect(status).toBe(0)
})

test('a channel that does not work is seen', async () => {
  const before = lab.world
  lab.change((world) => ({
    ...world,
    slack: { mode: { error: 'channel_not_found' }, methods: 'all', calls: null },
  }))
  const { status, out } = await drill('mx-not-covered', 'ops')
  lab.change(() => before)
  expect(out).toMatch(/ops\s+(?:pending|dead): .*channel_not_found/)
  expect(status).toBe(1)
})

test('without a name all are listed; a misspelt one is corrected', async () => {
  const { status, out } = await drill(null)
  expect(status).toBe(0)
  for (const { name } of DRILLS) expect(out).toContain(name)
  expect(await drill('mx-not-coverd')).toMatchObject({
    status: 2,
    err: 'stswatch drill: there is no drill "mx-not-coverd"; did you mean mx-not-covered?\n',
  })
  expect(await drill('mx-alias', 'opss')).toMatchObject({
    status: 2,
    err: 'stswatch drill: no channel "opss" in the watch list; did you mean ops?\n',
  })
})
