import { instantText } from '../announce/text-time.ts'
import { type CanaryAddresses, canaryAddresses } from '../app/canary-addresses.ts'
import type { CanaryFate } from '../check/canary.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { systemClock } from '../lib/time.ts'
import { EXIT, type Io } from './io.ts'
import { isRunning } from './is-running.ts'
import { renderNotedTable } from './noted-table.ts'
import { painter } from './paint.ts'
import {
  type CanaryRow,
  canaryJson,
  canaryNote,
  canaryRow,
  FATE_WORDS,
  tookText,
  USUAL_LIMITS,
  untriedLines,
} from './render-canary.ts'
import { type CanaryWork, openCanaryWork } from './report-canary-work.ts'
import { type Cell, cell, figure } from './table.ts'

export interface ReportCanaryRequest {
  readonly configFile: string
  readonly json: boolean
}

const MOST_PER_ADDRESS = 10
const HEAD = ['sent', 'came to', 'after']

/**
 * `report canary`: what became of the reports to ourselves, newest first. Exit status 1 when what is known last of an
 * address is not that one arrived well, or there is none.
 */
export async function reportCanaryCommand(request: ReportCanaryRequest, io: Io): Promise<number> {
  const opened = await openCanaryWork(request.configFile, io)
  if (!opened.ok) return opened.error
  await using work = opened.value
  const addresses = await canaryAddresses(work.config, work.intake, work.store)
  const rows = await rowsOf(addresses, work)
  if (request.json) for (const row of rows) io.out(`${printableJson(JSON.stringify(canaryJson(row)))}\n`)
  else printRows(addresses, rows, work, io)
  tellWhatIsMissing(addresses, work, io)
  return rows.length > 0 && addresses.own.every((address) => isWell(rows, address.rua))
    ? EXIT.ok
    : EXIT.findings
}

async function rowsOf({ own }: CanaryAddresses, work: CanaryWork): Promise<readonly CanaryRow[]> {
  const { store, config } = work
  const now = systemClock.now()
  const sight = { readAt: (await isMailboxRead(work)) ? now : null, hasUnjudgedMail: false, isHeld: false }
  const limits = config.reports.canary ?? USUAL_LIMITS
  const rows: CanaryRow[] = []
  for (const address of own) {
    const canaries = await store.canaries.recent([address.rua], MOST_PER_ADDRESS)
    rows.push(...canaries.map((canary) => canaryRow(address, canary, { limits, sight, now })))
  }
  return rows.toSorted((a, b) => b.canary.slotAt - a.canary.slotAt)
}

/** What nobody looks for is not missing. */
async function isMailboxRead({ store, env }: CanaryWork): Promise<boolean> {
  const live = await store.incidents.live()
  const isFailing = live.some(({ latest }) => latest.code === 'monitor.mailbox.unreachable')
  return !isFailing && (await isRunning(env.databaseFile))
}

const OPEN: ReadonlySet<CanaryFate> = new Set(['under-way', 'unknown'])

function isWell(rows: readonly CanaryRow[], rua: string): boolean {
  const known = rows.find(({ address, fate }) => address.rua === rua && !OPEN.has(fate))
  return known === undefined || known.fate === 'arrived' || known.fate === 'slow'
}

function printRows(
  { own }: CanaryAddresses,
  rows: readonly CanaryRow[],
  { config }: CanaryWork,
  io: Io,
): void {
  if (rows.length === 0) {
    io.err(
      config.reports.canary === null
        ? 'no report was sent to yourself yet: set `reports: { canary: true }` in watch.yaml, or try it once: stswatch report canary --now\n'
        : 'no report was sent to yourself yet; to send one now: stswatch report canary --now\n',
    )
    return
  }
  const paint = painter(io.terminal)
  for (const { rua, domains } of own) {
    const ofThis = rows.filter(({ address }) => address.rua === rua)
    if (ofThis.length === 0) continue
    io.out(`${paint('bold', display(rua, 120))}  (${domains.slice(0, 5).join(', ')})\n`)
    const noted = ofThis.map((row) => ({
      cells: cells(row, config.timezone),
      note: canaryNote(row.canary) || null,
    }))
    io.out(renderNotedTable(HEAD, noted, io))
    io.out('\n')
  }
}

const STYLES: Readonly<Record<CanaryFate, Cell['style']>> = {
  'under-way': 'dim',
  unknown: 'dim',
  arrived: 'green',
  slow: 'yellow',
  unverified: 'red',
  missing: 'red',
  undelivered: 'red',
}

function cells({ canary, fate }: CanaryRow, timezone: string): readonly Cell[] {
  return [
    cell(instantText(canary.slotAt, timezone)),
    cell(FATE_WORDS[fate], STYLES[fate]),
    figure(tookText(canary)),
  ]
}

function tellWhatIsMissing(addresses: CanaryAddresses, { config }: CanaryWork, io: Io): void {
  for (const line of untriedLines(addresses)) io.err(`${line}\n`)
  if (addresses.own.length > 0 || addresses.others.length > 0) return
  io.err(
    `no address for TLS reports is known of ${config.domains.length === 1 ? 'the watched domain' : `the ${config.domains.length} watched domains`}: publish a TLSRPT record (stswatch explain tlsrpt.record.missing), or wait for the first looks\n`,
  )
}
