import { watchConfigFile } from '../config/watcher.ts'
import type { Logger } from '../lib/log.ts'
import { type Clock, MINUTE_MS } from '../lib/time.ts'
import type { App } from './app.ts'
import { startBeat } from './beat.ts'
import type { Reloader } from './reloader.ts'

/** What people tell a running process from outside. */
export interface Signals {
  readonly stop: AbortSignal
  onReload(reload: () => void): void
}

export interface ServeParts {
  readonly app: App
  readonly reloader: Reloader
  readonly role: 'all' | 'scheduler' | 'worker'
  readonly clock: Clock
  readonly signals: Signals
  readonly log: Logger
}

/** Runs an App in its role until told to stop; a changed file or a signal reloads it. */
export async function serve({ app, reloader, role, clock, signals, log }: ServeParts): Promise<void> {
  const due = async () => void (await app.enqueueDue())
  const isScheduler = role !== 'worker'
  if (role !== 'scheduler') await app.recover()
  if (isScheduler) await due()
  let beat = isScheduler ? startBeat(app.schedules, due, log) : null
  const reload = async () => {
    if (!(await reloader.reload()) || beat === null) return
    await beat[Symbol.asyncDispose]()
    beat = startBeat(app.schedules, due, log)
    await due()
  }
  // One after the other: two reloads at once could swap in the older file.
  let reloading = Promise.resolve()
  const enqueueReload = () => {
    reloading = reloading.then(reload)
  }
  signals.onReload(enqueueReload)
  await using _file = watchConfigFile(app.settings.config.file, clock, enqueueReload)
  await Promise.all([
    role === 'scheduler' ? stopped(signals.stop) : app.work(signals.stop),
    believeRemovals(reloader, enqueueReload, clock, signals.stop),
  ])
  await reloading
  await beat?.[Symbol.asyncDispose]()
}

/** Reads the file again when a large removal has waited long enough. */
async function believeRemovals(
  reloader: Reloader,
  reload: () => void,
  clock: Clock,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    await clock.sleep(MINUTE_MS, stop).catch(() => {})
    if (reloader.dueAt !== null && reloader.dueAt <= clock.now()) reload()
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
