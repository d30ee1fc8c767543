/** An App's surroundings for tests: the real store in memory, a clock that stands still, and a world that is played. */

import { App } from '../../../src/app/app.ts'
import type { AppTools } from '../../../src/app/app-tools.ts'
import { NO_HEARTBEAT } from '../../../src/app/heartbeat.ts'
import { Monitor } from '../../../src/app/monitor.ts'
import type { Settings } from '../../../src/app/settings.ts'
import { type LoadedConfig, parseWatchConfig } from '../../../src/config/parse-watch-config.ts'
import type { WatchConfig } from '../../../src/config/watch-config.ts'
import type { LogFields, Logger } from '../../../src/lib/log.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import type { ChannelId, Delivery } from '../../../src/model/notification.ts'
import type { Observation } from '../../../src/model/observation.ts'
import type { Snapshot, SnapshotId } from '../../../src/model/snapshot.ts'
import type { SightProtocol } from '../../../src/model/vantage.ts'
import type { Attempt, Message, Notifier } from '../../../src/notify/notifier.ts'
import type { Probe } from '../../../src/probe/probe.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { healthy, NOW } from '../check/snapshot-builder.ts'

/** An instant of the healthy snapshot, moved to the look's own. */
export function lookAt(domain: DomainName, at: number, look: Snapshot = healthy()): Snapshot {
  const moved: Snapshot = JSON.parse(JSON.stringify(look), (key, value) =>
    (key === 'at' || key === 'takenAt') && value === NOW ? at : value,
  )
  return { ...moved, id: `look_${domain}_${at}` as SnapshotId, domain }
}

/** Sees what the test says, and writes down what it was asked. */
export class FakeProbe implements Probe {
  readonly looks: string[] = []
  readonly canaries: string[] = []
  /** `domain maxAgeMs` */
  readonly zoneLooks: string[] = []
  look: (name: DomainName, signal: AbortSignal) => Promise<Snapshot>
  answer: (protocol: SightProtocol, name: DomainName) => Observation<number | null>

  constructor(now: () => number) {
    this.look = async (name) => lookAt(name, now())
    this.answer = () => ({ outcome: 'seen', at: now(), tookMs: 1, value: now() })
  }

  domain(name: DomainName, _maxHostAgeMs: number, signal: AbortSignal): Promise<Snapshot> {
    this.looks.push(name)
    return this.look(name, signal)
  }

  async zones({ domain }: Pick<Snapshot, 'domain'>, maxAgeMs: number): Promise<Snapshot['zones']> {
    this.zoneLooks.push(`${domain} ${maxAgeMs}`)
    return []
  }

  async canary(protocol: SightProtocol, name: DomainName): Promise<Observation<number | null>> {
    this.canaries.push(`${protocol} ${name}`)
    return this.answer(protocol, name)
  }
}

/** Takes everything, and writes it down as text. */
export class FakeNotifier implements Notifier {
  readonly id: ChannelId
  readonly told: string[] = []
  send: (attempt: Attempt, signal: AbortSignal) => Promise<Delivery> = async ({ payload }) => {
    this.told.push(payload)
    return { outcome: 'delivered', reference: null }
  }

  constructor(id: string) {
    this.id = id as ChannelId
  }

  render({ notifications }: Message): string {
    return notifications
      .map(({ content }) =>
        content.kind === 'incident' ? `${content.reason} ${content.incident.latest.code}` : content.kind,
      )
      .join(', ')
  }
}

export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly fields: LogFields
}

function keepingLog(entries: LogEntry[]): Logger {
  const keep =
    (level: LogEntry['level']) =>
    (event: string, fields: LogFields = {}) =>
      void entries.push({ level, event, fields })
  return { info: keep('info'), warn: keep('warn'), error: keep('error') }
}

/** What a watch.yaml of these lines loads as. */
export function load(watch: Readonly<Record<string, unknown>>, file = 'watch.yaml'): LoadedConfig {
  const text = JSON.stringify({ ehlo_name: 'monitor.ops.example', ...watch })
  return parseWatchConfig(text, file, { hostname: 'monitor.ops.example', now: NOW, lab: false })
}

export function configOf(watch: Readonly<Record<string, unknown>>, file = 'watch.yaml'): WatchConfig {
  const loaded = load(watch, file)
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('; '))
  return loaded.config
}

export function domain(name: string): DomainName {
  return name as DomainName
}

let lastId = 0

/** Everything around an App. `watch`: lines of watch.yaml; each of its channels is a fake. */
export async function desk(watch: Readonly<Record<string, unknown>> = { domains: ['example.com'] }) {
  const clock = manualClock(NOW)
  const store = await openStore(':memory:', { owner: true, allowNetworkFilesystem: true, warn: () => {} })
  const monitor = new Monitor(clock)
  const probe = new FakeProbe(clock.now)
  const log: LogEntry[] = []
  const tools: AppTools = {
    store,
    monitor,
    clock,
    newId: (prefix) => `${prefix}_${(++lastId).toString().padStart(6, '0')}`,
    random: () => 0.5,
    log: keepingLog(log),
    heartbeat: NO_HEARTBEAT,
    grouping: { groupWaitMs: 0, groupIntervalMs: 0 },
  }
  const open = (config: WatchConfig): Settings => ({
    config,
    probe,
    signsMail: false,
    reporter: null,
    intake: null,
    notifiers: new Map([...config.channels.keys()].map((id) => [id, new FakeNotifier(id)])),
  })
  const settings = open(configOf(watch))
  const never = new AbortController().signal
  const app = new App(tools, settings)
  return {
    clock,
    store,
    monitor,
    probe,
    log,
    tools,
    open,
    settings,
    app,
    never,
    /** Names of what was logged. */
    events: () => log.map(({ event }) => event),
    /** Open and suspected incidents, as `phase code subject`. */
    live: async () =>
      (await store.incidents.live())
        .map(({ phase, latest }) =>
          `${phase.name} ${latest.code} ${latest.subject ?? latest.domain ?? ''}`.trim(),
        )
        .sort(),
    /** Lets minutes pass, doing after each what is due. */
    async pass(minutes: number) {
      for (let minute = 0; minute < minutes; minute += 1) {
        await clock.drive(app.settle(never))
        await clock.advance(60_000)
      }
      await clock.drive(app.settle(never))
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

export type Desk = Awaited<ReturnType<typeof desk>>
