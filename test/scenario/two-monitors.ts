/** Two monitors that watch each other's domain: one lab and one clock, and each a mail host and a mailbox of its own. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { addressFor, healthyDomain } from '../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../src/lab/certificate-spec.ts'
import { DRILL_CANARIES } from '../../src/lab/drills/drill.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { randomId } from '../../src/lib/id.ts'
import { type ManualClock, manualClock } from '../../src/lib/manual-clock.ts'
import { DAY_MS, HOUR_MS, systemClock, type UnixMs } from '../../src/lib/time.ts'
import { type ScriptedServer, scriptedServer } from '../unit/mail/scripted-server.ts'
import { rsaKey, type TestKey } from '../unit/mailbox/dkim-signer.ts'
import { scratch } from '../unit/store/scratch.ts'
import {
  openConfig,
  type Process,
  type ProcessTools,
  parseWatch,
  QUICK,
  type Surroundings,
  startProcess,
} from './process.ts'
import { mailboxEnv } from './senders.ts'
import { worldOf } from './stage.ts'

export const A = 'a.example'
export const B = 'b.example'
export const SELECTOR = 'reports'
/** Looks a day at the other's domain. */
export const LOOKS_A_DAY = 2
const LOOKING = '0 */12 * * *'

/** What came to a mail host. */
export interface Arrived {
  readonly at: UnixMs
  readonly raw: string
}

/** One of the two. Its mail arrives at the very host that the other one measures. */
export class Side {
  readonly domain: string
  /** The private half signs its reports. */
  readonly key: TestKey
  readonly received: Arrived[] = []
  readonly #host: ScriptedServer
  readonly #lab: Lab
  readonly #surroundings: Surroundings
  readonly #tools: ProcessTools
  #process: Process | null = null

  constructor({ domain, key, host }: House, lab: Lab, surroundings: Surroundings, tools: ProcessTools) {
    this.domain = domain
    this.key = key
    this.#host = host
    this.#lab = lab
    this.#surroundings = surroundings
    this.#tools = tools
  }

  get running(): Process {
    if (this.#process === null) throw new Error('the process is stopped')
    return this.#process
  }

  async start(): Promise<void> {
    this.#process = await startProcess(this.#surroundings, this.#tools)
  }

  async stop(): Promise<void> {
    const running = this.#process
    this.#process = null
    await running?.[Symbol.asyncDispose]()
  }

  /** As after a reload of a watch list that says nothing but when to look. */
  async lookAt(check: string): Promise<void> {
    const text = JSON.stringify({ ...JSON.parse(this.#surroundings.watch), defaults: { check } })
    const parsed = parseWatch(text, this.#tools.clock)
    if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
    const opened = openConfig(parsed.config, this.#surroundings, this.#tools)
    if (!opened.ok) throw new Error(opened.problems.join('; '))
    await this.running.app.reload(opened.settings)
  }

  /** The mailbox is to be read at the next occasion. */
  async askForMail(): Promise<void> {
    const dueAt = this.#tools.clock.now()
    const key = `mailbox:asked:${dueAt}`
    await this.running.store.jobs.enqueue({ key, kind: 'mailbox', argument: '', dueAt, slot: null })
  }

  /** What its mail host has taken since the last time is put into its mailbox. */
  deliver(): void {
    const at = this.#tools.clock.now()
    for (const raw of this.#host.mails.slice(this.received.length)) {
      this.received.push({ at, raw })
      this.#lab.imap.arrive(raw, at, this.domain)
    }
  }
}

export class TwoMonitors implements AsyncDisposable {
  readonly lab: Lab
  readonly clock: ManualClock
  readonly a: Side
  readonly b: Side
  readonly #closing: AsyncDisposableStack
  readonly #signal = new AbortController().signal

  private constructor(lab: Lab, clock: ManualClock, sides: [Side, Side], closing: AsyncDisposableStack) {
    this.lab = lab
    this.clock = clock
    this.a = sides[0]
    this.b = sides[1]
    this.#closing = closing
  }

  /** It is midnight (UTC), and both have just been started for the first time. */
  static async open(): Promise<TwoMonitors> {
    await using stack = new AsyncDisposableStack()
    const place = stack.use(await scratch())
    const clock = manualClock(Math.floor(systemClock.now() / DAY_MS) * DAY_MS)
    const keys = [A, B].map((domain) => ({ domain, key: rsaKey(2048) }))
    const records = keys.map(({ domain, key }) => ({
      name: `${SELECTOR}._domainkey.${domain}`,
      ttlSeconds: 300,
      type: 'TXT' as const,
      text: `v=DKIM1; k=rsa; s=tlsrpt; p=${key.p}`,
    }))
    const world = worldOf(
      keys.map(({ domain }) => healthyDomain(domain)),
      { records },
    )
    const lab = stack.use(await startLab(world, { clock, now: clock.now() }))
    const houses: House[] = []
    for (const one of keys) houses.push({ ...one, host: stack.use(await mailHostOf(one.domain, lab)) })
    const tools = { clock, newId: randomId, route: routeOf(lab, houses), limits: QUICK, log: null }
    const open = async (house: House | undefined, other: House | undefined) => {
      if (house === undefined || other === undefined) throw new Error('it takes two')
      const surroundings = await surroundingsOf(house, other, {
        lab,
        now: clock.now(),
        directory: place.directory,
      })
      const side = new Side(house, lab, surroundings, tools)
      lab.imap.folder(house.domain)
      stack.defer(() => side.stop())
      await side.start()
      return side
    }
    const [a, b] = houses
    return new TwoMonitors(lab, clock, [await open(a, b), await open(b, a)], stack.move())
  }

  get sides(): readonly [Side, Side] {
    return [this.a, this.b]
  }

  /** Lets time pass, some hours at a time; whatever falls due is done, and what was sent arrives. */
  async pass(hours: number, stepHours: number): Promise<void> {
    for (let passed = 0; passed < hours; passed += stepHours) {
      const nextAt = this.clock.now() + stepHours * HOUR_MS
      await this.settle()
      await this.clock.advance(Math.max(0, nextAt - this.clock.now()))
    }
    await this.settle()
  }

  async settle(): Promise<void> {
    for (const { running } of this.sides) await this.clock.drive(running.app.settle(this.#signal))
    for (const side of this.sides) side.deliver()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing.disposeAsync()
  }
}

/** A domain and what is published of it. */
interface House {
  readonly domain: string
  readonly key: TestKey
  readonly host: ScriptedServer
}

/** Takes mail, as the lab's own mail hosts do not, and has the certificate that they have. */
async function mailHostOf(domain: string, lab: Lab): Promise<ScriptedServer> {
  const { certPem: cert, keyPem: key } = await lab.identity(CERTIFICATES.good, `mx1.${domain}`)
  const context = createSecureContext({ cert, key })
  return scriptedServer({ capabilities: ['STARTTLS'] }, { context, implicit: false })
}

function routeOf(lab: Lab, houses: readonly House[]): ProcessTools['route'] {
  const ports = new Map(houses.map(({ domain, host }) => [addressFor(`mx1.${domain}`), host.port]))
  return (address, port) => {
    const own = port === 25 ? ports.get(address) : undefined
    return own === undefined ? lab.route(address, port) : { host: '127.0.0.1', port: own }
  }
}

/** A cron line for a day that no test comes to. */
export function hardlyEver(now: UnixMs): string {
  const far = new Date(now + 200 * DAY_MS)
  return `0 0 ${far.getUTCDate()} ${far.getUTCMonth() + 1} *`
}

async function surroundingsOf(
  { domain, key }: House,
  other: House,
  { lab, now, directory }: { lab: Lab; now: UnixMs; directory: string },
): Promise<Surroundings> {
  const rarely = hardlyEver(now)
  const watch = {
    // A report concerns those who watch what it is about.
    domains: [{ name: domain, check: rarely, submit_reports: false }, other.domain],
    defaults: { check: LOOKING },
    channels: { others: { type: 'email', to: [`postmaster@${other.domain}`], min_severity: 'info' } },
    resolvers: [`${lab.dns.host}:${lab.dns.port}`],
    canaries: DRILL_CANARIES,
    egress: { allow: ['2001:db8::/32'] },
    ehlo_name: `monitor.${domain}`,
    mailbox: { folder: domain, check: rarely, idle: false },
    reports: { submit: true, delivery: 'direct' },
  }
  const keyFile = join(directory, `${domain}.pem`)
  await writeFile(keyFile, key.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return {
    watch: JSON.stringify(watch),
    env: {
      ...mailboxEnv(lab),
      // What is told about the other's domain goes to its own mail host as well.
      SMTP_URL: `smtp://127.0.0.1:${other.host.port}`,
      MAIL_FROM: `stswatch@${domain}`,
      DKIM_DOMAIN: domain,
      DKIM_REPORT_SELECTOR: SELECTOR,
      DKIM_REPORT_KEY_FILE: keyFile,
    },
    database: join(directory, `${domain}.db`),
    caPem: lab.caPem,
  }
}
