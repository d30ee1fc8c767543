import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/** Listeners kept in reserve, so that giving out a port needs no waiting. */
const SPARE = 64

/** Called for every connection; `key` is what the port was given out for. */
export type OnConnection = (socket: Socket, key: string) => void

/** Loopback ports, one for each thing that wants to be told from the others by its port. */
export class Ports implements AsyncDisposable {
  readonly #onConnection: OnConnection
  readonly #taken = new Map<string, number>()
  readonly #keys = new Map<number, string>()
  readonly #servers = new Set<Server>()
  readonly #spare: number[] = []
  readonly #sockets = new Set<Socket>()
  #opening: Promise<unknown> = Promise.resolve()
  /** Why the reserve could not be filled up again; null while it could. */
  #refused: unknown = null
  #closed: boolean = false

  private constructor(onConnection: OnConnection) {
    this.#onConnection = onConnection
  }

  /** `expected` ports can be given out at once, and then some. */
  static async open(onConnection: OnConnection, expected: number): Promise<Ports> {
    const ports = new Ports(onConnection)
    const listening = Array.from({ length: expected + SPARE }, () => ports.#listen())
    try {
      await Promise.all(listening)
    } catch (error) {
      // Those that are still to be opened first: what is closed before would be opened after.
      await Promise.allSettled(listening)
      await ports[Symbol.asyncDispose]()
      throw error
    }
    return ports
  }

  /** The port for `key`, always the same. */
  portFor(key: string): number {
    const known = this.#taken.get(key)
    if (known !== undefined) return known
    const port = this.#spare.pop()
    if (port === undefined) {
      const cause = this.#refused
      throw new Error(`the lab gave out ${SPARE} new ports at once and has none left`, { cause })
    }
    this.#taken.set(key, port)
    this.#keys.set(port, key)
    if (this.#spare.length < SPARE) this.#opening = Promise.all([this.#opening, this.#refill()])
    return port
  }

  /** Nobody waits for it: a failure is told when the reserve is used up. */
  async #refill(): Promise<void> {
    try {
      await this.#listen()
    } catch (error) {
      this.#refused = error
    }
  }

  async #listen(): Promise<void> {
    if (this.#closed) return
    const server = createServer((socket) => this.#accept(socket))
    this.#servers.add(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (typeof address === 'object' && address) this.#spare.push(address.port)
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const key = this.#keys.get(socket.localPort ?? 0)
    if (key === undefined) socket.destroy()
    else this.#onConnection(socket, key)
  }

  /** Closes every listener and every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#opening
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all([...this.#servers].map((server) => new Promise((resolve) => server.close(resolve))))
  }
}
