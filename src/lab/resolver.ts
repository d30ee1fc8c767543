import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket as TcpSocket } from 'node:net'
import type { UnixMs } from '../lib/time.ts'
import type { Endpoint } from '../model/route.ts'
import { type DnsQuery, encodeReply, faultyReply, malformedReply, readQuery, replyFrom } from './dns.ts'
import type { DnsEntry } from './journal.ts'
import type { DnsFault, DnsFaultRule } from './world.ts'
import type { ZoneData } from './zone-data.ts'

/** What a resolver asks the lab at every question, so that a changed world shows at once. */
export interface DnsView {
  zones(): ZoneData
  faults(): readonly DnsFaultRule[]
  now(): UnixMs
  seen(entry: Omit<DnsEntry, 'at'>): void
}

const TCP_MAX_BYTES = 65_535
const PLAIN_UDP_BYTES = 512
const PORT_TRIES = 20

/** A validating resolver on loopback, UDP and TCP on one port. */
export class LabResolver implements AsyncDisposable {
  readonly endpoint: Endpoint
  readonly #index: number
  readonly #view: DnsView
  readonly #udp: Socket
  readonly #tcp: Server
  readonly #connections = new Set<TcpSocket>()

  private constructor(index: number, view: DnsView, udp: Socket, tcp: Server) {
    this.#index = index
    this.#view = view
    this.#udp = udp
    this.#tcp = tcp
    this.endpoint = { host: '127.0.0.1', port: udp.address().port }
    udp.on('message', (bytes, peer) => this.#onDatagram(bytes, peer))
    // An answer that could not be sent is one that got lost on its way.
    udp.on('error', () => {})
    tcp.on('connection', (socket) => this.#onConnection(socket))
  }

  /** Listens on a free port. `index` is the number by which fault rules name this resolver. */
  static async start(index: number, view: DnsView): Promise<LabResolver> {
    // A port that is free for TCP may be taken for UDP.
    for (let attempt = 1; ; attempt++) {
      const tcp = createServer()
      tcp.listen(0, '127.0.0.1')
      await once(tcp, 'listening')
      const address = tcp.address()
      const udp = createSocket('udp4')
      try {
        udp.bind(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
        await once(udp, 'listening')
        return new LabResolver(index, view, udp, tcp)
      } catch (error) {
        tcp.close()
        udp.close()
        if (attempt === PORT_TRIES) throw error
      }
    }
  }

  #onDatagram(bytes: Buffer, peer: RemoteInfo): void {
    const query = readQuery(bytes)
    if (query === null) return
    const reply = this.#reply(query, 'udp')
    if (typeof reply === 'object') this.#udp.send(reply, peer.port, peer.address)
  }

  #onConnection(socket: TcpSocket): void {
    this.#connections.add(socket)
    socket.on('close', () => this.#connections.delete(socket))
    socket.on('error', () => socket.destroy())
    let pending: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      // RFC 1035 §4.2.2: a two-octet length before every message.
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0)
        const query = readQuery(pending.subarray(2, end))
        pending = pending.subarray(end)
        if (query === null) {
          socket.destroy()
          return
        }
        const reply = this.#reply(query, 'tcp')
        if (reply === 'reset') {
          socket.resetAndDestroy()
          return
        }
        if (reply === 'silence') continue
        const length = Buffer.alloc(2)
        length.writeUInt16BE(reply.length)
        socket.write(Buffer.concat([length, reply]))
      }
    })
  }

  #reply(query: DnsQuery, transport: 'udp' | 'tcp'): Buffer | 'silence' | 'reset' {
    const { type } = query.question
    this.#view.seen({ resolver: this.#index, transport, name: query.name, type })
    const fault = this.#faultFor(query)
    const answer = this.#view.zones().answer(query.name, type)
    const honest = replyFrom(answer, type, this.#view.now())
    const maxBytes = transport === 'tcp' ? TCP_MAX_BYTES : (query.udpPayloadSize ?? PLAIN_UDP_BYTES)
    if (fault === null) return encodeReply(query, honest, maxBytes)
    if (fault === 'timeout') return 'silence'
    if (fault === 'truncated-no-tcp' && transport === 'tcp') return 'reset'
    if ((fault === 'truncated' || fault === 'truncated-no-tcp') && transport === 'udp') {
      return encodeReply(query, { ...honest, truncated: true }, maxBytes)
    }
    return (
      malformedReply(fault, query, honest) ??
      encodeReply(query, faultyReply(fault, query, answer.zone) ?? honest, maxBytes)
    )
  }

  #faultFor(query: DnsQuery): DnsFault | null {
    const rule = this.#view
      .faults()
      .find(
        ({ at, type, resolver }) =>
          (resolver === 'all' || resolver === this.#index) &&
          (type === 'any' || type === query.question.type) &&
          covers(at.toLowerCase(), query.name),
      )
    return rule?.fault ?? null
  }

  /** Closes both listeners and every open connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#connections) socket.destroy()
    await Promise.all([
      new Promise<void>((resolve) => this.#udp.close(() => resolve())),
      new Promise<void>((resolve) => this.#tcp.close(() => resolve())),
    ])
  }
}

function covers(at: string, name: string): boolean {
  if (at === '*') return true
  if (!at.startsWith('*.')) return at === name
  return name === at.slice(2) || name.endsWith(at.slice(1))
}
