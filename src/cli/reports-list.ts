import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { systemClock } from '../lib/time.ts'
import type { ReceivedReport } from '../model/received-report.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import { openAsking } from './asking.ts'
import { refuse, sinceDay } from './days.ts'
import { EXIT, type Io } from './io.ts'
import { painter } from './paint.ts'
import {
  aboutText,
  dayOf,
  numberText,
  reportSessions,
  STANDING_STYLE,
  senderText,
  standingText,
  utcDayText,
} from './render-report.ts'
import { type Cell, cell, figure, renderTable } from './table.ts'

export interface ReportsListRequest {
  readonly configFile: string
  readonly domain: string | null
  readonly sender: string | null
  readonly days: string
  readonly failuresOnly: boolean
  readonly quarantineOnly: boolean
  readonly json: boolean
}

const COMMAND = 'reports list'
const MAX_SHOWN = 200
const MAX_JSON = 100_000

/** `reports list`: what senders told us, newest first. */
export async function reportsListCommand(request: ReportsListRequest, io: Io): Promise<number> {
  const domain = readName(request.domain)
  const sender = readName(request.sender)
  if (domain === false)
    return refuse(COMMAND, `--domain ${display(request.domain ?? '')}: no domain name`, io)
  if (sender === false)
    return refuse(COMMAND, `--sender ${display(request.sender ?? '')}: no domain name`, io)
  const sinceDayAt = sinceDay(request.days, systemClock.now(), COMMAND, io)
  if (sinceDayAt === null) return EXIT.usage
  const opened = await openAsking(request.configFile, io)
  if (!opened.ok) return opened.error
  await using store = opened.value.store
  const limit = request.json ? MAX_JSON : MAX_SHOWN + 1
  const standing = request.quarantineOnly ? 'quarantined' : null
  const filter = { domain, sender, standing, sinceDayAt, failuresOnly: request.failuresOnly } as const
  const found = await store.reports.list(filter, limit)
  if (request.json) for (const report of found) io.out(`${printableJson(JSON.stringify(report))}\n`)
  else io.out(renderList(found, io))
  return EXIT.ok
}

/** Null: not asked for. False: no name. */
function readName(text: string | null): DomainName | null | false {
  return text === null ? null : (parseDomainName(text) ?? false)
}

function renderList(found: readonly ReceivedReport[], io: Io): string {
  if (found.length === 0) return 'No report in this time.\n'
  const paint = painter(io.terminal)
  const rows = found.slice(0, MAX_SHOWN).map(row)
  const more =
    found.length > MAX_SHOWN ? `The newest ${MAX_SHOWN}; all of them: stswatch reports list --json\n` : ''
  return `${renderTable([HEAD, ...rows], io.columns, paint)}${more}`
}

const HEAD: readonly Cell[] = [
  cell('REPORT', 'dim'),
  cell('DAY', 'dim'),
  cell('SENDER', 'dim'),
  cell('ABOUT', 'dim'),
  figure('OK', 'dim'),
  figure('FAILED', 'dim'),
  cell('STANDING', 'dim'),
]

function row(report: ReceivedReport): readonly Cell[] {
  const { successful, failed, implausible } = reportSessions(report)
  return [
    cell(report.id),
    cell(utcDayText(dayOf(report))),
    cell(senderText(report)),
    cell(aboutText(report)),
    figure(implausible ? 'absurd' : numberText(successful)),
    figure(implausible ? 'absurd' : numberText(failed), failed > 0 ? 'red' : null),
    cell(standingText(report), STANDING_STYLE[report.standing]),
  ]
}
