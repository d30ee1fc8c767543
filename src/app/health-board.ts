import type { HealthCode } from '../check/health.ts'
import { type Clock, MINUTE_MS } from '../lib/time.ts'

/** Longer without a word, and the monitor hangs: it looks at itself every minute. */
const STALLED_MS = 3 * MINUTE_MS

/** What the last look at itself said; asking costs nothing. */
export class HealthBoard {
  readonly #clock: Clock
  #codes: readonly HealthCode[] = []
  #notedAtMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#notedAtMs = clock.monotonicMs()
  }

  note(codes: readonly HealthCode[]): void {
    this.#codes = codes
    this.#notedAtMs = this.#clock.monotonicMs()
  }

  /** Empty: all is well. */
  codes(): readonly HealthCode[] {
    const isStalled = this.#clock.monotonicMs() - this.#notedAtMs > STALLED_MS
    return isStalled ? [...this.#codes, 'stalled'] : this.#codes
  }
}
