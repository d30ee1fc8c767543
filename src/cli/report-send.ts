import { reportOf, reportSubmissions } from '../app/jobs/queue-reports.ts'
import { SUBMIT_LEASE_MS, submitReport } from '../app/jobs/submit-report.ts'
import { Monitor } from '../app/monitor.ts'
import { REAL_WORLD, type World } from '../app/open-probe.ts'
import { openReporter } from '../app/open-reporter.ts'
import { openResolver } from '../app/open-resolver.ts'
import type { Reporter } from '../app/reporter.ts'
import { display } from '../lib/display.ts'
import { silentLogger } from '../lib/log.ts'
import { err, type Result } from '../lib/result.ts'
import { DAY_MS, systemClock, type UnixMs } from '../lib/time.ts'
import type { Submission, SubmissionRow } from '../model/submission.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'
import type { ReportDay } from '../submit/daily-report.ts'
import { NOTHING_REMEMBERED } from './asking.ts'
import { refuse } from './days.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { openMemory } from './memory.ts'
import { NO_REPORTER, reportDay, utcText, watchedDomain } from './report-day.ts'

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
  const dayAt = wholeDay(request.day, domain.value.name)
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
    io.err(`${await whyNothing(day, reporter, store)}\n`)
    return EXIT.findings
  }
  await store.submissions.queue(submissions, { mostPerUri: Number.MAX_SAFE_INTEGER })
  const before = await rowsOf(submissions, store)
  if (request.now) for (const submission of submissions) await handOver(submission, reporter, store)
  return told(before, await rowsOf(submissions, store), io)
}

/** What is sent about a day stands for all of it, and is not sent again. */
function wholeDay(text: string | null, domain: DomainName): Result<UnixMs, string> {
  const now = systemClock.now()
  const dayAt = reportDay(text, now)
  return dayAt.ok && dayAt.value + DAY_MS > now
    ? err(
        `--day ${text} is not over (UTC), and a report is about a whole day; to see it as it stands: stswatch report preview ${domain} --day ${text}`,
      )
    : dayAt
}

async function whyNothing(day: ReportDay, reporter: Reporter, store: Store): Promise<string> {
  const date = new Date(day.dayAt).toISOString().slice(0, 10)
  return (await reportOf(day, reporter, store)) === null
    ? `nothing to send: no session with a mail host of ${day.domain} was counted on ${date}. What a look now would say: stswatch report preview ${day.domain}`
    : `nothing to send: ${day.domain} publishes no address for TLS reports (TXT at _smtp._tls.${day.domain}). What would be sent: stswatch report preview ${day.domain}`
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

function told(before: readonly SubmissionRow[], rows: readonly SubmissionRow[], io: Io): number {
  const over = new Set(before.filter(({ settledAt }) => settledAt !== null).map(({ id }) => id))
  for (const row of rows) io.out(`${display(row.rua)}: ${display(words(row, over.has(row.id)), 700)}\n`)
  return rows.every(({ state, note }) => state === 'sent' || (state === 'waiting' && note === null))
    ? EXIT.ok
    : EXIT.findings
}

function words({ state, note, notBefore }: SubmissionRow, wasOver: boolean): string {
  const isDue = notBefore <= systemClock.now()
  switch (state) {
    case 'waiting':
      return note === null
        ? `queued; a running "stswatch run" sends it ${isDue ? 'now' : `after ${utcText(notBefore)}`}`
        : `not taken yet: ${note}; a running "stswatch run" tries again`
    case 'leased':
      return 'a running "stswatch run" is sending it just now'
    case 'sent':
      return `${wasOver ? 'sent before, and not sent again' : 'sent'}: ${note ?? ''}`
    case 'given-up':
      return `${wasOver ? 'given up before, and not sent again' : 'given up'}: ${note ?? ''}`
    case 'left-out':
      return `not sent: ${note ?? ''}`
  }
}
