import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'

/** What the server says; `close` and `hang` are what they say. */
export type Reply = string | 'close' | 'hang'

export interface Script {
  readonly greeting: Reply
  /** Lines after the first of the EHLO reply. */
  readonly capabilities: readonly string[]
  readonly auth: Reply
  readonly starttls: Reply
  readonly mail: Reply
  /** By the recipient's local part; `*` for the others. */
  readonly rcpt: Readonly<Record<string, Reply>>
  readonly data: Reply
  readonly end: Reply
}

const GOOD: Script = {
  greeting: '220 mx.test',
  capabilities: [],
  auth: '235 2.7.0 welcome',
  starttls: '220 go ahead',
  mail: '250 ok',
  rcpt: { '*': '250 ok' },
  data: '354 go',
  end: '250 2.0.0 queued',
}

export interface ScriptedServer extends AsyncDisposable {
  readonly port: number
  /** Bodies as received, dots unstuffed, whatever was answered. */
  readonly mails: readonly string[]
  readonly commands: readonly string[]
  /** The names that handshakes asked for (SNI). */
  readonly serverNames: readonly string[]
}

interface Journal {
  readonly mails: string[]
  readonly commands: string[]
  readonly serverNames: string[]
}

/** A small SMTP server that knows nothing but its script; `context` makes STARTTLS possible, `implicit` begins with it. */
export async function scriptedServer(
  script: Partial<Script> = {},
  tls: { readonly context: SecureContext; readonly implicit: boolean } | null = null,
): Promise<ScriptedServer> {
  const state: Journal = { mails: [], commands: [], serverNames: [] }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    const first = tls?.implicit ? secured(socket, tls.context, state) : socket
    new Session(first, { ...GOOD, ...script }, state, tls?.context ?? null).greet()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    mails: state.mails,
    commands: state.commands,
    serverNames: state.serverNames,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function secured(socket: Socket, secureContext: SecureContext, { serverNames }: Journal): TLSSocket {
  const upgraded = new TLSSocket(socket, {
    isServer: true,
    secureContext,
    SNICallback(name, done) {
      serverNames.push(name)
      done(null, secureContext)
    },
  })
  upgraded.on('error', () => {})
  return upgraded
}

class Session {
  #socket: Socket
  #buffer = ''
  #mode: 'commands' | 'data' = 'commands'
  readonly #script: Script
  readonly #journal: Journal
  readonly #context: SecureContext | null

  constructor(socket: Socket, script: Script, journal: Journal, context: SecureContext | null) {
    this.#socket = socket
    this.#script = script
    this.#journal = journal
    this.#context = context
    this.#listen()
  }

  greet(): void {
    this.#answer(this.#script.greeting)
  }

  #listen(): void {
    this.#socket.on('data', (chunk) => {
      this.#buffer += chunk.toString('latin1')
      this.#read()
    })
  }

  #read(): void {
    for (;;) {
      const mark = this.#mode === 'data' ? '\r\n.\r\n' : '\r\n'
      const end = this.#buffer.indexOf(mark)
      if (end < 0) return
      const unit = this.#buffer.slice(0, end)
      this.#buffer = this.#buffer.slice(end + mark.length)
      if (this.#mode === 'data') this.#stored(`${unit}\r\n`)
      else this.#command(unit)
    }
  }

  #stored(stuffed: string): void {
    this.#mode = 'commands'
    this.#journal.mails.push(stuffed.replace(/^\./gm, ''))
    this.#answer(this.#script.end)
  }

  #command(line: string): void {
    this.#journal.commands.push(line)
    const { auth, mail, data } = this.#script
    const verb = line.split(/[ :]/)[0]?.toUpperCase() ?? ''
    if (verb === 'DATA' && data.startsWith('354')) this.#mode = 'data'
    if (verb === 'STARTTLS') this.#starttls()
    else if (verb === 'EHLO') this.#ehlo()
    else if (verb === 'RCPT') this.#answer(this.#recipient(line))
    else this.#answer({ AUTH: auth, MAIL: mail, DATA: data, QUIT: '221 bye' }[verb] ?? '500 what?')
  }

  #recipient(line: string): Reply {
    const local = /<([^@>]*)/.exec(line)?.[1] ?? ''
    return this.#script.rcpt[local] ?? this.#script.rcpt['*'] ?? '250 ok'
  }

  #ehlo(): void {
    const lines = ['mx.test', ...this.#script.capabilities]
    const reply = lines.map((line, index) => `250${index < lines.length - 1 ? '-' : ' '}${line}`)
    this.#answer(reply.join('\r\n'))
  }

  #starttls(): void {
    this.#answer(this.#script.starttls)
    if (this.#context === null || !this.#script.starttls.startsWith('220')) return
    this.#socket.removeAllListeners('data')
    this.#socket = secured(this.#socket, this.#context, this.#journal)
    this.#listen()
  }

  #answer(reply: Reply): void {
    if (reply === 'close') this.#socket.destroy()
    else if (reply !== 'hang') this.#socket.write(`${reply}\r\n`)
  }
}
