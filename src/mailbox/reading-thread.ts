import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../lib/time.ts'
import type { IntakeAnswer, IntakeOrder, IntakeThreadData } from './intake-messages.ts'

export interface ThreadLimits {
  /** The longest that one order may take, the start of the thread included. */
  readonly orderMs: number
  /** The heap of the thread; bytes of mails and of inflated texts lie outside of it. */
  readonly heapMebibytes: number
}

export interface ThreadTools {
  readonly clock: Clock
  readonly limits: ThreadLimits
  readonly data: IntakeThreadData
  readonly onAnswer: (answer: IntakeAnswer) => void
  /** Called once: the thread is gone. `culprit` is the order that it was working on; null: none. */
  readonly onLoss: (culprit: IntakeOrder['id'] | null, why: 'timeout' | 'crashed', detail: string) => void
}

/** Of the heap, for what lives as long as one mail; a third of what is usual, which would only hold garbage. */
const YOUNG_MEBIBYTES = 16

interface Posted {
  readonly id: IntakeOrder['id']
  /** When it got to the front; on the clock that never jumps. */
  sinceMs: number
}

/** One worker from its start to its end, and the watch over it. Holds the process only while an order is open. */
export class ReadingThread {
  readonly #tools: ThreadTools
  readonly #worker: Worker
  readonly #posted: Posted[] = []
  readonly #ended = new AbortController()
  #isWatched: boolean = false

  constructor(tools: ThreadTools) {
    this.#tools = tools
    this.#worker = new Worker(new URL('./intake-worker.ts', import.meta.url), {
      workerData: tools.data,
      env: threadEnvironment(),
      resourceLimits: {
        maxOldGenerationSizeMb: tools.limits.heapMebibytes,
        maxYoungGenerationSizeMb: YOUNG_MEBIBYTES,
      },
    })
    this.#worker.unref()
    this.#worker.on('message', (answer: IntakeAnswer) => this.#answered(answer))
    this.#worker.on('error', (error) => this.#lost('crashed', String(error)))
    this.#worker.on('exit', (status) =>
      this.#lost('crashed', `the reading thread ended with status ${status}`),
    )
  }

  post(order: IntakeOrder): void {
    if (this.#posted.length === 0) this.#worker.ref()
    this.#posted.push({ id: order.id, sinceMs: this.#tools.clock.monotonicMs() })
    this.#worker.postMessage(order, order.kind === 'read' ? [order.bytes.buffer as ArrayBuffer] : [])
    void this.#watch()
  }

  /** Ends the thread without waiting: a parse that runs does not stop before its end (E15). */
  end(): void {
    this.#ended.abort()
    this.#worker.unref()
    void this.#worker.terminate()
  }

  #answered(answer: IntakeAnswer): void {
    if (this.#ended.signal.aborted) return
    this.#posted.shift()
    const [next] = this.#posted
    if (next === undefined) this.#worker.unref()
    else next.sinceMs = this.#tools.clock.monotonicMs()
    this.#tools.onAnswer(answer)
  }

  #lost(why: 'timeout' | 'crashed', detail: string): void {
    if (this.#ended.signal.aborted) return
    this.end()
    this.#tools.onLoss(this.#posted[0]?.id ?? null, why, detail)
  }

  /** Sleeps until the order at the front would be late; a timer for each order would cost more than the order. */
  async #watch(): Promise<void> {
    if (this.#isWatched) return
    this.#isWatched = true
    const { clock, limits } = this.#tools
    for (let first = this.#posted[0]; first !== undefined; first = this.#posted[0]) {
      const leftMs = first.sinceMs + limits.orderMs - clock.monotonicMs()
      if (leftMs <= 0) {
        this.#lost('timeout', `not read within ${limits.orderMs} ms`)
        return
      }
      try {
        await clock.sleep(leftMs, this.#ended.signal)
      } catch {
        return
      }
    }
    this.#isWatched = false
  }
}

/** Nothing in there needs a secret (S45). With the compiled files of the program at hand it starts in a third of the time. */
function threadEnvironment(): Readonly<Record<string, string>> {
  const ofThisNode = getCompileCacheDir()
  return ofThisNode === undefined ? {} : { NODE_COMPILE_CACHE: dirname(ofThisNode) }
}
