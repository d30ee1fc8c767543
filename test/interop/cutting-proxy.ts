import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Endpoint } from '../../src/model/route.ts'

/** A way to a server that breaks, in both directions, once so many bytes have come back from it. */
export class CuttingProxy implements AsyncDisposable {
  readonly endpoint: Endpoint
  /** Bytes that the server has sent so far, over all connections. */
  received = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, target: Endpoint, cutAfter: number) {
    const { address, port } = server.address() as AddressInfo
    this.endpoint = { host: address, port }
    this.#server = server
    server.on('connection', (near) => {
      const far = connect(target)
      const cut = () => {
        near.destroy()
        far.destroy()
      }
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', cut)
        socket.on('close', cut)
      }
      near.on('data', (chunk) => far.write(chunk))
      far.on('data', (chunk: Buffer) => {
        const left = cutAfter - this.received
        this.received += chunk.length
        near.write(chunk.subarray(0, Math.max(0, Math.min(left, chunk.length))))
        if (chunk.length > left) near.end(cut)
      })
    })
  }

  static async start(target: Endpoint, cutAfter: number): Promise<CuttingProxy> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new CuttingProxy(server, target, cutAfter)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
