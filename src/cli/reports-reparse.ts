import { basename } from 'node:path'
import type { IngestTools } from '../app/ingest.ts'
import { type Reparsed, reparse } from '../app/reparse.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import type { MailKey, ReportStore } from '../store/report-store.ts'
import { EXIT, type Io } from './io.ts'
import { openIngest } from './open-ingest.ts'
import { Progress } from './progress.ts'
import { readingChanges } from './reading-changes.ts'
import { countText, numberText } from './render-report.ts'

export interface ReportsReparseRequest {
  readonly configFile: string
  readonly json: boolean
}

/** `reports reparse`: reads again every original that is kept, with the reader and watch list of today, and says what changed. */
export async function reportsReparseCommand(
  { configFile, json }: ReportsReparseRequest,
  io: Io,
): Promise<number> {
  const opened = await openIngest(configFile, { create: false }, io)
  if (!opened.ok) return opened.error
  await using work = opened.value
  // Awaited here: the database stays open until it ends.
  return await reparseReports(json, work.store.reports, work.tools, io)
}

/** The same with the store and the intake given. */
export async function reparseReports(
  json: boolean,
  reports: ReportStore,
  tools: IngestTools,
  io: Io,
): Promise<number> {
  const progress = new Progress(io, 0)
  let read = 0
  let changed = 0
  let waiting = 0
  for await (const one of reparse(reports, tools, new AbortController().signal)) {
    const changes = readingChanges(one)
    read += 1
    if (one.mailClass === null) waiting += 1
    else if (changes.length > 0) {
      changed += 1
      progress.clear()
      tell(one, changes, json, io)
    }
    progress.advance(1)
  }
  progress.clear()
  const later =
    waiting === 0 ? '' : `, ${numberText(waiting)} could not be judged just now and stay as they were`
  if (json) io.out(`${JSON.stringify({ read, changed, waiting })}\n`)
  else io.out(`${countText(read, 'original')} read again: ${numberText(changed)} changed${later}\n`)
  return EXIT.ok
}

function tell({ key, commit, mailClass }: Reparsed, changes: readonly string[], json: boolean, io: Io): void {
  if (json) {
    const reports = commit.verdict.kind === 'reports' ? commit.verdict.reports.map(({ id }) => id) : []
    io.out(`${printableJson(JSON.stringify({ key, class: mailClass, changes, reports }))}\n`)
  } else io.out(`${keyText(key, commit.verdict)}: ${changes.join('; ')}\n`)
}

function keyText(key: MailKey, verdict: Reparsed['commit']['verdict']): string {
  if (key.kind === 'imap')
    return `mail ${key.uid} in ${display(key.place.folder)} of ${display(key.place.account)}`
  const source = verdict.kind === 'reports' ? verdict.reports[0]?.source : null
  return source?.via === 'file' ? display(basename(source.path)) : `file ${key.sha256.slice(0, 12)}`
}
