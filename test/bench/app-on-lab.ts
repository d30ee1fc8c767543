import { App } from '../../src/app/app.ts'
import { NO_HEARTBEAT } from '../../src/app/heartbeat.ts'
import { Monitor } from '../../src/app/monitor.ts'
import { openSettings } from '../../src/app/open-settings.ts'
import { readEnv } from '../../src/config/env.ts'
import { nextSlot } from '../../src/lib/cron-slots.ts'
import { randomId } from '../../src/lib/id.ts'
import type { Logger } from '../../src/lib/log.ts'
import { type Clock, MINUTE_MS, systemClock } from '../../src/lib/time.ts'
import { openStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import type { LabProcess } from './lab-process.ts'

/** How the looks of one cycle ended. */
export interface CycleTally {
  readonly looks: number
  /** Thrown, undecided or with a finding: in a healthy world every one is a fault of ours. */
  readonly failed: number
}

/** The whole product on a lab, cycle by cycle: its clock jumps from one round to the next. */
export class AppOnLab implements AsyncDisposable {
  readonly #app: App
  readonly #store: Store
  readonly #clock: JumpingClock
  readonly #tally: Tally
  readonly #signal = new AbortController().signal

  private constructor(app: App, store: Store, clock: JumpingClock, tally: Tally) {
    this.#app = app
    this.#store = store
    this.#clock = clock
    this.#tally = tally
  }

  static async open(lab: LabProcess, databaseFile: string): Promise<AppOnLab> {
    const clock = jumpingClock()
    const tally = newTally()
    const env = readEnv({})
    if (!env.ok) throw new Error(env.error.join('; '))
    const opened = openSettings(lab.config(), env.value, {
      clock,
      newId: randomId,
      world: lab.world,
      console: { write: (text) => process.stderr.write(text), colour: false },
      onSigning: () => {},
      smtpCa: null,
      isDrill: false,
      notice: () => {},
    })
    if (!opened.ok) throw new Error(opened.problems.join('; '))
    const store = await openStore(databaseFile, { owner: true, allowNetworkFilesystem: true, warn: () => {} })
    const tools = {
      store,
      monitor: new Monitor(clock),
      clock,
      newId: randomId,
      random: Math.random,
      log: tally.log,
      heartbeat: NO_HEARTBEAT,
      grouping: { groupWaitMs: 0, groupIntervalMs: 0 },
    }
    return new AppOnLab(new App(tools, opened.settings), store, clock, tally)
  }

  /** Every domain once: the first time because it was never looked at, then because its next slot has come. */
  async cycle(): Promise<CycleTally> {
    const [schedule] = this.#app.schedules
    if (schedule === undefined) throw new Error('there is nothing to watch')
    if (this.#tally.looks > 0) {
      const slotAt = nextSlot(schedule.cron, schedule.timeZone, this.#clock.now()) ?? 0
      const intervalMs = (nextSlot(schedule.cron, schedule.timeZone, slotAt) ?? 0) - slotAt
      this.#clock.jumpTo(slotAt)
      await this.#app.enqueueDue()
      // The looks are spread over the interval: just before its end all are due.
      this.#clock.jumpTo(slotAt + intervalMs - 1)
    }
    const before = { ...this.#tally }
    await this.#app.settle(this.#signal)
    return { looks: this.#tally.looks - before.looks, failed: this.#tally.failed - before.failed }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]()
  }
}

interface JumpingClock extends Clock {
  jumpTo(at: number): void
}

/** Its wall clock stands still between jumps; its durations are real. */
function jumpingClock(): JumpingClock {
  let wall = Math.floor(systemClock.now() / MINUTE_MS) * MINUTE_MS
  let jumped = 0
  return {
    now: () => wall,
    monotonicMs: () => systemClock.monotonicMs() + jumped,
    sleep: systemClock.sleep,
    jumpTo(at) {
      jumped += at - wall
      wall = at
    },
  }
}

interface Tally {
  looks: number
  failed: number
  readonly log: Logger
}

function newTally(): Tally {
  const told = new Set<string>()
  const tally: Tally = {
    looks: 0,
    failed: 0,
    log: {
      info(event, fields = {}) {
        if (event !== 'check.done') return
        tally.looks += 1
        const findings = Array.isArray(fields.findings) ? fields.findings : []
        if (fields.undecided === 0 && findings.length === 0) return
        tally.failed += 1
        tell(`${fields.undecided} undecided, ${findings.join(' ')}`)
      },
      warn: (event, fields) => tell(`${event} ${JSON.stringify(fields)}`),
      error(event, fields) {
        tally.looks += 1
        tally.failed += 1
        tell(`${event} ${JSON.stringify(fields)}`)
      },
    },
  }
  const tell = (what: string) => {
    if (!told.has(what)) process.stderr.write(`${what}\n`)
    told.add(what)
  }
  return tally
}
