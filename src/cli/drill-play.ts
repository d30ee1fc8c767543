import { App } from '../app/app.ts'
import { NO_HEARTBEAT } from '../app/heartbeat.ts'
import { Monitor } from '../app/monitor.ts'
import { openSettings } from '../app/open-settings.ts'
import type { Settings } from '../app/settings.ts'
import { parseWatchConfig } from '../config/parse-watch-config.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { DRILL_CANARIES, DRILL_DOMAIN, type Drill, drillWorld } from '../lab/drills/drill.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { randomId } from '../lib/id.ts'
import { silentLogger } from '../lib/log.ts'
import { type ManualClock, manualClock } from '../lib/manual-clock.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { MINUTE_MS, systemClock } from '../lib/time.ts'
import { SEVERITIES, type Severity } from '../model/finding.ts'
import type { IncidentId } from '../model/incident.ts'
import type { ChannelId } from '../model/notification.ts'
import { DEFAULT_LIMITS } from '../probe/limits.ts'
import { openStore } from '../store/sqlite.ts'
import type { OutboxRow, Store } from '../store/store.ts'
import type { Installation } from './installation.ts'
import type { Io } from './io.ts'

export interface DrillResult {
  readonly drill: Drill
  /** From the fault to the message, in the minutes of the simulation; null: it was not found. */
  readonly foundAfterMinutes: number | null
  readonly deliveries: readonly DrillDelivery[]
}

/** What became of the message that opens the incident, on one channel. */
export interface DrillDelivery {
  readonly channel: ChannelId
  readonly outcome: { readonly isGood: boolean; readonly text: string }
  /** The far side's name of the message. */
  readonly reference: string | null
}

/** Long enough for every schedule to have looked once. */
const WARM_UP_MINUTES = 16

/**
 * Plays one drill through the whole product: the lab's sockets, a database in memory, and the channels of this
 * installation, which are told for real. The errors say which channel cannot work.
 */
export async function playDrill(
  drill: Drill,
  installation: Installation,
  io: Io,
  smtpCa: string | null,
): Promise<Result<DrillResult, readonly string[]>> {
  const clock = manualClock(systemClock.now())
  await using lab = await startLab(drill.start(drillWorld()), { clock, now: clock.now(), resolvers: 3 })
  await using store = await openStore(':memory:', {
    owner: true,
    allowNetworkFilesystem: true,
    warn: () => {},
  })
  const config = drillConfig(drill, lab, installation.config)
  const opened = openSettings(
    config,
    { ...installation.env, slackAppToken: null, imapUrl: null },
    {
      clock,
      newId: randomId,
      world: { route: lab.route, roots: [lab.caPem], limits: DEFAULT_LIMITS },
      console: { write: (text) => io.out(text), colour: io.terminal },
      onSigning: () => {},
      smtpCa,
      notice: () => {},
      isDrill: true,
    },
  )
  if (!opened.ok) return err(opened.problems)
  const stage = { clock, store, app: openApp(store, clock, opened.settings) }
  await pass(stage, WARM_UP_MINUTES, async () => false)
  lab.change(drill.break)
  const foundAfterMinutes = await pass(
    stage,
    drill.minutesToOpen,
    async () => (await openIncident(drill, store)) !== null,
  )
  const incident = await openIncident(drill, store)
  const deliveries =
    incident === null ? [] : await deliveriesOf(incident.id, incident.severity, config, store)
  lab.change(drill.mend)
  await pass(stage, drill.minutesToResolve, async () => (await store.incidents.live()).length === 0)
  return ok({ drill, foundAfterMinutes: incident === null ? null : foundAfterMinutes, deliveries })
}

/** The world of the drill, told as this installation tells. */
function drillConfig(drill: Drill, lab: Lab, { channels, timezone, ehloName }: WatchConfig): WatchConfig {
  const text = JSON.stringify({
    domains: [{ name: DRILL_DOMAIN, expect: drill.expect, ...drill.watch }],
    hosts: drill.hosts,
    resolvers: lab.resolvers.map(({ host, port }) => `${host}:${port}`),
    canaries: DRILL_CANARIES,
    egress: { allow: ['2001:db8::/32', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'] },
  })
  const context = { hostname: ehloName, now: systemClock.now(), lab: false }
  const parsed = parseWatchConfig(text, 'the drill', context)
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
  const ids = [...channels.keys()]
  const domains = parsed.config.domains.map((domain) => ({ ...domain, channels: ids }))
  return { ...parsed.config, domains, channels, timezone, ehloName }
}

interface DrillStage {
  readonly clock: ManualClock
  readonly store: Store
  readonly app: App
}

function openApp(store: Store, clock: ManualClock, settings: Settings): App {
  const tools = {
    store,
    monitor: new Monitor(clock),
    clock,
    newId: randomId,
    random: Math.random,
    log: silentLogger,
    heartbeat: NO_HEARTBEAT,
    grouping: { groupWaitMs: 0, groupIntervalMs: 0 },
  }
  return new App(tools, settings)
}

/** Lets minutes pass until `isOver` after one of them; gives how many did. */
async function pass(
  { clock, app }: DrillStage,
  minutes: number,
  isOver: () => Promise<boolean>,
): Promise<number> {
  const signal = new AbortController().signal
  for (let minute = 0; minute < minutes; minute += 1) {
    await clock.drive(app.settle(signal))
    if (await isOver()) return minute
    await clock.advance(MINUTE_MS)
  }
  await clock.drive(app.settle(signal))
  return minutes
}

async function openIncident(
  { finding }: Drill,
  store: Store,
): Promise<{ readonly id: IncidentId; readonly severity: Severity } | null> {
  const live = await store.incidents.live()
  const open = live.find(({ phase, latest }) => phase.name === 'open' && latest.code === finding)
  return open === undefined ? null : { id: open.id, severity: open.worst }
}

async function deliveriesOf(
  id: IncidentId,
  severity: Severity,
  { channels }: WatchConfig,
  store: Store,
): Promise<readonly DrillDelivery[]> {
  const rows = await store.outbox.ofIncident(id)
  return [...channels].map(([channel, { minSeverity }]): DrillDelivery => {
    const row = rows.find(({ notification }) => notification.channel === channel)
    if (row !== undefined) return { channel, outcome: outcomeOf(row), reference: row.reference }
    const isMeant = SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(minSeverity)
    const text = isMeant ? `left out: it is told from ${minSeverity} on` : 'not told'
    return { channel, outcome: { isGood: isMeant, text }, reference: null }
  })
}

function outcomeOf({ state, lastError }: OutboxRow): DrillDelivery['outcome'] {
  return state === 'sent'
    ? { isGood: true, text: 'delivered' }
    : { isGood: false, text: `${state}${lastError === null ? '' : `: ${lastError}`}` }
}
