import { reportSubmissions } from '../app/jobs/queue-reports.ts'
import { SUBMIT_LEASE_MS, submitReport } from '../app/jobs/submit-report.ts'
import { Monitor } from '../app/monitor.ts'
import { REAL_WORLD, type World } from '../app/open-probe.ts'
import { openReporter } from '../app/open-reporter.ts'
import { openResolver } from '../app/open-resolver.ts'
import type { Reporter } from '../app/reporter.ts'
import { display } from '../lib/display.ts'
import { silentLogger } from '../lib/log.ts'
import { DAY_MS, systemClock } from '../lib/time.ts'
import type { Submission, SubmissionRow } from '../model/submission.ts'
import type { Store } from '../store/store.ts'
import { NOTHING_REMEMBERED } from './asking.ts'
import { refuse } from './days.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { openMemory } from './memory.ts'
import { NO_REPORTER, reportDay, watchedDomain } from './report-day.ts'

export interface ReportSendRequest {
  readonly configFile: string
  readonly domain: string
  /** `2026-11-25`; null: yesterday. */
  readonly day: string | null
  readonly now: boolean
}

/** Doors that a test exchanges. */
export interface ReportSendWorld {
  readonly world: World
  readonly smtpCa: string | null
}

/**
 * `report send`: queues the report about a day for each address that the domain publishes, and with `--now` hands it over
 * at once. What was sent before is not sent again. Exit status 1 when one was not taken, or there is nothing.
 */
export async function reportSendCommand(
  request: ReportSendRequest,
  io: Io,
  { world, smtpCa }: ReportSendWorld = { world: REAL_WORLD, smtpCa: null },
): Promise<number> {
  const installation = await loadInstallation(request.configFile, io)
  if (installation === null) return EXIT.config
  const { config, env } = installation
  const domain = watchedDomain(request.domain, config)
  if (!domain.ok) return refuse('report send', domain.error, io)
  const dayAt = reportDay(request.day, systemClock.now())
  if (!dayAt.ok) return refuse('report send', dayAt.error, io)
  const resolver = openResolver(config, systemClock, world.limits)
  const reporter = openReporter(config, env, { resolver, world, smtpCa })
  if (reporter === null) {
    io.err(`stswatch report send: ${NO_REPORTER}\n`)
    return EXIT.config
  }
  await using store = await openMemory(env, io)
  if (store === null) {
    io.err(NOTHING_REMEMBERED)
    return EXIT.noInput
  }
  const day = { domain: domain.value.name, dayAt: dayAt.value }
  const tools = { store, clock: systemClock, log: silentLogger }
  const submissions = await reportSubmissions(day, day.dayAt + DAY_MS, reporter, tools)
  if (submissions.length === 0) {
    io.err(
      `nothing to send: no session was counted that day, or ${day.domain} publishes no address for TLS reports. See: stswatch report preview ${day.domain}\n`,
    )
    return EXIT.findings
  }
  await store.submissions.queue(submissions, { mostPerUri: Number.MAX_SAFE_INTEGER })
  if (!request.now) return told(await rowsOf(submissions, store), io)
  for (const submission of submissions) await handOver(submission, reporter, store)
  return told(await rowsOf(submissions, store), io)
}

async function handOver({ id }: Submission, reporter: Reporter, store: Store): Promise<void> {
  const claim = await store.submissions.claimThis(id, systemClock.now(), SUBMIT_LEASE_MS)
  if (claim === null) return
  const tools = { store, clock: systemClock, log: silentLogger, monitor: new Monitor(systemClock) }
  await submitReport(claim, { reporter }, tools, new AbortController().signal)
}

async function rowsOf(submissions: readonly Submission[], store: Store): Promise<readonly SubmissionRow[]> {
  const [first] = submissions
  if (first === undefined) return []
  const ids = new Set(submissions.map(({ id }) => id))
  const recent = await store.submissions.recent(first.domain, Number.MAX_SAFE_INTEGER)
  return recent.filter(({ id }) => ids.has(id))
}

function told(rows: readonly SubmissionRow[], io: Io): number {
  for (const { rua, state, note, notBefore } of rows) {
    const at = new Date(notBefore).toISOString()
    const words = state === 'waiting' && note === null ? `queued; due at ${at}` : `${state}: ${note ?? ''}`
    io.out(`${display(rua)}: ${display(words, 600)}\n`)
  }
  return rows.every(({ state, note }) => state === 'sent' || (state === 'waiting' && note === null))
    ? EXIT.ok
    : EXIT.findings
}
