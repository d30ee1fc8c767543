import { type Clock, DAY_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { AfterReading } from '../model/after-reading.ts'
import { imapFailure, newFailure } from './imap-failure.ts'
import { fetchMails } from './imap-fetch.ts'
import { finishMails, type Notice } from './imap-finish.ts'
import type { ImapLine } from './imap-line.ts'
import type { FetchedMail, MailboxSession } from './mailbox.ts'

/** A line of the answer to SEARCH has less than 1 MiB even when every UID has ten digits (S13). */
const SEARCHED_AT_ONCE = 50_000
/** imapflow ends IDLE to see whether a silent server still lives; one that ends it all the time is not asked for ever. */
const SHORTEST_IDLE_MS = 30 * SECOND_MS

export interface SessionOptions {
  readonly clock: Clock
  readonly afterReading: AfterReading
  readonly idle: boolean
  readonly notice: Notice
}

/** The session on a line that is logged in, with the folder selected. */
export class ImapSession implements MailboxSession {
  readonly uidValidity: string
  readonly #line: ImapLine
  readonly #options: SessionOptions
  /** Mail has arrived since the last search. */
  #news: boolean = false
  #arrival = Promise.withResolvers<void>()

  constructor(line: ImapLine, uidValidity: bigint, options: SessionOptions) {
    this.uidValidity = uidValidity.toString()
    this.#line = line
    this.#options = options
    line.client.on('exists', ({ count, prevCount }) => {
      if (count <= prevCount) return
      this.#news = true
      this.#arrival.resolve()
    })
  }

  uids(since: UnixMs | null): Promise<readonly number[]> {
    return this.#guarded(async () => {
      this.#news = false
      this.#arrival = Promise.withResolvers()
      const { mailbox } = this.#line.client
      const count = mailbox === false ? 0 : mailbox.exists
      if (count <= SEARCHED_AT_ONCE) return this.#search(since, {})
      const found = new Set<number>()
      for (let first = 1; first <= count; first += SEARCHED_AT_ONCE) {
        const last = first + SEARCHED_AT_ONCE > count ? '*' : first + SEARCHED_AT_ONCE - 1
        for (const uid of await this.#search(since, { seq: `${first}:${last}` })) found.add(uid)
      }
      return [...found].sort((a, b) => a - b)
    })
  }

  async *fetch(uids: readonly number[], maxBytes: number): AsyncGenerator<FetchedMail, void, undefined> {
    try {
      this.#line.check()
      yield* fetchMails(this.#line, uids, { maxBytes, now: () => this.#options.clock.now() })
    } catch (error) {
      throw this.#failed(error)
    }
  }

  finish(uids: readonly number[]): Promise<void> {
    const { afterReading, notice } = this.#options
    return this.#guarded(() => finishMails(this.#line, uids, afterReading, notice))
  }

  waitForNews(ms: number, signal: AbortSignal): Promise<boolean> {
    return this.#guarded(async () => {
      const { capabilities } = this.#line.client
      if (this.#news || !this.#options.idle || !capabilities.has('IDLE')) return this.#news
      this.#line.pauseReading()
      await this.#idle(ms, signal)
      this.#line.startReading()
      return this.#news
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#line.leave()
  }

  /** The server's day is that of its own zone (RFC 3501 §6.4.4), so one more is asked for. */
  async #search(since: UnixMs | null, part: { seq?: string }): Promise<readonly number[]> {
    const when = since === null ? { all: true } : { since: new Date(since - DAY_MS) }
    const query = part.seq === undefined ? when : { ...part, ...(since === null ? {} : when) }
    const found = await this.#line.command('SEARCH', () => this.#line.client.search(query, { uid: true }))
    if (Array.isArray(found)) return found
    throw newFailure('server-says-no', 'it does not search', this.#line.party)
  }

  async #idle(ms: number, signal: AbortSignal): Promise<void> {
    const { client } = this.#line
    const stop = new AbortController()
    let over = false
    const end = Promise.race([
      this.#options.clock.sleep(ms, AbortSignal.any([signal, stop.signal])).catch(() => {}),
      this.#arrival.promise,
    ]).then(() => {
      over = true
    })
    try {
      for (let round = 0; !over && round < 2 + ms / SHORTEST_IDLE_MS; round++) {
        const idling = this.#line.endless(() => client.idle())
        await Promise.race([end, idling])
        // Any command ends IDLE, and this one shows that the line is whole.
        if (over) await this.#line.command('NOOP', () => client.noop())
        if ((await this.#line.command('DONE', () => idling)) === false) return
      }
    } finally {
      stop.abort()
    }
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      this.#line.check()
      return await work()
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** After a failure the session is dead. */
  #failed(error: unknown) {
    const failure = imapFailure(error, this.#line.party)
    this.#line.kill(failure)
    return failure
  }
}
