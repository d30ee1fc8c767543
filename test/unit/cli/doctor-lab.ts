/** `doctor` in a simulated internet where all is well, with everything configured that it looks at. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { DoctorLine, Machine } from '../../../src/app/doctor/doctor-line.ts'
import { thisMachine } from '../../../src/app/doctor/this-machine.ts'
import { dkimKeygenCommand } from '../../../src/cli/dkim-keygen.ts'
import { type DoctorSurroundings, doctorCommand } from '../../../src/cli/doctor.ts'
import type { Variables } from '../../../src/config/env.ts'
import { editHost, healthyDomain, mailHost } from '../../../src/lab/build-world.ts'
import { IMAP_PASSWORD, IMAP_USER } from '../../../src/lab/imap-login.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { systemClock } from '../../../src/lib/time.ts'
import { QUICK } from '../../scenario/process.ts'
import { worldOf } from '../../scenario/stage.ts'
import { capturedIo } from './captured-io.ts'
import { hookServer } from './hook-server.ts'

export const DOMAIN = 'example.net'
export const PASSWORD = 'hunter2-canary'
export const V6 = '2001:db8::44'

/** How the command is run otherwise than usual. */
export interface Edit {
  readonly lab?: boolean
  readonly watch?: object
  readonly env?: Variables
  readonly machine?: Partial<Machine>
  readonly clock?: DoctorSurroundings['clock']
  readonly smtpHosts?: readonly string[]
  readonly json?: boolean
}

async function madeKeys(directory: string) {
  const { io, said } = capturedIo({ env: {} })
  await dkimKeygenCommand({ domain: DOMAIN, directory: join(directory, 'keys') }, io, manualClock(0))
  const keys = Object.fromEntries(
    [...said.out.matchAll(/^ {4}(DKIM_\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  const texts = [...said.out.matchAll(/^ {4}value {2}(.*)$/gm)].map(([, value = '']) => value)
  const names = [...said.out.matchAll(/^ {4}(\S+)\. IN TXT/gm)].map(([, name = '']) => name)
  const records = names.map((name, index) => ({
    name,
    ttlSeconds: 300,
    type: 'TXT' as const,
    text: texts[index] ?? '',
  }))
  return { variables: keys, records }
}

type KeyRecords = Awaited<ReturnType<typeof madeKeys>>['records']

function healthyWorld(keyRecords: KeyRecords) {
  const world = worldOf([healthyDomain(DOMAIN, { addresses: [] })], {
    records: [
      ...keyRecords,
      { name: 'bogus.canary.test', ttlSeconds: 300, type: 'A', address: '192.0.2.99' },
      { name: 'alerts.test', ttlSeconds: 300, type: 'MX', preference: 10, exchange: 'mx.alerts.test' },
    ],
    hosts: [mailHost('mx.alerts.test')],
    dnsFaults: [{ at: 'bogus.canary.test', type: 'any', resolver: 'all', fault: 'bogus' }],
  })
  return editHost(world, 'www.canary.test', { addresses: ['192.0.2.44', V6] })
}

export async function doctorLab() {
  const directory = await mkdtemp(join(tmpdir(), 'stswatch-doctor-'))
  const keys = await madeKeys(directory)
  const healthy = healthyWorld(keys.records)
  const lab = await startLab(healthy)
  const hook = await hookServer(200)
  const env: Variables = {
    ...keys.variables,
    DATABASE_FILE: join(directory, 'data', 'stswatch.db'),
    SMTP_URL: `smtp://me:${PASSWORD}@127.0.0.1:${lab.inbox.port}`,
    MAIL_FROM: `alerts@${DOMAIN}`,
    IMAP_URL: `imap://${encodeURIComponent(IMAP_USER)}:${encodeURIComponent(IMAP_PASSWORD)}@127.0.0.1:${lab.imap.port}`,
  }
  const here = { lab, directory, env, hookUrl: hook.url }
  return {
    ...here,
    healthy,
    hook,
    doctor: (edit: Edit = {}) => runDoctor(here, edit),
    async stateOf(topic: string, edit: Edit = {}) {
      const { status, lines } = await runDoctor(here, edit)
      return { status, ...worstOf(topic, lines) }
    },
    /** All is well again. */
    async fresh(): Promise<void> {
      lab.change(() => healthy)
      await rm(join(directory, 'data'), { recursive: true, force: true })
      await mkdir(join(directory, 'data'), { mode: 0o700 })
    },
    async [Symbol.asyncDispose]() {
      await hook[Symbol.asyncDispose]()
      await lab[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  }
}

export type DoctorLab = Awaited<ReturnType<typeof doctorLab>>
interface Here {
  readonly lab: Lab
  readonly directory: string
  readonly env: Variables
  readonly hookUrl: string
}

/** Both are let near loopback only where nothing else may be reached. */
const IN_LAB = {
  egress: {},
  channels: {
    ops: { type: 'slack', channel: 'C0123ABCDE' },
    hook: { type: 'webhook', url_env: 'OPS_WEBHOOK_URL' },
  },
}

function environmentOf({ lab, env, hookUrl }: Here, edit: Edit): Variables {
  const inLab = {
    SLACK_BOT_TOKEN: 'xoxb-canary',
    SLACK_API_URL: lab.slack.url,
    OPS_WEBHOOK_URL: hookUrl,
    STSWATCH_LAB: '1',
  }
  return { ...env, ...(edit.lab === true ? inLab : {}), ...edit.env }
}

async function runDoctor(here: Here, edit: Edit) {
  const { lab, directory } = here
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
    ...(edit.lab === true ? IN_LAB : {}),
    ...edit.watch,
  }
  await writeFile(configFile, JSON.stringify(watch))
  const env = environmentOf(here, edit)
  const { io, said } = capturedIo({ env, columns: 1_000 })
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
  for (const secret of await secretsOf(env)) expect(said.out + said.err).not.toContain(secret)
  if (edit.json !== false && said.out === '') throw new Error(said.err)
  const lines: readonly DoctorLine[] = edit.json === false ? [] : JSON.parse(said.out).lines
  return { status, out: said.out, err: said.err, lines }
}

/** Every secret of an environment, as it is and in the forms in which it goes over a line. */
export async function secretsOf(env: Variables): Promise<readonly string[]> {
  const values = Object.entries(env).flatMap(([name, value]) => (value ? [[name, value] as const] : []))
  const plain = values.flatMap(([name, value]) => {
    if (/^(?:SMTP|IMAP)_URL$/.test(name)) {
      const { username, password } = new URL(value)
      const word = decodeURIComponent(password)
      return word === '' ? [] : [word, password, `\0${decodeURIComponent(username)}\0${word}`]
    }
    // The path of a webhook is its secret.
    if (/(?:WEBHOOK|HEARTBEAT)_URL$/.test(name)) return [new URL(value).pathname]
    return /_TOKEN$|_SECRET$/.test(name) ? [value] : []
  })
  const files = values.flatMap(([name, value]) => (name.endsWith('KEY_FILE') ? [value] : []))
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
  const lines = texts.flatMap((text) => text.split('\n').filter((line) => line.length > 20))
  return [...plain, ...plain.map((one) => Buffer.from(one).toString('base64')), ...lines]
}

function worstOf(topic: string, lines: readonly DoctorLine[]) {
  const own = lines.filter((line) => line.topic === topic)
  const worst = (['bad', 'warning', 'unset', 'good'] as const).find((state) =>
    own.some((line) => line.state === state),
  )
  const text = own
    .filter(({ state }) => state === worst)
    .map((line) => [line.text, ...line.remedy].join('\n'))
  return { state: worst, text: text.join('\n') }
}
