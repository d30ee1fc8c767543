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

/**
 * Runs an App in its role until told to stop; a changed file or a signal reloads it. What is under way then is waited
 * for, and a reload that is asked for later is not made. Rejects at once for a fault of ours, in a reload as well.
 */
export async function serve({ app, reloader, role, clock, signals, log }: ServeParts): Promise<void> {
  const due = async () => void (await app.enqueueDue())
  const isScheduler = role !== 'worker'
  if (role !== 'scheduler') await app.recover()
  if (isScheduler) await due()
  let beat = isScheduler ? startBeat(app.schedules, due, log) : null
  const reloads = inTurn(signals.stop, async () => {
    if (!(await reloader.reload()) || beat === null) return
    const old = beat
    beat = startBeat(app.schedules, due, log)
    await old[Symbol.asyncDispose]()
    await due()
  })
  signals.onReload(reloads.ask)
  try {
    await using _file = watchConfigFile(app.settings.config.file, clock, reloads.ask)
    await Promise.all([
      role === 'scheduler' ? stopped(signals.stop) : app.work(signals.stop),
      believeRemovals(reloader, reloads.ask, clock, signals.stop),
      reloads.ended,
    ])
  } finally {
    const last = beat
    // A reload that is still under way after a fault starts no other one.
    beat = null
    await last?.[Symbol.asyncDispose]()
  }
}

interface InTurn {
  /** Asks for one more time; nothing once stopped. */
  ask(): void
  /** Resolves when stopped and the last time is over; rejects as soon as one has failed. */
  readonly ended: Promise<void>
}

/** Does something whenever asked, one after the other: two reloads at once could swap in the older file. */
function inTurn(stop: AbortSignal, act: () => Promise<void>): InTurn {
  const failure = Promise.withResolvers<never>()
  let last = Promise.resolve()
  const ask = () => {
    // Looked at when its turn has come: it may have waited for the one before when the stop came.
    last = last.then(() => (stop.aborted ? undefined : act()))
    last.catch(failure.reject)
  }
  return { ask, ended: Promise.race([stopped(stop).then(() => last), failure.promise]) }
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
