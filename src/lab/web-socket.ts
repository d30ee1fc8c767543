import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** The server's side of one WebSocket (RFC 6455), as much of it as Socket Mode uses: short text messages, ping and close. */
export class LabWebSocket {
  readonly #stream: Duplex
  #rest: Buffer = Buffer.alloc(0)

  /** Answers the handshake (§4.2.2); `onText` gets every text message. */
  constructor(request: IncomingMessage, stream: Duplex, onText: (text: string) => void) {
    this.#stream = stream
    const key = request.headers['sec-websocket-key'] ?? ''
    stream.write(
      [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${acceptOf(key)}`,
        '',
        '',
      ].join('\r\n'),
    )
    stream.on('data', (chunk: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, chunk])
      this.#read(onText)
    })
    stream.on('error', () => stream.destroy())
  }

  get isOpen(): boolean {
    return !this.#stream.destroyed && this.#stream.writable
  }

  send(text: string): void {
    this.#frame(OPCODE.text, Buffer.from(text))
  }

  /** As a network breaks: without a word. */
  destroy(): void {
    this.#stream.destroy()
  }

  #read(onText: (text: string) => void): void {
    for (;;) {
      const frame = takeFrame(this.#rest)
      if (frame === null) return
      this.#rest = this.#rest.subarray(frame.size)
      if (frame.opcode === OPCODE.text) onText(frame.payload.toString('utf8'))
      if (frame.opcode === OPCODE.ping) this.#frame(OPCODE.pong, frame.payload)
      if (frame.opcode === OPCODE.close) {
        this.#frame(OPCODE.close, frame.payload)
        this.#stream.end()
      }
    }
  }

  #frame(opcode: number, payload: Buffer): void {
    if (!this.isOpen) return
    const short = payload.length < 126
    const head = Buffer.alloc(short ? 2 : 4)
    head[0] = FIN | opcode
    head[1] = short ? payload.length : 126
    if (!short) head.writeUInt16BE(payload.length, 2)
    this.#stream.write(Buffer.concat([head, payload]))
  }
}

const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const
const FIN = 0x80
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64')
}

interface Frame {
  readonly opcode: number
  readonly payload: Buffer
  /** Bytes of the whole frame. */
  readonly size: number
}

/** The first frame, unmasked (§5.2); null when it has not arrived whole. */
function takeFrame(bytes: Buffer): Frame | null {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return null
  const short = second & 0x7f
  const headSize = short === 126 ? 4 : short === 127 ? 10 : 2
  const masked = (second & 0x80) !== 0
  const start = headSize + (masked ? 4 : 0)
  if (bytes.length < start) return null
  const length =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < start + length) return null
  const mask = bytes.subarray(headSize, start)
  const payload = Buffer.from(bytes.subarray(start, start + length))
  if (masked) for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index % 4] ?? 0)
  return { opcode: first & 0x0f, payload, size: start + length }
}
