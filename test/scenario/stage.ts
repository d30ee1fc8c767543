/** The whole product on the lab, with a clock that the test moves: from watch.yaml to what Slack and the mailbox got. */

import { GROUP_INTERVAL_MS, GROUP_WAIT_MS } from '../../src/announce/announce.ts'
import { App } from '../../src/app/app.ts'
import type { AppTools } from '../../src/app/app-tools.ts'
import { Monitor } from '../../src/app/monitor.ts'
import { type OpenedSettings, openSettings } from '../../src/app/open-settings.ts'
import { readEnv } from '../../src/config/env.ts'
import { type LoadedConfig, parseWatchConfig } from '../../src/config/parse-watch-config.ts'
import type { WatchConfig } from '../../src/config/watch-config.ts'
import { buildWorld, healthyDomain, mailHost, webHost } from '../../src/lab/build-world.ts'
import { DRILL_CANARIES } from '../../src/lab/drills/drill.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import type { LabDomain, World } from '../../src/lab/world.ts'
import type { NewId } from '../../src/lib/id.ts'
import { jsonLogger, silentLogger } from '../../src/lib/log.ts'
import { type ManualClock, manualClock } from '../../src/lib/manual-clock.ts'
import { DAY_MS, MINUTE_MS, systemClock } from '../../src/lib/time.ts'
import type { Incident } from '../../src/model/incident.ts'
import { DEFAULT_LIMITS, type ProbeLimits } from '../../src/probe/limits.ts'
import { openStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { decodeWords, header, readMail } from '../unit/mail/read-mail.ts'

/** Real waits of a look, short: silence on loopback is known soon. */
export const QUICK: ProbeLimits = {
  ...DEFAULT_LIMITS,
  connectMs: 250,
  handshakeMs: 1_000,
  dns: { ...DEFAULT_LIMITS.dns, tryMs: 150, tries: 1, totalMs: 1_000 },
  smtp: { ...DEFAULT_LIMITS.smtp, greetingMs: 250, commandMs: 500, quitMs: 250, totalMs: 3_000 },
  https: { ...DEFAULT_LIMITS.https, totalMs: 2_000 },
}

export interface StageOptions {
  /** Lines of watch.yaml as an object; `domains` comes from the world unless given. */
  readonly watch?: Readonly<Record<string, unknown>>
  readonly resolvers?: number
  /** A file instead of memory, for tests that restart. */
  readonly database?: string
  readonly env?: Readonly<Record<string, string>>
  /** Shorter waits still, where silence is the point. */
  readonly limits?: ProbeLimits
  /** Takes the log lines. */
  readonly log?: (line: string) => void
}

/** A world of these domains, with the canaries that prove that the monitor sees. */
export function worldOf(domains: readonly LabDomain[], parts: Partial<World> = {}): World {
  return buildWorld({
    ...parts,
    domains: [
      ...domains,
      healthyDomain('canary.test', { mx: [{ preference: 10, exchange: 'mx.canary.test' }] }),
    ],
    hosts: [...(parts.hosts ?? []), mailHost('mx.canary.test'), webHost('www.canary.test')],
  })
}

/** One life of the process. */
interface Running {
  readonly store: Store
  readonly monitor: Monitor
  readonly app: App
}

export class Stage implements AsyncDisposable {
  readonly lab: Lab
  readonly clock: ManualClock
  readonly #options: StageOptions
  readonly #newId = countingIds()
  readonly #signal = new AbortController().signal
  #running: Running | null = null

  private constructor(lab: Lab, clock: ManualClock, options: StageOptions) {
    this.lab = lab
    this.clock = clock
    this.#options = options
  }

  /** It is midnight (UTC), so that every schedule falls the same way whenever the tests are run. */
  static async open(world: World, options: StageOptions = {}): Promise<Stage> {
    const clock = manualClock(Math.floor(systemClock.now() / DAY_MS) * DAY_MS)
    const lab = await startLab(world, { clock, now: clock.now(), resolvers: options.resolvers ?? 1 })
    const stage = new Stage(lab, clock, options)
    await stage.startProcess()
    return stage
  }

  get store(): Store {
    return this.#process().store
  }

  get app(): App {
    return this.#process().app
  }

  get monitor(): Monitor {
    return this.#process().monitor
  }

  #process(): Running {
    if (this.#running === null) throw new Error('the process is stopped')
    return this.#running
  }

  /** Begins a life of the process: its memory is the database and nothing else. */
  async startProcess(): Promise<void> {
    const { clock } = this
    const store = await openStore(this.#options.database ?? ':memory:', {
      owner: true,
      allowNetworkFilesystem: true,
      warn: () => {},
    })
    const monitor = new Monitor(clock)
    const { log } = this.#options
    const tools: AppTools = {
      store,
      monitor,
      clock,
      newId: this.#newId,
      random: () => 0.5,
      log: log === undefined ? silentLogger : jsonLogger(log, clock),
      grouping: { groupWaitMs: GROUP_WAIT_MS, groupIntervalMs: GROUP_INTERVAL_MS },
    }
    const opened = this.openSettings(this.config())
    if (!opened.ok) throw new Error(opened.problems.join('; '))
    const app = new App(tools, opened.settings)
    await app.recover()
    this.#running = { store, monitor, app }
  }

  async stopProcess(): Promise<void> {
    const { store } = this.#process()
    this.#running = null
    await store[Symbol.asyncDispose]()
  }

  /** watch.yaml as text, with other lines on top. */
  watchText(watch: Readonly<Record<string, unknown>> = {}): string {
    const { lab } = this
    return JSON.stringify({
      domains: lab.world.domains.map(({ name }) => name).filter((name) => name !== 'canary.test'),
      channels: {
        ops: { type: 'slack', channel: '#mail-ops', min_severity: 'info' },
        postmaster: { type: 'email', to: ['postmaster@ops.example'], min_severity: 'info' },
      },
      resolvers: lab.resolvers.map(({ host, port }) => `${host}:${port}`),
      canaries: DRILL_CANARIES,
      egress: { allow: ['2001:db8::/32', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'] },
      ehlo_name: 'monitor.ops.example',
      ...this.#options.watch,
      ...watch,
    })
  }

  /** Throws when the file is refused. */
  config(watch: Readonly<Record<string, unknown>> = {}): WatchConfig {
    const parsed = this.parse(this.watchText(watch))
    if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
    return parsed.config
  }

  parse(text: string): LoadedConfig {
    return parseWatchConfig(text, 'watch.yaml', {
      hostname: 'monitor.ops.example',
      now: this.clock.now(),
      lab: false,
    })
  }

  openSettings(config: WatchConfig): OpenedSettings {
    const { lab, clock } = this
    const env = readEnv({
      STSWATCH_LAB: '1',
      SLACK_BOT_TOKEN: 'xoxb-lab-token',
      SLACK_API_URL: lab.slack.url,
      SMTP_URL: `smtp://${lab.inbox.host}:${lab.inbox.port}`,
      MAIL_FROM: 'stswatch@ops.example',
      ...this.#options.env,
    })
    if (!env.ok) throw new Error(env.error.join('; '))
    return openSettings(config, env.value, {
      clock,
      newId: this.#newId,
      world: { route: lab.route, roots: [lab.caPem], limits: this.#options.limits ?? QUICK },
      console: { write: () => {}, colour: false },
      smtpCa: lab.caPem,
    })
  }

  /** Lets time pass, usually a minute at a time; whatever falls due is done, down to the delivered message. */
  async pass(minutes: number, stepMinutes = 1): Promise<void> {
    for (let passed = 0; passed < minutes; passed += stepMinutes) {
      const nextAt = this.clock.now() + stepMinutes * MINUTE_MS
      await this.clock.drive(this.app.settle(this.#signal))
      await this.clock.advance(Math.max(0, nextAt - this.clock.now()))
    }
    await this.clock.drive(this.app.settle(this.#signal))
  }

  change(edit: (world: World) => World): void {
    this.lab.change(edit)
  }

  /** What Slack shows in `#mail-ops`, a text a conversation: root, then thread. */
  slackThreads(): readonly string[] {
    return this.lab.slack
      .messages('#mail-ops')
      .map((root) => [root.text, ...root.replies.map((reply) => reply.text)].join('\n'))
  }

  /** The blocks of the last thing that was said to Slack, as JSON text. */
  lastSlackBlocks(): string {
    return this.lab.slack.calls.at(-1)?.args.blocks ?? ''
  }

  mails(): readonly string[] {
    return this.lab.inbox.mails.map((mail) => mail.raw)
  }

  /** Every text in the blocks of the root messages, as people read them. */
  slackRoots(): readonly string[] {
    return this.lab.slack.messages('#mail-ops').map(({ blocks }) => textsOf(blocks).join('\n'))
  }

  /** Subject and text part of every mail. */
  mailTexts(): readonly string[] {
    return this.lab.inbox.mails.map(({ raw }) => {
      const { headers, parts } = readMail(raw)
      return `${decodeWords(header(headers, 'Subject'))}\n${parts[0]?.content ?? ''}`
    })
  }

  /** Open incidents as `code domain subject`. */
  async openIncidents(): Promise<readonly string[]> {
    return (await this.store.incidents.live()).filter(isOpen).map(named).sort()
  }

  /** Open incidents as `severity code subject`, each at its worst. */
  async openWithSeverity(): Promise<readonly string[]> {
    const open = (await this.store.incidents.live()).filter(isOpen)
    return open
      .map(({ worst, latest }) =>
        [worst, latest.code, latest.subject].filter((part) => part !== null).join(' '),
      )
      .sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running !== null) await this.stopProcess()
    await this.lab[Symbol.asyncDispose]()
  }
}

function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf)
  if (typeof value !== 'object' || value === null) return []
  if ('text' in value && typeof value.text === 'string') {
    return [value.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')]
  }
  return Object.values(value).flatMap(textsOf)
}

/** Ids that a test can foresee. */
function countingIds(): NewId {
  let last = 0
  return (prefix) => `${prefix}_${(++last).toString().padStart(6, '0')}`
}

function isOpen({ phase }: Incident): boolean {
  return phase.name === 'open' || phase.name === 'recovering'
}

function named({ latest }: Incident): string {
  return [latest.code, latest.domain, latest.subject].filter((part) => part !== null).join(' ')
}
