/** The whole product on the lab, with a clock that the test moves: from watch.yaml to what Slack and the mailbox got. */

import { buildWorld, healthyDomain, mailHost, webHost } from '../../src/lab/build-world.ts'
import { DRILL_CANARIES } from '../../src/lab/drills/drill.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import type { LabDomain, World } from '../../src/lab/world.ts'
import type { NewId } from '../../src/lib/id.ts'
import { type ManualClock, manualClock } from '../../src/lib/manual-clock.ts'
import { DAY_MS, MINUTE_MS, systemClock, type UnixMs } from '../../src/lib/time.ts'
import type { Incident } from '../../src/model/incident.ts'
import type { ProbeLimits } from '../../src/probe/limits.ts'
import { decodeWords, header, readMail } from '../unit/mail/read-mail.ts'
import { type Process, type ProcessTools, QUICK, type Surroundings, startProcess } from './process.ts'

export interface StageOptions {
  /** Lines of watch.yaml as an object; `domains` comes from the world unless given. */
  readonly watch?: Readonly<Record<string, unknown>>
  readonly resolvers?: number
  /** A file instead of memory, for tests that restart. */
  readonly database?: string
  readonly env?: Readonly<Record<string, string>> | ((lab: Lab) => Readonly<Record<string, string>>)
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
    zones: [...(parts.zones ?? []), { name: 'signed.canary.test', secure: true }],
  })
}

export class Stage implements AsyncDisposable {
  readonly lab: Lab
  readonly clock: ManualClock
  readonly #options: StageOptions
  readonly #newId = countingIds()
  readonly #signal = new AbortController().signal
  #process: Process | null = null

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
    await stage.start()
    return stage
  }

  /** Begins a life of the process: its memory is the database and nothing else. */
  async start(): Promise<void> {
    this.#process = await startProcess(this.surroundings(), this.tools())
  }

  async stop(): Promise<void> {
    const { running } = this
    this.#process = null
    await running[Symbol.asyncDispose]()
  }

  get running(): Process {
    if (this.#process === null) throw new Error('the process is stopped')
    return this.#process
  }

  surroundings(): Surroundings {
    const { lab } = this
    return {
      watch: this.watchText(),
      env: {
        SLACK_BOT_TOKEN: 'xoxb-lab-token',
        SLACK_API_URL: lab.slack.url,
        SMTP_URL: `smtp://${lab.inbox.host}:${lab.inbox.port}`,
        MAIL_FROM: 'stswatch@ops.example',
        ...(typeof this.#options.env === 'function' ? this.#options.env(lab) : this.#options.env),
      },
      database: this.#options.database ?? ':memory:',
      caPem: lab.caPem,
    }
  }

  tools(): ProcessTools {
    const { limits = QUICK, log = null } = this.#options
    return { clock: this.clock, newId: this.#newId, route: this.lab.route, limits, log }
  }

  /** watch.yaml, with other lines in place of the usual ones. */
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

  /** Lets time pass, usually a minute at a time; whatever falls due is done, down to the delivered message. */
  async pass(minutes: number, stepMinutes = 1): Promise<void> {
    for (let passed = 0; passed < minutes; passed += stepMinutes) {
      const nextAt = this.clock.now() + stepMinutes * MINUTE_MS
      await this.clock.drive(this.running.app.settle(this.#signal))
      await this.clock.advance(Math.max(0, nextAt - this.clock.now()))
    }
    await this.clock.drive(this.running.app.settle(this.#signal))
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

  /** When Slack got each message, roots and replies. */
  slackTimes(): readonly UnixMs[] {
    const messages = this.lab.slack.messages('#mail-ops')
    return messages
      .flatMap(({ postedAt, replies }) => [postedAt, ...replies.map((reply) => reply.postedAt)])
      .sort((a, b) => a - b)
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

  /** What stands in brackets before the subject of every mail. */
  mailLabels(): readonly string[] {
    return this.mailTexts().map((mail) => /^\[([^\]]+)\]/.exec(mail)?.[1] ?? '')
  }

  /** Open incidents as `code domain subject`. */
  async openIncidents(): Promise<readonly string[]> {
    return this.#open(({ latest }) => [latest.code, latest.domain, latest.subject])
  }

  /** Open incidents as `severity code subject`, each at its worst. */
  async openWithSeverity(): Promise<readonly string[]> {
    return this.#open(({ worst, latest }) => [worst, latest.code, latest.subject])
  }

  async #open(parts: (incident: Incident) => readonly (string | null)[]): Promise<readonly string[]> {
    const live = await this.running.store.incidents.live()
    const open = live.filter(({ phase }) => phase.name === 'open' || phase.name === 'recovering')
    return open
      .map((incident) =>
        parts(incident)
          .filter((part) => part !== null)
          .join(' '),
      )
      .sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process !== null) await this.stop()
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
