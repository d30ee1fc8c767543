import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket as TcpSocket } from 'node:net'
import type { Endpoint } from '../model/route.ts'
import { type DnsQuery, readQuery } from './dns.ts'

export type DnsTransport = 'udp' | 'tcp'

/** What is sent back: bytes, nothing, or (over TCP) a reset. */
export type Answering = (query: DnsQuery, transport: DnsTransport) => Buffer | 'silence' | 'reset'

const PORT_TRIES = 20

/** A DNS port on loopback, UDP and TCP on one number; what it answers is somebody else's affair. */
export class DnsSocket implements AsyncDisposable {
  readonly endpoint: Endpoint
  answering: Answering = () => 'silence'
  readonly #udp: Socket
  readonly #tcp: Server
  readonly #connections = new Set<TcpSocket>()

  private constructor(udp: Socket, tcp: Server) {
    this.#udp = udp
    this.#tcp = tcp
    this.endpoint = { host: '127.0.0.1', port: udp.address().port }
    udp.on('message', (bytes, peer) => this.#onDatagram(bytes, peer))
    // An answer that could not be sent is one that got lost on its way.
    udp.on('error', () => {})
    tcp.on('connection', (socket) => this.#onConnection(socket))
  }

  /** Listens on a free port. */
  static async open(): Promise<DnsSocket> {
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
        return new DnsSocket(udp, tcp)
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
    const reply = this.answering(query, 'udp')
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
        const reply = this.answering(query, 'tcp')
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

  /** Closes both listeners and every open connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#connections) socket.destroy()
    await Promise.all([
      new Promise<void>((resolve) => this.#udp.close(() => resolve())),
      new Promise<void>((resolve) => this.#tcp.close(() => resolve())),
    ])
  }
}
