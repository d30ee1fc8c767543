import { type Clock, SECOND_MS } from '../lib/time.ts'
import type { Resolver } from '../model/dns.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Intake, IntakeOrigin, IntakeReading } from './intake.ts'
import { IntakeFailure } from './intake-failure.ts'
import type { IntakeAnswer } from './intake-messages.ts'
import { readIncoming, unreadable } from './intake-reading.ts'
import { createKeyFinder, type KeyFinder } from './key-finder.ts'
import { INTAKE_LIMITS } from './limits.ts'
import { ReadingThread, type ThreadLimits } from './reading-thread.ts'
import { readsAtOnce } from './reads-at-once.ts'
import { collectUnits, type UnitCollector } from './report-units.ts'

export interface IntakeTools {
  readonly resolver: Resolver
  /** Its waits have to be real ones: a thread takes the time that it takes. */
  readonly clock: Clock
  /** See AuthenticateOptions. */
  readonly trustAuthservId: string | null
  readonly limits: ThreadLimits
}

/** The worst that the limits let pass takes some two seconds and less than 128 MiB of heap. */
export const THREAD_LIMITS: ThreadLimits = { orderMs: 10 * SECOND_MS, heapMebibytes: 256 }

/** An intake with a reading thread of its own, started when first needed and replaced when it is lost. */
export function openIntake(tools: IntakeTools): Intake {
  return new ThreadedIntake(tools)
}

const LARGEST_BYTES = Math.max(INTAKE_LIMITS.mailBytes, INTAKE_LIMITS.jsonBytes)

interface Request {
  readonly id: number
  /** The caller's: the thread gets a copy, and another one when it was lost. */
  readonly bytes: Uint8Array
  readonly origin: IntakeOrigin
  readonly settle: PromiseWithResolvers<IntakeReading>
  /** The thread that works on it; null: not yet begun. */
  thread: ReadingThread | null
  /** A reading that comes in pieces. */
  large: { readonly reading: IntakeReading; readonly units: UnitCollector } | null
}

class ThreadedIntake implements Intake {
  readonly #tools: IntakeTools
  readonly #findKey: KeyFinder
  readonly #closing = new AbortController()
  /** In the order of arrival. */
  readonly #requests = new Map<number, Request>()
  #thread: ReadingThread | null = null
  #lastId = 0

  constructor(tools: IntakeTools) {
    this.#tools = tools
    this.#findKey = createKeyFinder(tools.resolver, tools.clock, this.#closing.signal)
  }

  async read(bytes: Uint8Array, origin: IntakeOrigin, signal: AbortSignal): Promise<IntakeReading> {
    signal.throwIfAborted()
    if (this.#closing.signal.aborted) throw new IntakeFailure('closed', 'the intake is closed')
    // Refused by its length alone; a copy would only keep the main thread.
    if (bytes.length > LARGEST_BYTES) return unreadable(await readIncoming({ bytes, origin }))
    this.#lastId += 1
    const settle = Promise.withResolvers<IntakeReading>()
    const request: Request = { id: this.#lastId, bytes, origin, settle, thread: null, large: null }
    this.#requests.set(request.id, request)
    const onAbort = () => {
      // What is being read is read to its end.
      if (request.thread === null) this.#requests.delete(request.id)
      settle.reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    this.#begin()
    try {
      return await settle.promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    this.#thread?.end()
    this.#thread = null
    const open = [...this.#requests.values()]
    this.#requests.clear()
    for (const { settle } of open) settle.reject(new IntakeFailure('closed', 'the intake was closed'))
  }

  /** Gives the oldest requests to the thread, as many as are worth it. */
  #begin(): void {
    const isWorthIt = readsAtOnce()
    for (const request of this.#requests.values()) {
      if (!isWorthIt(request.bytes.length)) return
      if (request.thread !== null) continue
      this.#thread ??= this.#startThread()
      request.thread = this.#thread
      const { id, bytes, origin } = request
      const now = this.#tools.clock.now()
      // A copy of its own, for it is moved: the caller's may lie in a buffer with others.
      this.#thread.post({ kind: 'read', id, bytes: new Uint8Array(bytes), origin, now })
    }
  }

  #startThread(): ReadingThread {
    const { clock, limits, trustAuthservId } = this.#tools
    return new ReadingThread({
      clock,
      limits,
      data: { trustAuthservId },
      onAnswer: (answer) => this.#answered(answer),
      onLoss: (culprit, why, detail) => this.#lost(culprit, why, detail),
    })
  }

  /** Only the one that was being read is to blame; the others are begun again. */
  #lost(culprit: number | null, why: 'timeout' | 'crashed', detail: string): void {
    this.#thread = null
    for (const request of this.#requests.values()) {
      request.thread = null
      request.large = null
    }
    if (culprit !== null) {
      const request = this.#requests.get(culprit)
      this.#requests.delete(culprit)
      request?.settle.reject(new IntakeFailure(why, detail))
    }
    this.#begin()
  }

  #answered(answer: IntakeAnswer): void {
    const request = this.#requests.get(answer.id)
    if (request === undefined) return
    switch (answer.kind) {
      case 'keys-wanted':
        void this.#giveKeys(request, answer.names)
        return
      case 'reading':
        this.#finish(request, answer.reading)
        return
      case 'large-reading':
        request.large = { reading: answer.reading, units: collectUnits() }
        this.#askForMore(request)
        return
      case 'piece':
        this.#addPiece(request, answer)
    }
  }

  async #giveKeys(request: Request, names: readonly DomainName[]): Promise<void> {
    const { thread, id } = request
    const keys = await Promise.all(names.map(async (name) => [name, await this.#findKey(name)] as const))
    // Meanwhile the thread may have been lost: then the mail is read again from its beginning.
    if (thread !== null && this.#thread === thread) thread.post({ kind: 'keys', id, keys })
  }

  #askForMore({ thread, id }: Request): void {
    // Not at once: several messages that wait are delivered without a pause, and each piece takes its time.
    setImmediate(() => {
      if (thread !== null && this.#thread === thread) thread.post({ kind: 'more', id })
    })
  }

  #addPiece(request: Request, { units, isLast }: Extract<IntakeAnswer, { readonly kind: 'piece' }>): void {
    if (request.large === null) throw new Error(`a piece came of ${request.id}, which has none`)
    request.large.units.add(units)
    if (!isLast) {
      this.#askForMore(request)
      return
    }
    const { reading, units: collected } = request.large
    const { result } = reading
    if (result.kind !== 'reports') throw new Error(`pieces came of ${request.id}, which has no reports`)
    this.#finish(request, { ...reading, result: { ...result, reports: collected.reports() } })
  }

  #finish(request: Request, reading: IntakeReading): void {
    this.#requests.delete(request.id)
    request.settle.resolve(reading)
    this.#begin()
  }
}
