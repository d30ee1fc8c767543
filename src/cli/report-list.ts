import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import type { SubmissionRow } from '../model/submission.ts'
import { NOTHING_REMEMBERED } from './asking.ts'
import { refuse } from './days.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { openMemory } from './memory.ts'
import { painter, wrap } from './paint.ts'
import { utcText, watchedDomain } from './report-day.ts'
import { type Cell, cell, figure, renderTable } from './table.ts'

export interface ReportListRequest {
  readonly configFile: string
  readonly domain: string
  readonly json: boolean
}

const MOST = 100
const HEAD = ['day', 'state', 'attempts', 'to']
const INDENT = ' '.repeat(12)
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
  } else io.out(render(rows, io))
  return EXIT.ok
}

/** What was said stands below its report, whole: its end is what matters. */
function render(rows: readonly SubmissionRow[], io: Io): string {
  const table = renderTable(
    [HEAD.map((word) => cell(word, 'bold')), ...rows.map(cells)],
    io.columns,
    painter(io.terminal),
  )
  const [head, ...lines] = table.trimEnd().split('\n')
  const shown = lines.flatMap((line, index) => {
    const said = saidOf(rows[index])
    return said === null ? [line] : [line, wrap(said, io.columns, INDENT)]
  })
  return `${[head, ...shown].join('\n')}\n`
}

function cells({ dayAt, rua, state, attempts }: SubmissionRow): readonly Cell[] {
  const day = new Date(dayAt).toISOString().slice(0, 10)
  return [cell(day), cell(state), figure(String(attempts)), cell(display(rua, RUA_MAX))]
}

function saidOf(row: SubmissionRow | undefined): string | null {
  if (row?.note != null) return display(row.note, NOTE_MAX)
  return row?.state === 'waiting' ? `due after ${utcText(row.notBefore)}` : null
}
