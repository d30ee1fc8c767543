import type { UnixMs } from '../lib/time.ts'
import type { Endpoint } from '../model/route.ts'
import { type DnsQuery, replyFrom } from './dns.ts'
import { dnsAnswer, faultFor } from './dns-answer.ts'
import { DnsSocket, type DnsTransport } from './dns-socket.ts'
import type { DnsEntry } from './journal.ts'
import type { DnsFaultRule } from './world.ts'
import type { ZoneData } from './zone-data.ts'

/** What a resolver asks the lab at every question, so that a changed world shows at once. */
export interface DnsView {
  zones(): ZoneData
  faults(): readonly DnsFaultRule[]
  now(): UnixMs
  seen(entry: Omit<DnsEntry, 'at'>): void
}

/** A validating resolver on loopback, UDP and TCP (RFC 1035 §4.2.2) on one port. */
export class LabResolver implements AsyncDisposable {
  readonly endpoint: Endpoint
  readonly #index: number
  readonly #view: DnsView
  readonly #socket: DnsSocket

  private constructor(index: number, view: DnsView, socket: DnsSocket) {
    this.#index = index
    this.#view = view
    this.#socket = socket
    this.endpoint = socket.endpoint
    socket.answering = (query, transport) => this.#reply(query, transport)
  }

  /** Listens on a free port. `index` is the number by which fault rules name this resolver. */
  static async start(index: number, view: DnsView): Promise<LabResolver> {
    return new LabResolver(index, view, await DnsSocket.open())
  }

  #reply(query: DnsQuery, transport: DnsTransport): Buffer | 'silence' | 'reset' {
    const { type } = query.question
    this.#view.seen({ resolver: this.#index, transport, name: query.name, type })
    const rules = this.#view.faults().filter(({ resolver }) => resolver === 'all' || resolver === this.#index)
    const answer = this.#view.zones().answer(query.name, type)
    const honest = replyFrom(answer, type, this.#view.now())
    return dnsAnswer(query, honest, answer.zone, faultFor(rules, query), transport)
  }

  /** Closes both listeners and every open connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#socket[Symbol.asyncDispose]()
  }
}
