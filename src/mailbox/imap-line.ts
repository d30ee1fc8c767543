import { type Clock, SECOND_MS } from '../lib/time.ts'
import type { ImapClient } from './imap-client.ts'
import type { ImapDeadlines } from './imap-deadlines.ts'
import { imapFailure, newFailure, type Party } from './imap-failure.ts'
import type { MailboxError } from './mailbox.ts'

export interface LineOptions {
  readonly clock: Clock
  readonly deadlines: ImapDeadlines
  readonly party: Party
}

/** A reason of our own spares the making of an error, which costs as much as the rest of a row. */
const ANSWERED = 'answered'

/**
 * One connection and its end, whatever brings that about: an error event, a close, a deadline, the caller. imapflow's own
 * time-out counts silence alone, which a byte now and then defeats (E9), so every wait has an end here (R44).
 */
export class ImapLine {
  readonly client: ImapClient
  readonly party: Party
  readonly #clock: Clock
  readonly #deadlines: ImapDeadlines
  /** Those who wait for an answer. A promise that all of them raced with would keep every answer for ever. */
  readonly #waiting = new Set<(error: MailboxError) => void>()
  readonly #signal: AbortSignal
  #end: MailboxError | null = null
  #reading = new AbortController()

  /** `client` must not be connected yet. `signal` ends the line at any time. */
  constructor(client: ImapClient, { clock, deadlines, party }: LineOptions, signal: AbortSignal) {
    this.client = client
    this.party = party
    this.#clock = clock
    this.#deadlines = deadlines
    this.#signal = signal
    // Before anything can happen: an error event that nobody listens to would end the process (R43, E19).
    client.on('error', (error) => this.kill(imapFailure(error, party)))
    client.on('close', () => this.#lost())
    signal.addEventListener('abort', this.#stopped, { once: true })
    if (signal.aborted) this.#stopped()
    this.startReading()
  }

  /** Ends the line, once; every wait on it rejects with `error`. */
  kill(error: MailboxError): void {
    if (this.#end !== null) return
    this.#end = error
    this.#reading.abort()
    this.#signal.removeEventListener('abort', this.#stopped)
    for (const reject of this.#waiting) reject(error)
    this.client.close()
  }

  /**
   * Runs one command. Rejects with MailboxError when the line ends meanwhile or there is no result within the time of a
   * command; what the server refuses comes as imapflow throws it, and the line lives on.
   */
  async command<T>(what: string, run: () => Promise<T>, limitMs = this.#deadlines.commandMs): Promise<T> {
    const done = new AbortController()
    const overdue = () => this.#overdue(`${what} took longer than ${limitMs / SECOND_MS} s`)
    this.#clock.sleep(limitMs, done.signal).then(overdue, () => {})
    try {
      return await this.endless(run)
    } finally {
      done.abort(ANSWERED)
    }
  }

  /** The same without a time of its own, for what may take as long as it likes. */
  async endless<T>(run: () => Promise<T>): Promise<T> {
    this.check()
    const result = await this.#unlessEnded(run())
    // imapflow gives `false`, `undefined` or nothing at all for a line that was cut.
    if (!this.client.usable) this.#lost()
    this.check()
    return result
  }

  /** Throws when the line has ended. */
  check(): void {
    if (this.#end !== null) throw this.#end
  }

  /** From here on the session may last as long as one may. */
  startReading(): void {
    this.pauseReading()
    if (this.#end !== null) return
    this.#reading = new AbortController()
    const { sessionMs } = this.#deadlines
    const overdue = () => this.#overdue(`the session took longer than ${sessionMs / SECOND_MS} s`)
    this.#clock.sleep(sessionMs, this.#reading.signal).then(overdue, () => {})
  }

  /** Waiting for mail is not reading. */
  pauseReading(): void {
    this.#reading.abort()
  }

  /** Says goodbye, if there is still somebody to say it to. Never rejects. */
  async leave(): Promise<void> {
    if (this.#end === null) {
      await this.command('LOGOUT', () => this.client.logout(), this.#deadlines.farewellMs).catch(() => {})
    }
    this.kill(newFailure('connection-lost', 'the session is over', this.party))
  }

  /** What `work` comes to, or the end of the line when that is first. */
  #unlessEnded<T>(work: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#waiting.add(reject)
    work.then(resolve, reject).finally(() => this.#waiting.delete(reject))
    return promise
  }

  #overdue(detail: string): void {
    this.kill(newFailure('deadline', detail, this.party))
  }

  #lost(): void {
    this.kill(newFailure('connection-lost', this.client.byeReason ?? '', this.party))
  }

  readonly #stopped = (): void => {
    this.kill(newFailure('connection-lost', 'it was ended from this side', this.party))
  }
}
