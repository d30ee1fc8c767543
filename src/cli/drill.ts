import { nearest } from '../config/nearest.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import type { Drill } from '../lab/drills/drill.ts'
import { DRILLS } from '../lab/drills/drills.ts'
import { display } from '../lib/display.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { ChannelId } from '../model/notification.ts'
import { type DrillResult, playDrill } from './drill-play.ts'
import { type Installation, loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { painter } from './paint.ts'
import { type Cell, cell, figure, renderTable } from './table.ts'

export interface DrillRequest {
  readonly configFile: string
  /** `all`, or the name of one; null: what there is. */
  readonly name: string | null
  /** Null: every channel of watch.yaml. */
  readonly channel: string | null
}

const ALL = 'all'

/**
 * `drill`: plays a fault on the lab and tells it by the real channels, marked as a drill. Exit status 1 when a channel
 * that should have been told was not.
 */
export async function drillCommand(
  request: DrillRequest,
  io: Io,
  smtpCa: string | null = null,
): Promise<number> {
  if (request.name === null) return list(io)
  const drills = drillsOf(request.name)
  if (!drills.ok) return refuse(drills.error, io)
  const installation = await loadInstallation(request.configFile, io)
  if (installation === null) return EXIT.config
  const config = channelsOf(installation.config, request.channel)
  if (!config.ok) return refuse(config.error, io)
  return await play(drills.value, { ...installation, config: config.value }, io, smtpCa)
}

function list(io: Io): number {
  const paint = painter(io.terminal)
  for (const { name, title, finding } of DRILLS) {
    io.out(`${paint('bold', name)}\n    ${title} ${paint('dim', `(${finding})`)}\n`)
  }
  io.err('Play one with: stswatch drill NAME\n')
  return EXIT.ok
}

function drillsOf(name: string): Result<readonly Drill[], string> {
  if (name === ALL) return ok(DRILLS)
  const found = DRILLS.filter((drill) => drill.name === name)
  if (found.length > 0) return ok(found)
  const meant = nearest(
    name,
    DRILLS.map((drill) => drill.name),
  )
  const hint = meant === null ? '`stswatch drill` lists them' : `did you mean ${meant}?`
  return err(`there is no drill "${display(name)}"; ${hint}`)
}

function channelsOf(config: WatchConfig, name: string | null): Result<WatchConfig, string> {
  if (name === null) return ok(config)
  const channel = config.channels.get(name as ChannelId)
  if (channel !== undefined) return ok({ ...config, channels: new Map([[name as ChannelId, channel]]) })
  const names = [...config.channels.keys()]
  const meant = nearest(name, names)
  return err(
    `no channel "${display(name)}" in the watch list; ${meant === null ? `there is: ${names.join(', ')}` : `did you mean ${meant}?`}`,
  )
}

async function play(
  drills: readonly Drill[],
  installation: Installation,
  io: Io,
  smtpCa: string | null,
): Promise<number> {
  const results: DrillResult[] = []
  for (const [index, drill] of drills.entries()) {
    if (io.terminal) io.err(`\r\u001b[K${index + 1} of ${drills.length}: ${drill.title} …`)
    const played = await playDrill(drill, installation, io, smtpCa)
    if (io.terminal) io.err('\r\u001b[K')
    if (!played.ok) {
      for (const problem of played.error) io.err(`stswatch drill: ${problem}\n`)
      return EXIT.config
    }
    results.push(played.value)
  }
  io.out(
    renderTable(
      [HEAD.map((word) => cell(word, 'bold')), ...results.flatMap(rowsOf)],
      io.columns,
      painter(io.terminal),
    ),
  )
  return results.every(wasTold) ? EXIT.ok : EXIT.findings
}

const HEAD = ['drill', 'found after', 'channel', 'told', 'message']

function rowsOf({ drill, foundAfterMinutes, deliveries }: DrillResult): readonly (readonly Cell[])[] {
  const found = foundAfterMinutes === null ? 'not found' : `${foundAfterMinutes} min`
  if (deliveries.length === 0)
    return [[cell(drill.name), figure(found), cell(''), cell('nobody', 'bold'), cell('')]]
  return deliveries.map(({ channel, outcome, reference }) => [
    cell(drill.name),
    figure(found),
    cell(channel),
    cell(outcome.text, outcome.isGood ? null : 'bold'),
    cell(display(reference ?? '', 120)),
  ])
}

function wasTold({ foundAfterMinutes, deliveries }: DrillResult): boolean {
  return (
    foundAfterMinutes !== null && deliveries.length > 0 && deliveries.every(({ outcome }) => outcome.isGood)
  )
}

function refuse(message: string, io: Io): number {
  io.err(`stswatch drill: ${message}\n`)
  return EXIT.usage
}
