import { writeFile } from 'node:fs/promises'
import { announceSummary } from '../announce/announce-summary.ts'
import { routeSummary } from '../announce/route.ts'
import { lastWeek, periodOfWeek } from '../announce/summary-period.ts'
import { collectSummary } from '../app/collect-summary.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { systemClock } from '../lib/time.ts'
import type { WeeklySummary } from '../model/weekly-summary.ts'
import { summaryAsText, summaryPage } from '../notify/summary-mail.ts'
import type { Store } from '../store/store.ts'
import { NOTHING_REMEMBERED } from './asking.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { openMemory } from './memory.ts'

export interface SummaryRequest {
  readonly configFile: string
  /** `2026-W47`; null: the last week that is over. */
  readonly week: string | null
  /** Where a page goes; null: none is written. */
  readonly html: string | null
  readonly send: boolean
  readonly json: boolean
}

/** `summary`: the summary of a week on the terminal, as a file, or to its channels by the outbox. */
export async function summaryCommand(request: SummaryRequest, io: Io): Promise<number> {
  const installation = await loadInstallation(request.configFile, io)
  if (installation === null) return EXIT.config
  const { config, env } = installation
  const now = systemClock.now()
  const period =
    request.week === null ? lastWeek(now, config.timezone) : periodOfWeek(request.week, config.timezone)
  if (period === null) {
    io.err(
      `stswatch summary: --week ${display(request.week ?? '')}: write a week that there is, like 2026-W47\n`,
    )
    return EXIT.usage
  }
  await using store = await openMemory(env, io)
  if (store === null) {
    io.err(NOTHING_REMEMBERED)
    return EXIT.noInput
  }
  const summary = await collectSummary(store, config, period, now)
  if (request.html !== null && !(await writePage(summary, request.html, io))) return EXIT.findings
  if (request.send) return await send(summary, config, store, io)
  if (request.html !== null) return EXIT.ok
  io.out(
    request.json ? `${printableJson(JSON.stringify(summary))}\n` : withoutSignature(summaryAsText(summary)),
  )
  return summary.domains.some(({ needsHands }) => needsHands) ? EXIT.findings : EXIT.ok
}

/** It says who is in trouble: for this user alone. */
async function writePage(summary: WeeklySummary, file: string, io: Io): Promise<boolean> {
  try {
    await writeFile(file, summaryPage(summary), { mode: 0o600 })
    io.err(`written: ${display(file)}\n`)
    return true
  } catch (error) {
    io.err(`stswatch summary: ${display(file)} cannot be written: ${display(String(error))}\n`)
    return false
  }
}

async function send(
  summary: WeeklySummary,
  config: WatchConfig,
  store: Pick<Store, 'commitTransitions'>,
  io: Io,
): Promise<number> {
  const channels = new Set(config.summaries.flatMap((one) => one.channels))
  const destinations = routeSummary([...channels], config)
  if (destinations.length === 0) {
    io.err(
      `stswatch summary: ${config.file} has no \`summary:\` section that says to whom; add: summary: {}\n`,
    )
    return EXIT.config
  }
  await store.commitTransitions([], announceSummary(summary, destinations, { by: 'hand', at: summary.at }))
  for (const { channel, to } of destinations) io.out(`queued for ${channel}: ${display(to)}\n`)
  io.err('A running monitor sends it at once, else the next `stswatch run` does.\n')
  return EXIT.ok
}

/** The signature is a mail's. */
function withoutSignature(text: string): string {
  return text.replace(/\n-- \n[\s\S]*$/, '')
}
