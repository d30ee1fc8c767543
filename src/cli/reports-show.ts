import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import type { ReceivedReport } from '../model/received-report.ts'
import type { ReportStore } from '../store/report-store.ts'
import { openAsking } from './asking.ts'
import { EXIT, type Io } from './io.ts'
import { renderWholeReport } from './render-whole-report.ts'

export interface ReportsShowRequest {
  readonly configFile: string
  readonly id: string
  readonly json: boolean
}

/** `reports show ID`: everything that is known about one report, policy by policy. */
export async function reportsShowCommand(
  { configFile, id, json }: ReportsShowRequest,
  io: Io,
): Promise<number> {
  const opened = await openAsking(configFile, io)
  if (!opened.ok) return opened.error
  const { timezone, rawKeptMs } = opened.value
  await using store = opened.value.store
  const report = await findReport(store.reports, id, io)
  if (report === null) return EXIT.noInput
  const original = await store.reports.original(report.rawSha256)
  const keptUntil = original === null ? null : original.lastAt + rawKeptMs
  if (json) io.out(`${printableJson(JSON.stringify({ ...report, originalKeptUntil: keptUntil }))}\n`)
  else io.out(renderWholeReport(report, keptUntil, timezone, io))
  return EXIT.ok
}

/** Null after it was said that there is no such report. */
export async function findReport(reports: ReportStore, id: string, io: Io): Promise<ReceivedReport | null> {
  const report = await reports.find(id)
  if (report === null) {
    io.err(
      `stswatch: no report, or more than one, begins with ${display(id)}. All of them: stswatch reports list --days 400\n`,
    )
  }
  return report
}
