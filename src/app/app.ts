import type { WatchConfig } from '../config/watch-config.ts'
import { closeUnwatched } from '../incident/removed.ts'
import { type Cron, parseCron } from '../lib/cron.ts'
import type { AppTools } from './app-tools.ts'
import { drainLane, type Lane, runLane } from './lane.ts'
import { CANARY_JOB, canaryLane } from './lanes/canary-lane.ts'
import { CHECK_JOB, checkLane } from './lanes/check-lane.ts'
import { deliveryLane } from './lanes/delivery-lane.ts'
import { MAILBOX_JOB, mailboxLane } from './lanes/mailbox-lane.ts'
import { REPORT_JOB, reportLane, submissionLane } from './lanes/report-lane.ts'
import { SUMMARY_JOB, summaryLane } from './lanes/summary-lane.ts'
import { upkeepLane } from './lanes/upkeep-lane.ts'
import type { Settings } from './settings.ts'
import { type Schedule, Timetable } from './timetable.ts'

const CHECKS_AT_ONCE = 32

/** The program put together: what is watched, the schedules, and the lanes that do the work. */
export class App {
  readonly #tools: AppTools
  readonly #timetable: Timetable
  readonly #lanes: readonly Lane[]
  #settings: Settings
  #schedules: readonly Schedule[]

  constructor(tools: AppTools, settings: Settings) {
    this.#tools = tools
    this.#settings = settings
    this.#schedules = schedulesOf(settings.config)
    this.#timetable = new Timetable(tools.store.jobs)
    const current = () => this.#settings
    this.#lanes = [
      checkLane(tools, current, CHECKS_AT_ONCE),
      mailboxLane(tools, current),
      summaryLane(tools, current),
      reportLane(tools, current),
      canaryLane(tools, current),
      submissionLane(tools, current),
      deliveryLane(tools, current),
      upkeepLane(tools, current),
    ]
  }

  get settings(): Settings {
    return this.#settings
  }

  get schedules(): readonly Schedule[] {
    return this.#schedules
  }

  /** What a start owes to the last end: leases of a dead process are taken back, what is no longer watched is closed. */
  async recover(): Promise<void> {
    const { store, clock } = this.#tools
    await store.noteAlive(clock.now())
    await store.outbox.recover(clock.now())
    await store.jobs.recover(clock.now())
    await store.submissions.recover(clock.now())
    await this.#closeUnwatched()
  }

  /** Exchanges the watch list and the channels at once; incidents of what is no longer watched are closed quietly. */
  async reload(settings: Settings): Promise<void> {
    this.#settings = settings
    this.#schedules = schedulesOf(settings.config)
    this.#tools.monitor.canaries.forget()
    await this.#closeUnwatched()
  }

  /** Turns what fell due into jobs; may be called too often, never too rarely. */
  async enqueueDue(): Promise<number> {
    return this.#timetable.enqueueDue(this.#schedules, this.#tools.clock.now())
  }

  /** Works until `signal` is aborted and what was under way has ended. */
  async work(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => runLane(lane, this.#tools.clock, signal)))
  }

  /** Does all that is due at this instant of the clock, and what follows from it at once. */
  async settle(signal: AbortSignal): Promise<void> {
    await this.enqueueDue()
    for (const lane of this.#lanes) await drainLane(lane, signal)
  }

  async #closeUnwatched(): Promise<void> {
    const { store, clock } = this.#tools
    const watched = new Map(this.#settings.config.domains.map((domain) => [domain.name, domain]))
    const closed = closeUnwatched(
      await store.incidents.live(),
      ({ domain, latest }) => domain !== null && watched.get(domain)?.ignore.has(latest.code) === false,
      clock.now(),
    )
    if (closed.length > 0) await store.commitTransitions(closed, [])
  }
}

function schedulesOf({
  domains,
  mailbox,
  summaries,
  reports,
  timezone: timeZone,
}: WatchConfig): readonly Schedule[] {
  const checks = domains.map(
    ({ name, cron }): Schedule => ({
      name: `check:${name}`,
      kind: CHECK_JOB,
      argument: name,
      cron: readCron(cron),
      timeZone,
      spread: true,
      begins: 'at-once',
    }),
  )
  const once = { timeZone, spread: false } as const
  // Those that fall due together are one piece of work: who has both is told once.
  const told = [...new Set(summaries.map(({ cron }) => cron))].map(
    (line): Schedule => ({
      ...once,
      name: `${SUMMARY_JOB}:${line}`,
      kind: SUMMARY_JOB,
      argument: line,
      cron: readCron(line),
      begins: 'at-next-slot',
    }),
  )
  return [
    ...checks,
    ...told,
    ...(domains.some(({ submitReports }) => submitReports) ? [REPORTING] : []),
    ...(reports.canary === null ? [] : [oneOfAKind(CANARY_JOB, reports.canary.cron, timeZone)]),
    ...(mailbox === null ? [] : [oneOfAKind(MAILBOX_JOB, mailbox.cron, timeZone)]),
  ]
}

/** RFC 8460 §4.1: a report covers a day in UTC. */
const REPORTING: Schedule = {
  name: REPORT_JOB,
  kind: REPORT_JOB,
  argument: '',
  cron: readCron('0 0 * * *'),
  timeZone: 'UTC',
  spread: false,
  begins: 'at-next-slot',
}

/** What there is one of: reading the mailbox, a report to ourselves. */
function oneOfAKind(kind: string, line: string, timeZone: string): Schedule {
  return {
    name: kind,
    kind,
    argument: '',
    cron: readCron(line),
    timeZone,
    spread: false,
    begins: 'at-once',
  }
}

function readCron(line: string): Cron {
  const parsed = parseCron(line)
  // The configuration was checked: a line that does not parse cannot get here.
  if (!parsed.ok) throw new Error(`${line}: ${parsed.error}`)
  return parsed.value
}
