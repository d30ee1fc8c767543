import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { LabWebSocket } from './web-socket.ts'

/** Socket Mode's side of the lab's Slack: who listens, and presses of buttons that wait to be acknowledged. */
export class SocketSide {
  readonly #sockets = new Set<LabWebSocket>()
  readonly #unheard = new Map<string, () => void>()
  #count = 0

  /** Takes over a connection that asks for an upgrade and says hello. */
  accept(request: IncomingMessage, stream: Duplex): void {
    const socket = new LabWebSocket(request, stream, (text) => this.#heard(text))
    this.#sockets.add(socket)
    stream.on('close', () => this.#sockets.delete(socket))
    socket.send(JSON.stringify({ type: 'hello', num_connections: this.#sockets.size }))
  }

  /** How many listen. */
  get listeners(): number {
    return this.#sockets.size
  }

  /** Sends an interaction to whoever listens; resolves when it was acknowledged, rejects when nobody listens. */
  async deliver(payload: object): Promise<void> {
    const [socket] = this.#sockets
    if (socket === undefined) throw new Error('nobody listens by Socket Mode')
    const id = `envelope-${++this.#count}`
    const heard = new Promise<void>((resolve) => this.#unheard.set(id, resolve))
    socket.send(
      JSON.stringify({ envelope_id: id, type: 'interactive', accepts_response_payload: false, payload }),
    )
    await heard
  }

  /** As Slack does when it moves a connection elsewhere: it asks to come again. */
  refresh(): void {
    for (const socket of this.#sockets)
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }))
  }

  /** As a network breaks. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #heard(text: string): void {
    const { envelope_id: id } = JSON.parse(text) as { readonly envelope_id?: string }
    if (id === undefined) return
    this.#unheard.get(id)?.()
    this.#unheard.delete(id)
  }
}
