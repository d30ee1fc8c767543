import type { MonitorState } from '../check/self.ts'
import type { SigningOutcome } from '../mail/mail-signer.ts'

/** What the running program knows of its DKIM signatures: what became of the last mail. Kept in memory, like all of Monitor. */
export class SigningHealth {
  #last: SigningOutcome | null = null

  /** Whether a mail was to be signed since the start. */
  get isTried(): boolean {
    return this.#last !== null
  }

  heard(outcome: SigningOutcome): void {
    this.#last = outcome
  }

  /** Mail is no longer signed. */
  forget(): void {
    this.#last = null
  }

  state(): Pick<MonitorState, 'unsignedMail'> {
    if (this.#last === null || this.#last.outcome === 'signed') return { unsignedMail: null }
    const { domain, selector, why } = this.#last
    return { unsignedMail: { domain, selector, why } }
  }
}
