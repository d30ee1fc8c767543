import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Clock, UnixMs } from '../lib/time.ts'
import type { Identity } from './ca.ts'
import type { LabFolder } from './imap-folder.ts'
import { ImapServerSession } from './imap-session.ts'
import { ImapStore } from './imap-store.ts'
import type { ImapTrouble } from './imap-trouble.ts'
import type { ImapEntry } from './journal.ts'
import { Spell } from './spell.ts'

/** The name that its certificate bears. */
export const IMAP_HOST = 'localhost'

interface Doors {
  /** STARTTLS. */
  readonly plain: Server
  /** TLS from the first byte. */
  readonly implicit: Server
}

/** The mailbox that TLS reports arrive in: IMAP with the lab's certificate, one account, as many folders as are made. */
export class LabImap implements AsyncDisposable {
  readonly host = IMAP_HOST
  /** With STARTTLS. */
  readonly port: number
  readonly tlsPort: number
  /** One a connection, in the order they came. */
  readonly entries: ImapEntry[] = []
  readonly #doors: Doors
  readonly #store = new ImapStore()
  readonly #clock: Clock
  readonly #sockets = new Set<Socket>()

  private constructor(doors: Doors, identity: Identity, trouble: () => ImapTrouble | null, clock: Clock) {
    this.#doors = doors
    this.#clock = clock
    this.port = portOf(doors.plain)
    this.tlsPort = portOf(doors.implicit)
    const spell = new Spell(trouble, ({ connections }) => connections)
    const secureContext = createSecureContext({ cert: identity.certPem, key: identity.keyPem })
    const welcome = (socket: Socket, implicit: boolean) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      const entry: ImapEntry = { at: clock.now(), implicit, commands: [], ended: false }
      this.entries.push(entry)
      const { mode, lacks } = spell.take() ?? { mode: null, lacks: [] }
      new ImapServerSession(socket, implicit, { store: this.#store, secureContext, mode, lacks, entry })
    }
    doors.plain.on('connection', (socket) => welcome(socket, false))
    doors.implicit.on('connection', (socket) => welcome(socket, true))
  }

  /** Listens on two free ports; `trouble` is asked once for each connection. */
  static async start(identity: Identity, trouble: () => ImapTrouble | null, clock: Clock): Promise<LabImap> {
    const doors = { plain: createServer(), implicit: createServer() }
    for (const door of [doors.plain, doors.implicit]) {
      door.listen(0, '127.0.0.1')
      await once(door, 'listening')
    }
    return new LabImap(doors, identity, trouble, clock)
  }

  /** A mail comes in, now or as if at `receivedAt`; sessions that idle are told. Gives its UID. */
  arrive(raw: string | Buffer, receivedAt: UnixMs = this.#clock.now(), folder = 'INBOX'): number {
    const uid = this.folder(folder).add(Buffer.from(raw), receivedAt)
    this.#store.changed()
    return uid
  }

  /** Made when it is missing. */
  folder(name: string): LabFolder {
    this.#store.create(name)
    const folder = this.#store.find(name)
    if (folder === null) throw new Error(`the lab has lost its folder ${name}`)
    return folder
  }

  get folders(): readonly string[] {
    return this.#store.names
  }

  /** The folder anew, empty, with another UIDVALIDITY. */
  recreate(name: string): LabFolder {
    this.#store.delete(name)
    return this.folder(name)
  }

  /** Somebody else removes mails; sessions are told. */
  expunge(uids: readonly number[], folder = 'INBOX'): void {
    this.folder(folder).remove(new Set(uids))
    this.#store.changed()
  }

  /** Ends every connection that there is. */
  closeConnections(): void {
    // Within TLS destroy() alone would leave the line open.
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Closes both listeners and every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Object.values(this.#doors).map((door: Server) => new Promise((end) => door.close(end)))
    this.closeConnections()
    await Promise.all(closed)
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
