import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import type { ImapMishap } from './imap-trouble.ts'
import { flood } from './misbehave.ts'

const ENDLESS = Buffer.alloc(65_536, 'x')
const LITERAL_AT_END = /\{(\d+)(\+?)\}$/

/** The bytes of one connection: whole commands come in, answers go out, before and after STARTTLS. */
export class ImapWire {
  readonly #raw: Socket
  readonly #onCommand: (text: string) => void
  #socket: Socket
  #received = ''
  /** Where the line that is being read begins: what is before it belongs to the same command. */
  #lineFrom = 0
  #deaf: boolean = false
  secured: boolean

  constructor(raw: Socket, secure: SecureContext | null, onCommand: (text: string) => void) {
    this.#raw = raw
    this.#socket = raw
    this.#onCommand = onCommand
    this.secured = secure !== null
    raw.on('error', () => raw.destroy())
    if (secure === null) this.#listen(raw)
    else this.upgrade(secure)
  }

  get socket(): Socket {
    return this.#socket
  }

  send(...parts: readonly (string | Buffer)[]): void {
    if (this.#deaf || !this.#socket.writable) return
    for (const part of parts) this.#socket.write(part)
  }

  /** RFC 3501: what came in plaintext after STARTTLS does not count. */
  upgrade(secureContext: SecureContext): void {
    this.#received = ''
    this.#lineFrom = 0
    this.#raw.removeAllListeners('data')
    const tls = new TLSSocket(this.#raw, { isServer: true, secureContext })
    tls.on('error', () => this.#raw.destroy())
    this.#socket = tls
    this.secured = true
    this.#listen(tls)
  }

  /** No command is heard from here on, and nothing is sent. */
  fallSilent(): void {
    this.#deaf = true
  }

  /** `tag` is that of the command that it happens to. */
  suffer(does: ImapMishap['does'], tag: string): void {
    switch (does) {
      case 'no':
        this.send(`${tag} NO [CANNOT] Not today\r\n`)
        return
      case 'ok':
        this.send(`${tag} OK Done\r\n`)
        return
      case 'garbage':
        this.send(`220 this (is no IMAP\r\n${tag} ))\r\n`)
        return
      case 'silence':
        break
      case 'reset':
        this.#raw.resetAndDestroy()
        break
      case 'close':
        this.#socket.end()
        break
      case 'bye':
        this.send('* BYE Going down for maintenance\r\n')
        this.#socket.end()
        break
      case 'endless-line':
        this.send('* OK ')
        flood(this.#socket, ENDLESS)
    }
    this.fallSilent()
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      if (this.#deaf) return
      this.#received += chunk.toString('latin1')
      this.#read()
    })
  }

  #read(): void {
    for (;;) {
      const end = this.#received.indexOf('\r\n', this.#lineFrom)
      if (end === -1 || this.#deaf) return
      const literal = LITERAL_AT_END.exec(this.#received.slice(this.#lineFrom, end))
      if (literal !== null) {
        const [, size, plus] = literal
        if (this.#received.length === end + 2 && plus === '') this.send('+ go on\r\n')
        const next = end + 2 + Number(size)
        if (this.#received.length < next) return
        this.#lineFrom = next
        continue
      }
      const command = this.#received.slice(0, end)
      this.#received = this.#received.slice(end + 2)
      this.#lineFrom = 0
      this.#onCommand(command)
    }
  }
}
