import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import type { SubmissionRow } from '../model/submission.ts'
import { NOTHING_REMEMBERED } from './asking.ts'
import { refuse } from './days.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { openMemory } from './memory.ts'
import { renderNotedTable } from './noted-table.ts'
import { utcText, watchedDomain } from './report-day.ts'
import { type Cell, cell, figure } from './table.ts'

export interface ReportListRequest {
  readonly configFile: string
  readonly domain: string
  readonly json: boolean
}

const MOST = 100
const HEAD = ['day', 'state', 'attempts', 'to']
const RUA_MAX = 300
const NOTE_MAX = 500

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
  if (rows.length === 0) {
    io.err(
      `no report about ${domain.value.name} was made yet; they are made after midnight UTC where watch.yaml says \`reports: { submit: true }\`, and by: stswatch report send ${domain.value.name}\n`,
    )
  } else {
    io.out(
      renderNotedTable(
        HEAD,
        rows.map((row) => ({ cells: cells(row), note: saidOf(row) })),
        io,
      ),
    )
  }
  return EXIT.ok
}

function cells({ dayAt, rua, state, attempts }: SubmissionRow): readonly Cell[] {
  const day = new Date(dayAt).toISOString().slice(0, 10)
  return [cell(day), cell(state), figure(String(attempts)), cell(display(rua, RUA_MAX))]
}

/** Whole: its end is what matters. */
function saidOf({ note, state, dueAt }: SubmissionRow): string | null {
  const isWaiting = state === 'waiting' && dueAt !== null
  if (note === null) return isWaiting ? `due after ${utcText(dueAt)}` : null
  const next = isWaiting ? `; tried again after ${utcText(dueAt)}` : ''
  return display(note, NOTE_MAX) + next
}
