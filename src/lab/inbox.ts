import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server'
import type { Clock, UnixMs } from '../lib/time.ts'
import type { Identity } from './ca.ts'
import { Spell } from './spell.ts'
import type { InboxMode, InboxTrouble } from './world.ts'

/** One mail as it was taken in. */
export interface InboxMail {
  readonly at: UnixMs
  /** Without angle brackets; null when the header has none. */
  readonly messageId: string | null
  readonly from: string
  readonly to: readonly string[]
  /** Every byte after DATA as latin1, dots unstuffed, without the final dot. */
  readonly raw: string
  readonly secured: boolean
  /** Null when it came without a login. */
  readonly user: string | null
}

/** The name that its certificate bears and it greets with; the client dials loopback and names this for TLS. */
export const INBOX_HOST = 'inbox.lab.example'

interface Guest {
  readonly socket: Socket
  readonly mode: InboxMode | null
}

/** The mail server that takes our alerts: STARTTLS with the lab's certificate, any login is good, none is needed. */
export class LabInbox implements AsyncDisposable {
  readonly host = '127.0.0.1'
  readonly port: number
  /** In the order they came; a mail that was sent twice is here twice. */
  readonly mails: InboxMail[] = []
  readonly #door: Server
  readonly #clock: Clock
  readonly #spell: Spell<InboxTrouble>
  readonly #withTls: SMTPServer
  readonly #withoutTls: SMTPServer
  /** By the client's port. */
  readonly #guests = new Map<number, Guest>()

  private constructor(door: Server, identity: Identity, trouble: () => InboxTrouble | null, clock: Clock) {
    this.#door = door
    const address = door.address()
    this.port = typeof address === 'object' && address ? address.port : 0
    this.#clock = clock
    this.#spell = new Spell(trouble, ({ connections }) => connections)
    this.#withTls = this.#serverWith({ cert: identity.certPem, key: identity.keyPem })
    this.#withoutTls = this.#serverWith({ disabledCommands: ['STARTTLS', 'AUTH'] })
    door.on('connection', (socket) => this.#welcome(socket))
  }

  /** Listens on a free port; `trouble` is asked once for each connection. */
  static async start(
    identity: Identity,
    trouble: () => InboxTrouble | null,
    clock: Clock,
  ): Promise<LabInbox> {
    const door = createServer()
    door.listen(0, '127.0.0.1')
    await once(door, 'listening')
    return new LabInbox(door, identity, trouble, clock)
  }

  /** The mails by Message-ID: more than one in a list is a repeat. */
  byMessageId(): ReadonlyMap<string | null, readonly InboxMail[]> {
    return Map.groupBy(this.mails, ({ messageId }) => messageId)
  }

  #welcome(socket: Socket): void {
    const mode = this.#spell.take()?.mode ?? null
    const port = socket.remotePort ?? 0
    this.#guests.set(port, { socket, mode })
    socket.on('close', () => this.#guests.delete(port))
    socket.on('error', () => socket.destroy())
    if (mode === 'reset-at-connect') socket.resetAndDestroy()
    else if (mode === 'hang-at-greeting') socket.resume()
    else (mode === 'no-starttls' ? this.#withoutTls : this.#withTls).server.emit('connection', socket)
  }

  #serverWith(options: SMTPServerOptions): SMTPServer {
    const server = new SMTPServer({
      ...options,
      name: INBOX_HOST,
      authOptional: true,
      disableReverseLookup: true,
      logger: false,
      onConnect: (session, done) => done(this.#modeOf(session) === 'busy' ? reply(421, 'Too busy') : null),
      onAuth: ({ username }, session, done) => {
        if (this.#modeOf(session) === 'reject-login') done(reply(535, 'Authentication failed'))
        else done(null, { user: username })
      },
      onRcptTo: (_address, session, done) => done(atRecipient(this.#modeOf(session))),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => this.#finish(session, Buffer.concat(chunks).toString('latin1'), done))
      },
    })
    // A client that hangs up is no news to the lab.
    server.on('error', () => {})
    return server
  }

  #modeOf(session: SMTPServerSession): InboxMode | null {
    return this.#guests.get(session.remotePort)?.mode ?? null
  }

  #finish(session: SMTPServerSession, raw: string, done: (error?: Error | null) => void): void {
    const mode = this.#modeOf(session)
    const refusal = atFinalDot(mode)
    if (refusal !== null) {
      done(refusal)
      return
    }
    if (mode !== 'not-stored-then-close') this.#keep(session, raw)
    if (mode === 'stored-then-hang') return
    if (mode === 'stored-then-close' || mode === 'not-stored-then-close') {
      this.#guests.get(session.remotePort)?.socket.destroy()
      return
    }
    done()
  }

  #keep(session: SMTPServerSession, raw: string): void {
    const { mailFrom, rcptTo } = session.envelope
    const [head = ''] = raw.split('\r\n\r\n')
    this.mails.push({
      at: this.#clock.now(),
      messageId: /^message-id:\s*<([^>]*)>/im.exec(head)?.[1] ?? null,
      from: mailFrom === false ? '' : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
      raw,
      secured: session.secure,
      // smtp-server has `false` here before a login, whatever its types say.
      user: session.user || null,
    })
  }

  /** Closes the listener and every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#door.close(resolve))
    for (const { socket } of this.#guests.values()) socket.destroy()
    await closed
  }
}

function atRecipient(mode: InboxMode | null): Error | null {
  if (mode === 'greylist') return reply(451, '4.7.1 Greylisted, please come back later')
  return mode === 'reject-recipient' ? reply(550, '5.1.1 No such user') : null
}

function atFinalDot(mode: InboxMode | null): Error | null {
  if (mode === 'reject-data') return reply(554, '5.7.1 Message refused')
  return mode === 'full' ? reply(452, '4.3.1 Insufficient system storage') : null
}

/** The way in which smtp-server takes a reply of one's own. */
function reply(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode })
}
