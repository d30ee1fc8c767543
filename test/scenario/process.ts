/** One life of the program in a test: everything that `run` puts together, pointed at a lab. */

import { GROUP_INTERVAL_MS, GROUP_WAIT_MS } from '../../src/announce/announce.ts'
import { App } from '../../src/app/app.ts'
import { NO_HEARTBEAT } from '../../src/app/heartbeat.ts'
import { Monitor } from '../../src/app/monitor.ts'
import { type OpenedSettings, openSettings } from '../../src/app/open-settings.ts'
import { listenToButtons } from '../../src/app/slack-buttons.ts'
import { type Env, readEnv } from '../../src/config/env.ts'
import { type LoadedConfig, parseWatchConfig } from '../../src/config/parse-watch-config.ts'
import type { WatchConfig } from '../../src/config/watch-config.ts'
import type { NewId } from '../../src/lib/id.ts'
import { jsonLogger, type Logger, silentLogger } from '../../src/lib/log.ts'
import type { Clock } from '../../src/lib/time.ts'
import type { Route } from '../../src/model/route.ts'
import { DEFAULT_LIMITS, type ProbeLimits } from '../../src/probe/limits.ts'
import { openStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'

/** Real waits of a look: short, since silence on loopback is known soon, and long enough for a busy machine. */
export const QUICK: ProbeLimits = {
  ...DEFAULT_LIMITS,
  connectMs: 2_000,
  handshakeMs: 3_000,
  dns: { ...DEFAULT_LIMITS.dns, tryMs: 1_000, tries: 2, totalMs: 6_000 },
  smtp: { ...DEFAULT_LIMITS.smtp, greetingMs: 3_000, commandMs: 3_000, quitMs: 500, totalMs: 10_000 },
  https: { ...DEFAULT_LIMITS.https, totalMs: 10_000 },
}

/** What a process is given from outside; the texts can be handed to another process as they are. */
export interface Surroundings {
  readonly watch: string
  readonly env: Readonly<Record<string, string>>
  readonly database: string
  readonly caPem: string
}

export interface ProcessTools {
  readonly clock: Clock
  readonly newId: NewId
  readonly route: Route
  readonly limits: ProbeLimits
  /** Takes the log lines; null: nobody reads them. */
  readonly log: ((line: string) => void) | null
}

export interface Process extends AsyncDisposable {
  readonly store: Store
  readonly monitor: Monitor
  readonly app: App
  readonly log: Logger
}

export async function startProcess(around: Surroundings, tools: ProcessTools): Promise<Process> {
  const { clock, newId } = tools
  const parsed = parseWatch(around.watch, clock)
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
  const opened = openConfig(parsed.config, around, tools)
  if (!opened.ok) throw new Error(opened.problems.join('; '))
  const store = await openStore(around.database, {
    owner: true,
    allowNetworkFilesystem: true,
    warn: () => {},
  })
  const monitor = new Monitor(clock)
  const log = tools.log === null ? silentLogger : jsonLogger(tools.log, clock)
  const grouping = { groupWaitMs: GROUP_WAIT_MS, groupIntervalMs: GROUP_INTERVAL_MS }
  const app = new App(
    { store, monitor, clock, newId, random: () => 0.5, heartbeat: NO_HEARTBEAT, log, grouping },
    opened.settings,
  )
  await app.recover()
  const env = envOf(around)
  const buttons = listenToButtons(env, app, { store, clock, newId, log })
  return {
    store,
    monitor,
    app,
    log,
    async [Symbol.asyncDispose]() {
      await buttons?.[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

export function parseWatch(text: string, clock: Clock): LoadedConfig {
  return parseWatchConfig(text, 'watch.yaml', {
    hostname: 'monitor.ops.example',
    now: clock.now(),
    lab: false,
  })
}

/** Makes of a configuration what runs. */
export function openConfig(config: WatchConfig, around: Surroundings, tools: ProcessTools): OpenedSettings {
  return openSettings(config, envOf(around), {
    clock: tools.clock,
    newId: tools.newId,
    world: { route: tools.route, roots: [around.caPem], limits: tools.limits },
    console: { write: () => {}, colour: false },
    onSigning: () => {},
    smtpCa: around.caPem,
    isDrill: false,
    notice: () => {},
  })
}

function envOf(around: Surroundings): Env {
  const env = readEnv({ STSWATCH_LAB: '1', ...around.env })
  if (!env.ok) throw new Error(env.error.join('; '))
  return env.value
}
