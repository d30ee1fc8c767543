import { GROUP_INTERVAL_MS, GROUP_WAIT_MS } from '../announce/announce.ts'
import { alarmPaths } from '../app/alarm-paths.ts'
import { App } from '../app/app.ts'
import type { AppTools } from '../app/app-tools.ts'
import { heartbeatTo } from '../app/heartbeat.ts'
import { Monitor } from '../app/monitor.ts'
import { REAL_WORLD } from '../app/open-probe.ts'
import { openResolver } from '../app/open-resolver.ts'
import { openSettings } from '../app/open-settings.ts'
import { Reloader } from '../app/reloader.ts'
import { serve } from '../app/serve.ts'
import { listenToButtons } from '../app/slack-buttons.ts'
import { forgetSecrets } from '../config/env.ts'
import { loadWatchConfig } from '../config/load.ts'
import { loadContext } from '../config/load-context.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { randomId } from '../lib/id.ts'
import type { Logger } from '../lib/log.ts'
import { systemClock } from '../lib/time.ts'
import { acquireInstanceLock, type LockHolder } from '../store/instance-lock.ts'
import { openStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { type HealthServer, startHealthServer } from '../web/health-server.ts'
import { type Installation, loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { narrator } from './narrator.ts'
import { processSignals } from './process-signals.ts'

export interface RunRequest {
  readonly configFile: string
  readonly role: 'all' | 'scheduler' | 'worker'
}

/** `run`: watches until SIGTERM or SIGINT. Exit status 75 when another one already does, 78 for a bad configuration. */
export async function runCommand(request: RunRequest, io: Io): Promise<number> {
  const installation = await loadInstallation(request.configFile, io)
  if (installation === null) return EXIT.config
  forgetSecrets(io.env)
  return runLocked(request, installation, io)
}

async function runLocked(request: RunRequest, installation: Installation, io: Io): Promise<number> {
  const { databaseFile } = installation.env
  await using held = new AsyncDisposableStack()
  for (const role of request.role === 'all' ? ['scheduler', 'worker'] : [request.role]) {
    const lock = await acquireInstanceLock(databaseFile, role, systemClock.now())
    if (!lock.ok) {
      io.err(`stswatch: ${lockText(databaseFile, role, lock.error)}\n`)
      return EXIT.secondInstance
    }
    held.use(lock.value)
  }
  // Awaited here: the locks are held until it ends.
  return await run(request, installation, io)
}

async function run(request: RunRequest, { env, config }: Installation, io: Io): Promise<number> {
  const log = narrator(io, systemClock, config)
  const monitor = new Monitor(systemClock)
  const open = (wanted: WatchConfig) =>
    openSettings(wanted, env, {
      clock: systemClock,
      newId: randomId,
      world: REAL_WORLD,
      console: { write: (text) => io.out(text), colour: io.terminal },
      onSigning: (outcome) => {
        monitor.signing.heard(outcome)
        if (outcome.outcome === 'unsigned') log.warn('mail.unsigned', { why: outcome.why })
      },
      smtpCa: null,
      isDrill: false,
      notice: (sentence) => log.warn('mailbox.notice', { sentence }),
    })
  const opened = open(config)
  if (!opened.ok) {
    for (const problem of opened.problems) io.err(`stswatch: ${problem}\n`)
    return EXIT.config
  }
  await using store = await openStore(env.databaseFile, {
    owner: request.role !== 'scheduler',
    allowNetworkFilesystem: false,
    warn: (line) => log.warn('storage', { line }),
  })
  const tools: AppTools = {
    store,
    monitor,
    clock: systemClock,
    newId: randomId,
    random: Math.random,
    log,
    heartbeat: heartbeatTo(env.heartbeatUrl, log),
    grouping: { groupWaitMs: GROUP_WAIT_MS, groupIntervalMs: GROUP_INTERVAL_MS },
  }
  const app = new App(tools, opened.settings)
  await using _buttons = request.role === 'scheduler' ? null : listenToButtons(env, app, tools)
  const load = () => loadWatchConfig(request.configFile, loadContext(io.env, systemClock))
  const reloader = new Reloader({ app, monitor, clock: systemClock, log, load, open })
  const server = request.role === 'scheduler' ? null : await healthServer(env, monitor, io)
  if (server === 'refused') return EXIT.config
  await using _server = server
  await using signals = processSignals()
  log.info('start', {
    role: request.role,
    domains: config.domains.length,
    channels: [...config.channels.keys()],
  })
  await Promise.all([
    serve({ app, reloader, role: request.role, clock: systemClock, signals, log }),
    tellAlarmPaths(config, store, log),
  ])
  log.info('stop')
  return EXIT.ok
}

/** `/healthz` where PORT asks for it; refused: the port cannot be had, and the reason was printed. */
async function healthServer(
  { listen }: Installation['env'],
  monitor: Monitor,
  io: Io,
): Promise<HealthServer | null | 'refused'> {
  if (listen === null) return null
  try {
    return await startHealthServer(listen, () => monitor.health.codes())
  } catch (error) {
    const { host, port } = listen
    io.err(
      `stswatch: /healthz cannot be answered at ${host}:${port}: ${(error as Error).message}. Set PORT and HOST to something that is free.\n`,
    )
    return 'refused'
  }
}

/** Where alerts depend on what they are about. It may have to ask the DNS, so nothing waits for it. */
async function tellAlarmPaths(config: WatchConfig, store: Store, log: Logger): Promise<void> {
  const resolver = openResolver(config, systemClock, REAL_WORLD.limits)
  for (const sentence of await alarmPaths(config, store, resolver)) log.warn('alarm-path', { sentence })
}

function lockText(file: string, role: string, { pid, host, since }: LockHolder): string {
  const holder =
    pid === null
      ? ''
      : ` (process ${pid}${host === null ? '' : ` on ${host}`}${since === null ? '' : `, since ${new Date(since).toISOString()}`})`
  return `another ${role} already works on ${file}${holder}. Stop it first, or give DATABASE_FILE another place.`
}
