import type { Socket } from 'node:net'
import type { FaultKind } from '../model/fault.ts'
import { parseReplyLine, type ReplyLine, type SmtpReply } from '../protocol/smtp/reply.ts'
import { stopped, until } from './deadline.ts'
import { FaultError } from './fault-error.ts'
import type { SmtpLimits } from './limits.ts'

/** What the faults of one wait are called: the greeting has names of its own (R31). */
export interface FaultNames {
  readonly timeout: FaultKind
  readonly malformed: FaultKind
  readonly reset: FaultKind
}

export const GREETING_FAULTS: FaultNames = {
  timeout: 'greeting-timeout',
  malformed: 'greeting-malformed',
  reset: 'connect-reset',
}

const COMMAND_FAULTS: FaultNames = {
  timeout: 'smtp-timeout',
  malformed: 'smtp-malformed',
  reset: 'smtp-closed',
}

/** An SMTP conversation over one socket, plain or encrypted, that counts every byte it is sent (S2). */
export class SmtpConnection {
  readonly #socket: Socket
  readonly #peer: string
  readonly #limits: SmtpLimits
  #buffered: Buffer = Buffer.alloc(0)
  #received = 0
  #ended: 'open' | 'closed' | 'reset' = 'open'
  #wake: () => void = () => undefined

  constructor(socket: Socket, peer: string, limits: SmtpLimits) {
    this.#socket = socket
    this.#peer = peer
    this.#limits = limits
    socket.on('data', this.#take)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onEnd)
    socket.on('error', this.#onError)
  }

  /** Sends a command and reads its reply. */
  command(line: string, timeoutMs: number, signal: AbortSignal): Promise<SmtpReply> {
    this.#socket.write(`${line}\r\n`)
    return this.read(timeoutMs, COMMAND_FAULTS, signal)
  }

  /** Reads one whole reply within `timeoutMs`. Rejects with a FaultError. */
  async read(timeoutMs: number, names: FaultNames, signal: AbortSignal): Promise<SmtpReply> {
    const timer = AbortSignal.timeout(timeoutMs)
    const onAbort = () =>
      signal.aborted
        ? stopped(`SMTP with ${this.#peer}`)
        : this.#fault(names.timeout, 'path', `no whole reply within ${timeoutMs} ms`)
    return until<SmtpReply>(AbortSignal.any([signal, timer]), onAbort, (resolve, reject) => {
      const lines: ReplyLine[] = []
      const advance = () => {
        try {
          const reply = this.#advance(lines, names)
          if (reply !== null) resolve(reply)
        } catch (error) {
          reject(error as Error)
        }
      }
      this.#wake = advance
      advance()
      return () => {
        this.#wake = () => undefined
      }
    })
  }

  /** Lets go of the socket for a TLS handshake; gives how many bytes had come that no reply accounts for. */
  release(): number {
    this.#socket.off('data', this.#take)
    this.#socket.off('end', this.#onEnd)
    this.#socket.off('close', this.#onEnd)
    return this.#buffered.length
  }

  readonly #take = (chunk: Buffer): void => {
    this.#received += chunk.length
    // Past the limit nothing is kept; the wait that is on ends in a fault.
    if (this.#received <= this.#limits.sessionBytes) this.#buffered = Buffer.concat([this.#buffered, chunk])
    else this.#socket.pause()
    this.#wake()
  }

  readonly #onEnd = (): void => {
    if (this.#ended === 'open') this.#ended = 'closed'
    this.#wake()
  }

  readonly #onError = (): void => {
    this.#ended = 'reset'
    this.#wake()
  }

  #advance(lines: ReplyLine[], names: FaultNames): SmtpReply | null {
    for (let text = this.#nextLine(names); text !== null; text = this.#nextLine(names)) {
      const line = parseReplyLine(text)
      const first = lines[0]
      if (line === null || (first !== undefined && first.code !== line.code)) {
        throw this.#fault(names.malformed, 'remote', `instead of a reply: ${text.slice(0, 120)}`)
      }
      lines.push(line)
      if (line.last) return { code: line.code, lines: lines.map((one) => one.text) }
      if (lines.length >= this.#limits.replyLines) {
        throw this.#fault(names.malformed, 'remote', `a reply of more than ${this.#limits.replyLines} lines`)
      }
    }
    this.#checkOpen(names)
    return null
  }

  /** The next whole line without its end; null while it has not come. */
  #nextLine(names: FaultNames): string | null {
    const end = this.#buffered.indexOf('\n')
    const line = this.#buffered.toString('latin1', 0, end === -1 ? this.#buffered.length : end)
    const text = line.endsWith('\r') ? line.slice(0, -1) : line
    if (text.length > this.#limits.lineBytes) {
      throw this.#fault(names.malformed, 'remote', `a line of more than ${this.#limits.lineBytes} bytes`)
    }
    if (end === -1) return null
    this.#buffered = this.#buffered.subarray(end + 1)
    return text
  }

  #checkOpen(names: FaultNames): void {
    if (this.#received > this.#limits.sessionBytes) {
      throw this.#fault(names.malformed, 'remote', `more than ${this.#limits.sessionBytes} bytes`)
    }
    if (this.#ended === 'reset') throw this.#fault(names.reset, 'path', 'the connection was reset')
    if (this.#ended === 'closed')
      throw this.#fault('smtp-closed', 'remote', 'the server closed the connection')
  }

  #fault(kind: FaultKind, blame: 'remote' | 'path', what: string): FaultError {
    return new FaultError(kind, blame, `${this.#peer}: ${what}`)
  }
}
