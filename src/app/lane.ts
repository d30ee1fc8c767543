import type { Clock, UnixMs } from '../lib/time.ts'

/** A kind of work of which a few pieces are done at once. */
export interface Lane {
  readonly name: string
  readonly concurrency: number
  /** Claims one due piece and gives what does it; null when none is due. */
  take(): Promise<Work | null>
  /** When the next piece falls due; null: unknown. */
  nextDueAt(): Promise<UnixMs | null>
}

/** Must not reject for expected failures: a rejection is a bug and ends the process. */
export type Work = (signal: AbortSignal) => Promise<void>

/** How long a lane sleeps at most: work that another process enqueued is found this soon. */
const MAX_SLEEP_MS = 1_000
/** And at least, so that work which is due but cannot be taken yet does not make the loop spin. */
const MIN_SLEEP_MS = 20

/** The one loop of the program. Ends when aborted and all work under way has ended. */
export async function runLane(lane: Lane, clock: Clock, signal: AbortSignal): Promise<void> {
  const running = new Set<Promise<void>>()
  while (!signal.aborted) {
    if (running.size >= lane.concurrency) await Promise.race(running)
    const work = await lane.take()
    if (work === null) await rest(lane, clock, signal)
    else track(running, work(signal))
  }
  await Promise.all(running)
}

/** Works until nothing is due at this instant: for rounds at a given time, in the demo and in tests. */
export async function drainLane(lane: Lane, signal: AbortSignal): Promise<void> {
  const running = new Set<Promise<void>>()
  for (;;) {
    if (running.size >= lane.concurrency) await Promise.race(running)
    const work = signal.aborted ? null : await lane.take()
    if (work !== null) track(running, work(signal))
    else if (running.size === 0) return
    else await Promise.race(running)
  }
}

function track(running: Set<Promise<void>>, work: Promise<void>): void {
  const tracked = work.finally(() => running.delete(tracked))
  running.add(tracked)
}

async function rest(lane: Lane, clock: Clock, signal: AbortSignal): Promise<void> {
  const dueAt = await lane.nextDueAt()
  const ms =
    dueAt === null ? MAX_SLEEP_MS : Math.max(MIN_SLEEP_MS, Math.min(MAX_SLEEP_MS, dueAt - clock.now()))
  await clock.sleep(ms, signal).catch(() => {})
}
