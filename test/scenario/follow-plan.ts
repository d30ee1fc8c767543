/** `plan --watch` beside the running monitor, on the lab, with the clock that the test moves. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PlanRequest, planCommand } from '../../src/cli/plan.ts'
import { DRILL_DOMAIN } from '../../src/lab/drills/drill.ts'
import type { World } from '../../src/lab/world.ts'
import { type Clock, MINUTE_MS } from '../../src/lib/time.ts'
import { capturedIo } from '../unit/cli/captured-io.ts'
import { QUICK } from './process.ts'
import { Stage } from './stage.ts'

/** No wait of a look is as long: this one lies between two. */
const BETWEEN_LOOKS_MS = 5 * MINUTE_MS

export class FollowedPlan implements AsyncDisposable {
  readonly stage: Stage
  readonly #directory: string
  readonly #stop = new AbortController()
  readonly #said = capturedIo()
  #ended: Promise<number> | null = null
  #sleeping = Promise.withResolvers<void>()
  #status: number | null = null

  private constructor(stage: Stage, directory: string) {
    this.stage = stage
    this.#directory = directory
  }

  /** The monitor has watched this world for a quarter of an hour. */
  static async open(world: World): Promise<FollowedPlan> {
    const directory = await mkdtemp(join(tmpdir(), 'stswatch-plan-'))
    const watch = { domains: [DRILL_DOMAIN] }
    const stage = await Stage.open(world, { watch, database: join(directory, 'stswatch.db') })
    await writeFile(join(directory, 'watch.yaml'), stage.watchText())
    await stage.pass(16)
    return new FollowedPlan(stage, directory)
  }

  /** Begins to follow; resolves after the first look. */
  async follow(request: Partial<PlanRequest> & Pick<PlanRequest, 'kind'>): Promise<void> {
    const { lab } = this.stage
    const { SMTP_URL = '', MAIL_FROM = '' } = this.stage.surroundings().env
    const env = { SMTP_URL, MAIL_FROM, DATABASE_FILE: join(this.#directory, 'stswatch.db') }
    const io = { ...this.#said.io, env }
    const tools = {
      world: { route: lab.route, roots: [lab.caPem], limits: QUICK },
      clock: this.#clock(),
      stop: this.#stop.signal,
      smtpCa: lab.caPem,
      isDrill: false,
    }
    this.#ended = planCommand(
      {
        configFile: join(this.#directory, 'watch.yaml'),
        domain: DRILL_DOMAIN,
        newHosts: [],
        host: null,
        nextCert: null,
        nextKey: null,
        watch: true,
        channel: null,
        json: false,
        resolvers: [],
        ...request,
      },
      io,
      tools,
    ).then((status) => {
      this.#status = status
      this.#sleeping.resolve()
      return status
    })
    await this.#looked()
  }

  async change(edit: (world: World) => World): Promise<void> {
    this.stage.change(edit)
    await this.pass(16)
  }

  /** Lets the monitor and the plan go on. */
  async pass(minutes: number, stepMinutes = 5): Promise<void> {
    for (let passed = 0; passed < minutes; passed += stepMinutes) {
      await this.stage.pass(stepMinutes, stepMinutes)
      await this.#looked()
    }
  }

  /** What it said since the last question. */
  heard(): string {
    const text = `${this.#said.said.out}${this.#said.said.err}`
    const fresh = text.slice(this.#heard)
    this.#heard = text.length
    return fresh
  }
  #heard = 0

  /** Null while it goes on. */
  get status(): number | null {
    return this.#status
  }

  async stop(): Promise<number | null> {
    this.#stop.abort()
    return this.#ended
  }

  async #looked(): Promise<void> {
    if (this.#ended !== null) await this.#sleeping.promise
  }

  #clock(): Clock {
    const { clock } = this.stage
    return {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: async (ms, signal) => {
        if (ms < BETWEEN_LOOKS_MS) return clock.sleep(ms, signal)
        this.#sleeping.resolve()
        await clock.sleep(ms, signal)
        this.#sleeping = Promise.withResolvers()
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.stage[Symbol.asyncDispose]()
    await rm(this.#directory, { recursive: true })
  }
}
