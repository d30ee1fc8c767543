import type { MonitorState } from '../check/self.ts'
import type { Reporter } from './reporter.ts'

/** What the running program knows of its own TLS reports: what became of the last one's signature. Kept in memory. */
export class ReportHealth {
  #held: MonitorState['heldReports'] = null
  #isTried = false

  /** Whether a report was to be sent since the start. */
  get isTried(): boolean {
    return this.#isTried
  }

  /** `why`: it was held; null: it was signed as it should be. */
  heard({ domain, selector }: Reporter['key'], why: string | null): void {
    this.#isTried = true
    this.#held = why === null ? null : { domain, selector, why }
  }

  /** Reports are no longer sent. */
  forget(): void {
    this.#held = null
    this.#isTried = false
  }

  state(): Pick<MonitorState, 'heldReports'> {
    return { heldReports: this.#held }
  }
}
