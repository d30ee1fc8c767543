/** Runs the whole program, but for its sockets, through a simulated month, and writes down what it said. */

import { GROUP_INTERVAL_MS, GROUP_WAIT_MS } from '../../src/announce/announce.ts'
import { App } from '../../src/app/app.ts'
import { NO_HEARTBEAT } from '../../src/app/heartbeat.ts'
import { Monitor } from '../../src/app/monitor.ts'
import { parseWatchConfig } from '../../src/config/parse-watch-config.ts'
import type { NewId } from '../../src/lib/id.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { manualClock } from '../../src/lib/manual-clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type UnixMs } from '../../src/lib/time.ts'
import type { Incident, Transition } from '../../src/model/incident.ts'
import type { ChannelId, NotificationContent } from '../../src/model/notification.ts'
import type { Notifier } from '../../src/notify/notifier.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { castOf, type Plan } from './cast.ts'
import { chance } from './random.ts'
import type { Story } from './story.ts'
import { StoryDns } from './story-dns.ts'
import { StoryProbe } from './story-probe.ts'
import { type BlindPeriod, blindPeriods, type Loss, Weather } from './weather.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly domains: number
  readonly days: number
  readonly faults: number
  /** Minutes between two regular looks: 15 (as by default) or 60. */
  readonly everyMinutes: 15 | 60
  /** Step the clock by hours as well, not only by seconds. */
  readonly bigStep: boolean
  readonly loss: Loss
}

/** One message that was sent, at the true time. */
export interface Sent {
  readonly at: UnixMs
  readonly contents: readonly NotificationContent[]
}

/** When the clock was wrong, and by how much. */
export interface ClockStep {
  readonly from: UnixMs
  readonly to: UnixMs
  readonly byMs: number
}

export interface Ran {
  readonly options: SimulationOptions
  readonly plan: Plan
  readonly stories: readonly Story[]
  readonly periods: readonly BlindPeriod[]
  readonly steps: readonly ClockStep[]
  readonly sent: readonly Sent[]
  readonly incidents: readonly Incident[]
  readonly transitions: ReadonlyMap<string, readonly Transition[]>
  readonly looks: number
  readonly tookMs: number
}

const START = Date.UTC(2026, 10, 2)

export async function simulate(options: SimulationOptions): Promise<Ran> {
  const began = performance.now()
  const luck = chance(options.seed)
  const plan = { ...options, start: START }
  const stories = castOf(plan, luck)
  const periods = blindPeriods(START, options.days, luck)
  const weather = new Weather(periods, luck, options.loss)
  const clock = manualClock(START)
  const instants = { truth: () => START + clock.monotonicMs(), clock: () => clock.now() }
  const newId = countingIds()
  const dns = new StoryDns(weather, luck, instants)
  const probe = new StoryProbe(stories, { dns, weather, instants }, clock, newId)
  const sent: Sent[] = []
  const config = configOf(stories, options.everyMinutes)
  const notifiers = new Map([...config.channels.keys()].map((id) => [id, recorder(id, instants.truth, sent)]))
  await using store = await openStore(':memory:', {
    owner: true,
    allowNetworkFilesystem: true,
    warn: () => {},
  })
  const monitor = new Monitor(clock)
  const grouping = { groupWaitMs: GROUP_WAIT_MS, groupIntervalMs: GROUP_INTERVAL_MS }
  const app = new App(
    {
      store,
      monitor,
      clock,
      newId,
      random: () => luck.next(),
      heartbeat: NO_HEARTBEAT,
      log: silentLogger,
      grouping,
    },
    { config, notifiers, probe, signsMail: false, reporter: null, intake: null },
  )
  await app.recover()
  const steps = clockSteps(options)
  const never = new AbortController().signal
  for (let at = START; at < START + options.days * DAY_MS; at += MINUTE_MS) {
    await app.settle(never)
    await clock.advance(MINUTE_MS)
    const off = steps.filter(({ from, to }) => at >= from && at < to).reduce((sum, { byMs }) => sum + byMs, 0)
    clock.step(instants.truth() + off - clock.now())
  }
  const incidents = (await store.incidents.recent(1_000_000)).toReversed()
  const confirmed = incidents.filter(({ transitions }) => transitions > 0)
  const transitions = new Map<string, readonly Transition[]>()
  for (const { id } of confirmed) transitions.set(id, await store.incidents.transitions(id))
  return {
    options,
    plan,
    stories,
    periods,
    steps,
    sent,
    incidents: confirmed,
    transitions,
    looks: probe.looks,
    tookMs: performance.now() - began,
  }
}

/** NTP finds the clock a minute and a half off, twice; with `bigStep` once two hours, for half an hour. */
function clockSteps({ days, bigStep }: SimulationOptions): readonly ClockStep[] {
  const at = (share: number) => START + share * days * DAY_MS
  const small = [0.31, 0.71].map((share, index) => ({
    from: at(share),
    to: at(share) + 2 * HOUR_MS,
    byMs: (index === 0 ? 1 : -1) * 90 * SECOND_MS,
  }))
  return bigStep ? [...small, { from: at(0.55), to: at(0.55) + 30 * MINUTE_MS, byMs: 2 * HOUR_MS }] : small
}

function configOf(stories: readonly Story[], everyMinutes: number) {
  const watch = {
    domains: stories.map(({ name, expect }) => ({ name, expect })),
    defaults: { check: everyMinutes === 60 ? '0 * * * *' : '*/15 * * * *' },
    channels: { ops: { type: 'slack', channel: '#mail-ops', min_severity: 'info' } },
    resolvers: ['192.0.2.53', '198.51.100.53', '203.0.113.53'],
    ehlo_name: 'monitor.ops.example',
  }
  const context = { hostname: 'monitor.ops.example', now: START, lab: false }
  const loaded = parseWatchConfig(JSON.stringify(watch), 'watch.yaml', context)
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('; '))
  return loaded.config
}

function recorder(id: ChannelId, now: () => UnixMs, sent: Sent[]): Notifier {
  return {
    id,
    render: ({ notifications }) => JSON.stringify(notifications.map(({ content }) => content)),
    send: async ({ payload }) => {
      sent.push({ at: now(), contents: JSON.parse(payload) })
      return { outcome: 'delivered', reference: null }
    },
  }
}

function countingIds(): NewId {
  let last = 0
  return (prefix) => `${prefix}_${(++last).toString().padStart(8, '0')}`
}
