/** The whole product on the lab, with a clock that the test moves: from watch.yaml to what Slack and the mailbox got. */

import { App } from '../../src/app/app.ts'
import type { AppTools } from '../../src/app/app-tools.ts'
import { Monitor } from '../../src/app/monitor.ts'
import { openSettings } from '../../src/app/open-settings.ts'
import type { Settings } from '../../src/app/settings.ts'
import { readEnv } from '../../src/config/env.ts'
import { parseWatchConfig } from '../../src/config/parse-watch-config.ts'
import { buildWorld, healthyDomain, mailHost, webHost } from '../../src/lab/build-world.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import type { LabDomain, World } from '../../src/lab/world.ts'
import type { NewId } from '../../src/lib/id.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { type ManualClock, manualClock } from '../../src/lib/manual-clock.ts'
import { MINUTE_MS, systemClock } from '../../src/lib/time.ts'
import type { Incident } from '../../src/model/incident.ts'
import { DEFAULT_LIMITS, type ProbeLimits } from '../../src/probe/limits.ts'
import { openStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'

const CANARIES = { dns: ['canary.test'], https: ['www.canary.test'], smtp: ['mx.canary.test'] }

/** Real waits of a look, short: silence on loopback is known soon. */
const QUICK: ProbeLimits = {
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
  /** A file instead of memory, for tests that end the process. */
  readonly database?: string
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

export class Stage implements AsyncDisposable {
  readonly lab: Lab
  readonly clock: ManualClock
  readonly store: Store
  readonly app: App
  readonly monitor: Monitor
  readonly #signal = new AbortController().signal

  private constructor(parts: { lab: Lab; clock: ManualClock; store: Store; app: App; monitor: Monitor }) {
    this.lab = parts.lab
    this.clock = parts.clock
    this.store = parts.store
    this.app = parts.app
    this.monitor = parts.monitor
  }

  static async open(world: World, options: StageOptions = {}): Promise<Stage> {
    const clock = manualClock(systemClock.now())
    const lab = await startLab(world, { clock, now: clock.now(), resolvers: options.resolvers ?? 1 })
    const store = await openStore(options.database ?? ':memory:', {
      owner: true,
      allowNetworkFilesystem: true,
      warn: () => {},
    })
    const monitor = new Monitor(clock)
    const newId = countingIds()
    const app = new App(toolsOf(store, monitor, clock, newId), settingsOf(lab, clock, newId, options))
    await app.recover()
    return new Stage({ lab, clock, store, app, monitor })
  }

  /** Lets time pass a minute at a time; whatever falls due is done, down to the delivered message. */
  async pass(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      const nextMinute = this.clock.now() + MINUTE_MS
      await this.clock.drive(this.app.settle(this.#signal))
      await this.clock.advance(Math.max(0, nextMinute - this.clock.now()))
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

  /** Open incidents as `code subject`. */
  async openIncidents(): Promise<readonly string[]> {
    return (await this.store.incidents.live()).filter(isOpen).map(named).sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]()
    await this.lab[Symbol.asyncDispose]()
  }
}

function toolsOf(store: Store, monitor: Monitor, clock: ManualClock, newId: NewId): AppTools {
  const grouping = { groupWaitMs: 0, groupIntervalMs: 0 }
  return { store, monitor, clock, newId, random: () => 0.5, log: silentLogger, grouping }
}

function settingsOf(lab: Lab, clock: ManualClock, newId: NewId, { watch = {} }: StageOptions): Settings {
  const names = lab.world.domains.map(({ name }) => name).filter((name) => name !== 'canary.test')
  const text = JSON.stringify({
    domains: names,
    channels: {
      ops: { type: 'slack', channel: '#mail-ops', min_severity: 'info' },
      postmaster: { type: 'email', to: ['postmaster@ops.example'], min_severity: 'info' },
    },
    resolvers: lab.resolvers.map(({ host, port }) => `${host}:${port}`),
    canaries: CANARIES,
    egress: { allow: ['2001:db8::/32', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'] },
    ehlo_name: 'monitor.ops.example',
    ...watch,
  })
  const context = { hostname: 'monitor.ops.example', now: clock.now(), lab: false }
  const parsed = parseWatchConfig(text, 'watch.yaml', context)
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
  const env = readEnv({
    STSWATCH_LAB: '1',
    SLACK_BOT_TOKEN: 'xoxb-lab-token',
    SLACK_API_URL: lab.slack.url,
    SMTP_URL: `smtp://${lab.inbox.host}:${lab.inbox.port}`,
    MAIL_FROM: 'stswatch@ops.example',
  })
  if (!env.ok) throw new Error(env.error.join('; '))
  const opened = openSettings(parsed.config, env.value, {
    clock,
    newId,
    world: { route: lab.route, roots: [lab.caPem], limits: QUICK },
    console: { write: () => {}, colour: false },
    smtpCa: lab.caPem,
  })
  if (!opened.ok) throw new Error(opened.problems.join('; '))
  return opened.settings
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
