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

/** The one loop of the program. Ends when aborted and all work under way has ended, and at once when a piece of it fails. */
export async function runLane(lane: Lane, clock: Clock, signal: AbortSignal): Promise<void> {
  const underWay = new UnderWay(signal)
  while (!underWay.stop.aborted) {
    if (underWay.size >= lane.concurrency) await underWay.next()
    const work = await lane.take()
    if (work === null) await rest(lane, clock, underWay.stop)
    else underWay.begin(work)
  }
  await underWay.all()
}

/** Works until nothing is due at this instant: for rounds at a given time, in the demo and in tests. */
export async function drainLane(lane: Lane, signal: AbortSignal): Promise<void> {
  const underWay = new UnderWay(signal)
  for (;;) {
    if (underWay.size >= lane.concurrency) await underWay.next()
    const work = underWay.stop.aborted ? null : await lane.take()
    if (work !== null) underWay.begin(work)
    else if (underWay.size === 0) return
    else await underWay.next()
  }
}

/** The pieces under way. One that has failed stays among them, so that whoever waits next hears of it, however late. */
class UnderWay {
  /** Aborted when the lane is told to stop, and when a piece has failed. */
  readonly stop: AbortSignal
  readonly #pieces = new Set<Promise<void>>()
  readonly #failed = new AbortController()

  constructor(signal: AbortSignal) {
    this.stop = AbortSignal.any([signal, this.#failed.signal])
  }

  get size(): number {
    return this.#pieces.size
  }

  begin(work: Work): void {
    const piece = work(this.stop)
    this.#pieces.add(piece)
    piece.then(
      () => this.#pieces.delete(piece),
      (error: unknown) => this.#failed.abort(error),
    )
  }

  /** Until one ends; rejects when one has failed. */
  async next(): Promise<void> {
    await Promise.race(this.#pieces)
  }

  /** Until all have ended; rejects as soon as one has failed. */
  async all(): Promise<void> {
    await Promise.all(this.#pieces)
  }
}

async function rest(lane: Lane, clock: Clock, signal: AbortSignal): Promise<void> {
  const dueAt = await lane.nextDueAt()
  const ms =
    dueAt === null ? MAX_SLEEP_MS : Math.max(MIN_SLEEP_MS, Math.min(MAX_SLEEP_MS, dueAt - clock.now()))
  await clock.sleep(ms, signal).catch(() => {})
}
