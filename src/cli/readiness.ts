import { describeReadiness, READINESS_COLUMNS } from '../announce/readiness-words.ts'
import { Monitor } from '../app/monitor.ts'
import { loadMxJoined } from '../app/mx-joined.ts'
import { openProbe, REAL_WORLD, type World } from '../app/open-probe.ts'
import { openResolver } from '../app/open-resolver.ts'
import { loadReportWindow } from '../app/report-window.ts'
import { stagedRollovers } from '../app/staged-rollovers.ts'
import { judge } from '../check/judge.ts'
import { readiness } from '../check/readiness.ts'
import type { WatchConfig, WatchedDomain } from '../config/watch-config.ts'
import { inhibit } from '../incident/inhibit.ts'
import { display } from '../lib/display.ts'
import { randomId } from '../lib/id.ts'
import { printableJson } from '../lib/printable-json.ts'
import { systemClock } from '../lib/time.ts'
import type { RemedyLine } from '../model/description.ts'
import type { Readiness, ReadinessVerdict } from '../model/readiness.ts'
import { displayDomainName, parseDomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'
import { NOTHING_REMEMBERED } from './asking.ts'
import { refuse, sinceDay } from './days.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { openMemory } from './memory.ts'
import { type Paint, painter, wrap } from './paint.ts'
import { cell, figure, renderTable } from './table.ts'

export interface ReadinessRequest {
  readonly configFile: string
  readonly domain: string
  readonly days: string
  readonly json: boolean
}

const COMMAND = 'readiness'
const LOOKS: Readonly<
  Record<ReadinessVerdict, readonly [mark: string, style: Parameters<Paint>[0], status: number]>
> = {
  ready: ['✓', 'green', EXIT.ok],
  'not-ready': ['✗', 'red', EXIT.findings],
  'too-little-data': ['?', 'yellow', EXIT.undecided],
  'already-enforced': ['i', 'cyan', EXIT.ok],
}

/**
 * `readiness DOMAIN`: looks once, replays the reports, and says whether mode enforce would cost mail, or what it costs. Exit
 * status 0 ready (or enforced already), 1 not, 3 too little data.
 */
export async function readinessCommand(
  { configFile, domain: text, days, json }: ReadinessRequest,
  io: Io,
  world: World = REAL_WORLD,
): Promise<number> {
  const name = parseDomainName(text)
  if (name === null) return refuse(COMMAND, `"${display(text)}" is no domain name`, io)
  if (sinceDay(days, systemClock.now(), COMMAND, io) === null) return EXIT.usage
  const installation = await loadInstallation(configFile, io)
  if (installation === null) return EXIT.config
  const { env, config } = installation
  const domain = config.domains.find((one) => one.name === name)
  if (domain === undefined) {
    const watched = displayDomainName(name)
    return refuse(COMMAND, `reports are kept of watched domains only; stswatch watch add ${watched}`, io)
  }
  await using store = await openMemory(env, io)
  if (store === null) {
    io.err(NOTHING_REMEMBERED)
    return EXIT.noInput
  }
  const told = await lookAndReplay(domain, config, Number(days), { store, world })
  if (json) io.out(`${printableJson(JSON.stringify(told))}\n`)
  else io.out(render(told, config.timezone, io))
  return LOOKS[told.verdict][2]
}

async function lookAndReplay(
  domain: WatchedDomain,
  config: WatchConfig,
  days: number,
  { store, world }: { readonly store: Store; readonly world: World },
): Promise<Readiness> {
  const probe = openProbe(
    config,
    openResolver(config, systemClock, world.limits),
    systemClock,
    randomId,
    world,
  )
  const { signal } = new AbortController()
  const snapshot = await probe.domain(domain.name, 0, signal, domain)
  const monitor = new Monitor(systemClock)
  const vantage = await monitor.prove(snapshot, { config, probe }, signal)
  const now = systemClock.now()
  const versions = await store.snapshots.policyVersions(domain.name)
  const context = {
    before: await store.snapshots.latestAnswered(domain.name),
    versions,
    mxJoined: await loadMxJoined(domain.name, versions, now, store),
    reports: await loadReportWindow(domain.name, { now, days, mailboxReadAt: null }, store),
    rollovers: await stagedRollovers(snapshot, config, store.snapshots),
    vantage,
    now,
  }
  const judged = judge(snapshot, domain, context)
  const judgement = inhibit(judged, domain.name, { vantage, clockSkewMs: monitor.clockSkewMs() })
  return readiness(snapshot, domain, { ...context, judgement }, days)
}

function render(told: Readiness, timezone: string, io: Io): string {
  const paint = painter(io.terminal)
  const { title, basis, rows, next } = describeReadiness(told, { timezone, now: systemClock.now() })
  const [mark, style] = LOOKS[told.verdict]
  const width = Math.min(Math.max(io.columns, 60), 120)
  const head = READINESS_COLUMNS.map((column, index) =>
    (index === 2 ? figure : cell)(column.toUpperCase(), 'dim'),
  )
  const body = rows.map((row) => row.map((one, index) => (index === 2 ? figure : cell)(one)))
  return [
    `${paint([style, 'bold'].flat() as Parameters<Paint>[0], `${mark} ${title}`)}\n`,
    ...basis.map((line) => `${wrap(line, width, '    ')}\n`),
    rows.length === 0 ? '' : `\n${renderTable([head, ...body], io.columns, paint)}`,
    next.length === 0 ? '' : `\n${next.map((line) => remedyText(line, width, paint)).join('')}`,
  ].join('')
}

function remedyText({ kind, text }: RemedyLine, width: number, paint: Paint): string {
  return kind === 'code' ? `        ${paint('cyan', text)}\n` : `${wrap(text, width, '    ')}\n`
}
