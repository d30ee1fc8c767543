import { admitFiles } from '../app/admit-files.ts'
import { type ImportedFile, importFiles } from '../app/import-files.ts'
import type { IngestTools } from '../app/ingest.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { countReportFiles, readReportFiles } from '../mailbox/report-files.ts'
import type { ReportStore } from '../store/report-store.ts'
import { complaintOf, distrustOf, ImportTotals } from './import-totals.ts'
import { EXIT, type Io } from './io.ts'
import { openIngest } from './open-ingest.ts'
import { Progress } from './progress.ts'

export interface ReportsImportRequest {
  readonly configFile: string
  readonly paths: readonly string[]
  /** The operator vouches for what is in the files. */
  readonly admit: boolean
  readonly json: boolean
}

/**
 * `reports import PATH…`: reads reports from files, mails, archives and folders. Exit status 0 when all was read, 1 when
 * something was not, 66 when a path does not exist. Run again, it goes on where it was cut off.
 */
export async function reportsImportCommand(request: ReportsImportRequest, io: Io): Promise<number> {
  const opened = await openIngest(request.configFile, { create: true }, io)
  if (!opened.ok) return opened.error
  await using work = opened.value
  // Awaited here: the database stays open until it ends.
  return await importReports(request, work.store.reports, work.tools, io)
}

/** The same with the store and the intake given. */
export async function importReports(
  { paths, admit, json }: Omit<ReportsImportRequest, 'configFile'>,
  reports: ReportStore,
  tools: IngestTools,
  io: Io,
): Promise<number> {
  const totals = new ImportTotals()
  const hashes = new Set<string>()
  const progress = new Progress(io, io.terminal ? await countReportFiles(paths) : 0)
  const files = readReportFiles(paths, io.stdin)
  for await (const batch of importFiles(files, reports, tools, new AbortController().signal)) {
    progress.clear()
    for (const file of batch) {
      totals.add(file)
      if (admit && 'sha256' in file) hashes.add(file.sha256)
      tell(file, json, io)
    }
    progress.advance(batch.length)
    await io.drained()
  }
  progress.clear()
  if (admit) totals.admitted = (await admitFiles(hashes, reports, tools.clock.now())).length
  io.out(json ? `${JSON.stringify(totalsAsJson(totals))}\n` : `${totals.text()}\n`)
  const isWaiting = totals.of('quarantined') > 0 && !admit
  if (isWaiting && !json) io.out('Quarantined reports count for nothing: stswatch reports quarantine\n')
  if (totals.missing > 0) return EXIT.noInput
  return totals.failures > 0 ? EXIT.findings : EXIT.ok
}

function tell(file: ImportedFile, json: boolean, io: Io): void {
  const complaint = complaintOf(file)
  if (json) io.out(`${printableJson(JSON.stringify(asJson(file, complaint)))}\n`)
  else if (complaint !== null) io.err(`${display(file.name, 1_000)}: ${complaint}\n`)
}

function asJson(file: ImportedFile, complaint: string | null): object {
  if ('problem' in file)
    return { file: file.name, class: 'unread', reason: file.problem.kind, message: complaint }
  const { name, sha256, mailClass, verdict, counted } = file
  const distrust = mailClass === 'quarantined' ? distrustOf(file) : null
  const code = verdict !== null && 'reason' in verdict ? verdict.reason : distrust
  return {
    file: name,
    sha256,
    class: mailClass,
    reason: code,
    message: complaint,
    counted,
    reports: verdict?.kind === 'reports' ? verdict.reports.map(({ id }) => id) : [],
  }
}

function totalsAsJson(totals: ImportTotals): object {
  return {
    files: totals.files,
    newReports: totals.newReports,
    admitted: totals.admitted,
    classes: Object.fromEntries(totals.classes),
  }
}
