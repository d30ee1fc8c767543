import type { CanaryState } from '../check/canary.ts'
import type { CanaryAddress } from '../model/canary.ts'

/** What the running program knows of its reports to itself. Kept in memory: the database has what became of each. */
export class CanaryWatch {
  #addresses: readonly CanaryAddress[] | null = null
  #state: CanaryState | null = null

  /** Where canaries go; null: it is to be found out. */
  get addresses(): readonly CanaryAddress[] | null {
    return this.#addresses
  }

  goTo(addresses: readonly CanaryAddress[]): void {
    this.#addresses = addresses
  }

  note(state: CanaryState): void {
    this.#state = state
  }

  /** None are sent, or the configuration was exchanged. */
  forget(): void {
    this.#addresses = null
    this.#state = null
  }

  state(): CanaryState | null {
    return this.#state
  }
}
