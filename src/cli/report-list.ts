import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import type { SubmissionRow } from '../model/submission.ts'
import { NOTHING_REMEMBERED } from './asking.ts'
import { refuse } from './days.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { openMemory } from './memory.ts'
import { painter } from './paint.ts'
import { watchedDomain } from './report-day.ts'
import { type Cell, cell, figure, renderTable } from './table.ts'

export interface ReportListRequest {
  readonly configFile: string
  readonly domain: string
  readonly json: boolean
}

const MOST = 100
const HEAD = ['day', 'to', 'state', 'attempts', 'what was said']

/** `report list`: our own reports about a domain and what became of them. */
export async function reportListCommand(request: ReportListRequest, io: Io): Promise<number> {
  const installation = await loadInstallation(request.configFile, io)
  if (installation === null) return EXIT.config
  const domain = watchedDomain(request.domain, installation.config)
  if (!domain.ok) return refuse('report list', domain.error, io)
  await using store = await openMemory(installation.env, io)
  if (store === null) {
    io.err(NOTHING_REMEMBERED)
    return EXIT.noInput
  }
  const rows = await store.submissions.recent(domain.value.name, MOST)
  if (request.json) {
    for (const row of rows) io.out(`${printableJson(JSON.stringify(row))}\n`)
    return EXIT.ok
  }
  if (rows.length === 0) io.err(`no report about ${domain.value.name} was made yet\n`)
  else
    io.out(
      renderTable(
        [HEAD.map((word) => cell(word, 'bold')), ...rows.map(cells)],
        io.columns,
        painter(io.terminal),
      ),
    )
  return EXIT.ok
}

function cells({ dayAt, rua, state, attempts, note }: SubmissionRow): readonly Cell[] {
  const day = new Date(dayAt).toISOString().slice(0, 10)
  return [
    cell(day),
    cell(display(rua, 60)),
    cell(state),
    figure(String(attempts)),
    cell(display(note ?? '', 80)),
  ]
}
