import { gzipSync } from 'node:zlib'
import { publishedUris, reportOf } from '../app/jobs/queue-reports.ts'
import { Monitor } from '../app/monitor.ts'
import { openProbe, REAL_WORLD, type World } from '../app/open-probe.ts'
import { openReporter } from '../app/open-reporter.ts'
import { openResolver } from '../app/open-resolver.ts'
import type { Reporter } from '../app/reporter.ts'
import { gatherFacts } from '../check/facts.ts'
import { probeSessions } from '../check/probe-sessions.ts'
import type { WatchConfig, WatchedDomain } from '../config/watch-config.ts'
import { display } from '../lib/display.ts'
import { randomId } from '../lib/id.ts'
import { printableJson } from '../lib/printable-json.ts'
import { DAY_MS, systemClock } from '../lib/time.ts'
import type { Submission } from '../model/submission.ts'
import { parseMailAddress } from '../protocol/mail-address.ts'
import { parseTlsrptRecord } from '../protocol/tlsrpt/record.ts'
import { readTlsReports } from '../protocol/tlsrpt/report.ts'
import { formatTlsReport } from '../protocol/tlsrpt/report-format.ts'
import type { ReportUri } from '../protocol/tlsrpt/report-uri.ts'
import { chooseUris } from '../submit/choose-uris.ts'
import { dailyReport, type ReportDay } from '../submit/daily-report.ts'
import { reportIdOf, submissionIdOf } from '../submit/report-identity.ts'
import { reportWords } from '../submit/report-words.ts'
import { reportMail } from '../submit/send-report.ts'
import { refuse } from './days.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { Memory, openMemory } from './memory.ts'
import { NOBODY_YET, reportDay, SOMEBODY, watchedDomain } from './report-day.ts'

export interface ReportPreviewRequest {
  readonly configFile: string
  readonly domain: string
  /** `2026-11-25`; null: yesterday. */
  readonly day: string | null
  readonly form: 'text' | 'mail' | 'json'
}

interface Preview {
  readonly day: ReportDay
  readonly id: string
  /** JSON. */
  readonly text: string
  readonly uris: readonly ReportUri[]
}

const LINE_MAX = 1_000

type By = Pick<Reporter, 'author' | 'submitter'>

/** `report preview`: what the report about a day says and where it goes. Exit status 1 when there is none. */
export async function reportPreviewCommand(
  request: ReportPreviewRequest,
  io: Io,
  world: World = REAL_WORLD,
): Promise<number> {
  const installation = await loadInstallation(request.configFile, io)
  if (installation === null) return EXIT.config
  const { config, env } = installation
  const now = systemClock.now()
  const domain = watchedDomain(request.domain, config)
  if (!domain.ok) return refuse('report preview', domain.error, io)
  const dayAt = reportDay(request.day, now)
  if (!dayAt.ok) return refuse('report preview', dayAt.error, io)
  const resolver = openResolver(config, systemClock, world.limits)
  const reporter = openReporter(config, env, { resolver, world, smtpCa: null })
  const day = { domain: domain.value.name, dayAt: dayAt.value }
  const by = reporter ?? SOMEBODY
  await using store = await openMemory(env, io)
  const counted = store === null ? null : await reportOf(day, by, store)
  const preview =
    counted === null || store === null
      ? await lookNow(domain.value, config, by, { world, memory: new Memory(env, io), io })
      : { day, ...counted, uris: await publishedUris(day.domain, store) }
  if (preview === null) {
    io.err(`no session with a mail host of ${day.domain}: there is nothing to report\n`)
    return EXIT.findings
  }
  if (reporter === null) io.err(`${NOBODY_YET}\n`)
  return print(preview, by, request.form, io)
}

interface LiveTools {
  readonly world: World
  readonly memory: Memory
  readonly io: Io
}

/** What one look would be reported as. */
async function lookNow(
  domain: WatchedDomain,
  config: WatchConfig,
  by: By,
  { world, memory, io }: LiveTools,
): Promise<Preview | null> {
  await using remembering = memory
  io.err(`no session was counted that day; looking at ${domain.name} now …\n`)
  const signal = new AbortController().signal
  const resolver = openResolver(config, systemClock, world.limits)
  const probe = openProbe(config, resolver, systemClock, randomId, world)
  const [snapshot, remembered] = await Promise.all([
    probe.domain(domain.name, 0, signal),
    remembering.of(domain.name),
  ])
  const vantage = await new Monitor(systemClock).prove(snapshot, { config, probe }, signal)
  const now = systemClock.now()
  const sessions = probeSessions(
    gatherFacts(snapshot, domain, { ...remembered, vantage, rollovers: new Map(), now }),
    0,
  )
  const day = { domain: domain.name, dayAt: now - (now % DAY_MS) }
  const id = reportIdOf(day, by.submitter)
  const counted = sessions.map((session) => ({ ...session, sessions: 1 }))
  const report = dailyReport(counted, day, by.author, id)
  if (report === null) return null
  const { tlsrptRecord } = snapshot
  const records = tlsrptRecord.outcome === 'seen' ? tlsrptRecord.value.records : []
  return {
    day,
    id,
    text: formatTlsReport(report),
    uris: chooseUris(parseTlsrptRecord(records).value?.rua ?? []),
  }
}

function print(preview: Preview, by: By, form: ReportPreviewRequest['form'], io: Io): number {
  const [report] = readTlsReports(preview.text).reports
  if (report === undefined) throw new Error('a report of ours cannot be read')
  if (form === 'json') {
    io.out(`${printableJson(JSON.stringify(JSON.parse(preview.text), null, 2))}\n`)
    return EXIT.ok
  }
  if (form === 'mail') return printMail(preview, by, io)
  const lines = reportWords(report, preview.day, by.author).split('\n')
  io.out(lines.map((line) => display(line, LINE_MAX)).join('\n'))
  const where = preview.uris.map(({ raw }) => `  ${display(raw)}\n`)
  io.out(
    where.length === 0
      ? '\nIt goes nowhere: the domain publishes no address for TLS reports.\n'
      : `\nIt goes to:\n${where.join('')}`,
  )
  return EXIT.ok
}

function printMail({ day, id, text, uris }: Preview, by: By, io: Io): number {
  const uri = uris.find(({ scheme }) => scheme === 'mailto')
  const to = uri?.scheme === 'mailto' ? parseMailAddress(uri.address) : null
  if (uri === undefined || to === null) {
    io.err(`${day.domain} publishes no mail address for TLS reports\n`)
    return EXIT.findings
  }
  const now = systemClock.now()
  const submission: Submission = {
    ...day,
    id: submissionIdOf(day, uri.raw),
    rua: uri.raw,
    reportId: id,
    report: text,
    createdAt: now,
    notBefore: now,
  }
  io.out(reportMail(submission, to, gzipSync(text), by).replaceAll('\r\n', '\n'))
  return EXIT.ok
}
