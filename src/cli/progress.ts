import type { Io } from './io.ts'

const BAR_WIDTH = 30

/** A bar on the last line of a terminal's standard error; nothing where there is no terminal. */
export class Progress {
  readonly #io: Io
  readonly #total: number
  #done = 0
  #drawn = 0

  constructor(io: Io, total: number) {
    this.#io = io
    this.#total = total
  }

  advance(by: number): void {
    this.#done += by
    if (!this.#io.terminal) return
    const share = this.#total === 0 ? 1 : Math.min(1, this.#done / this.#total)
    const filled = Math.round(share * BAR_WIDTH)
    const bar = '━'.repeat(filled) + ' '.repeat(BAR_WIDTH - filled)
    const text = `${bar} ${this.#done} of ${Math.max(this.#done, this.#total)}`
    this.#io.err(`\r\u001b[2K${text.slice(0, Math.max(0, this.#io.columns - 1))}`)
    this.#drawn += 1
  }

  /** Takes the bar away, so that a line can be printed or the command can end. */
  clear(): void {
    if (this.#drawn > 0) this.#io.err('\r\u001b[2K')
    this.#drawn = 0
  }
}
