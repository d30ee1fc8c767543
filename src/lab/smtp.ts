/** MX hosts, good and bad: greeting, EHLO, STARTTLS, EHLO, QUIT, and every way in which that goes wrong. */

import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { CertificateAuthority } from './ca.ts'
import type { SmtpEntry } from './journal.ts'
import type { Machine } from './machines.ts'
import { answerWithAlert, answerWithGarbage, drip, flood, stayQuiet } from './misbehave.ts'
import { type Shown, serveTls } from './tls-side.ts'
import type { SmtpMode } from './world.ts'

export interface SmtpVisit {
  /** Those at this address that speak SMTP; at least one. */
  readonly machines: readonly Machine[]
  readonly ca: CertificateAuthority
  readonly entry: SmtpEntry
  readonly shown: Shown
}

/** What a mode does instead of the next good step. */
type Misbehaviour = (socket: Socket, name: string) => void
type Misbehaviours = Partial<Record<SmtpMode, Misbehaviour>>

const reset: Misbehaviour = (socket) => socket.resetAndDestroy()
const say =
  (text: string): Misbehaviour =>
  (socket) =>
    void socket.write(text)

const INSTEAD_OF_GREETING: Misbehaviours = {
  'reset-at-connect': reset,
  'close-at-connect': (socket) => socket.end(),
  silent: stayQuiet,
  'greeting-4xx': (socket, name) => socket.end(`421 ${name} Service not available, come back later\r\n`),
  'greeting-5xx': (socket, name) => socket.end(`554 ${name} No SMTP service for you here\r\n`),
  'greeting-garbage': (socket) => socket.end('SSH-2.0-OpenSSH_10.2\r\n'),
  'greeting-endless': (socket) => flood(socket, Buffer.alloc(16_384, '220')),
  'greeting-drip': (socket) => drip(socket, '220-still waking up\r\n'),
}

const INSTEAD_OF_EHLO_REPLY: Misbehaviours = {
  'reset-after-greeting': reset,
  'ehlo-fails': say('550 I do not know you\r\n'),
  'ehlo-silent': () => {},
  'ehlo-endless': (socket) => flood(socket, Buffer.alloc(16_000, '250-STILL-MORE\r\n')),
  'ehlo-huge': (socket) => {
    socket.write(`${'250-X-LAB-CAPABILITY\r\n'.repeat(450_000)}250 STARTTLS\r\n`)
  },
}

const GO_AHEAD = '220 2.0.0 Ready to start TLS\r\n'

const INSTEAD_OF_HANDSHAKE: Misbehaviours = {
  'starttls-refused': say('454 4.7.0 TLS not available due to temporary reason\r\n'),
  'starttls-silent': () => {},
  'reset-after-starttls': goAheadThen((socket) => socket.once('data', () => socket.resetAndDestroy())),
  'tls-garbage': goAheadThen(answerWithGarbage),
  'tls-alert': goAheadThen(answerWithAlert),
  'tls-hang': goAheadThen(stayQuiet),
  'tls-close': goAheadThen((socket) => socket.once('data', () => socket.end())),
}

function goAheadThen(misbehave: (socket: Socket) => void): Misbehaviour {
  return (socket) => {
    socket.write(GO_AHEAD)
    misbehave(socket)
  }
}

/** Plays the MX host on a fresh connection. */
export function serveSmtp(socket: Socket, visit: SmtpVisit): void {
  const [machine] = visit.machines
  if (machine === undefined) {
    socket.destroy()
    return
  }
  socket.on('close', () => {
    visit.entry.ended = true
  })
  const mode = visit.entry.port === 25 ? (machine.behaviour.smtp ?? 'ok') : 'ok'
  const instead = INSTEAD_OF_GREETING[mode]
  if (instead) {
    instead(socket, machine.host.name)
    return
  }
  socket.write(`220 ${machine.host.name} ESMTP\r\n`)
  new Conversation(socket, machine.host.name, mode, visit).listen(socket)
}

/** One session, from the greeting on. */
class Conversation {
  readonly #socket: Socket
  readonly #name: string
  readonly #mode: SmtpMode
  readonly #visit: SmtpVisit

  constructor(socket: Socket, name: string, mode: SmtpMode, visit: SmtpVisit) {
    this.#socket = socket
    this.#name = name
    this.#mode = mode
    this.#visit = visit
  }

  /** Reads command lines from `channel`, the bare socket or the TLS on top of it, until the conversation moves on. */
  listen(channel: Duplex): void {
    let pending = ''
    const onData = (chunk: Buffer) => {
      pending += chunk.toString('latin1')
      for (let end = pending.indexOf('\n'); end !== -1; end = pending.indexOf('\n')) {
        const line = pending.slice(0, end).replace(/\r$/, '')
        pending = pending.slice(end + 1)
        this.#visit.entry.commands.push(line)
        if (this.#obey(line, channel) === 'leave') {
          channel.off('data', onData)
          return
        }
      }
    }
    channel.on('data', onData)
  }

  #obey(line: string, channel: Duplex): 'stay' | 'leave' {
    const [verb = '', argument = ''] = line.split(' ')
    switch (verb.toUpperCase()) {
      case 'EHLO':
        this.#visit.entry.ehloName = argument
        return this.#ehlo(channel)
      case 'STARTTLS':
        return this.#startTls()
      case 'QUIT':
        this.#visit.entry.quit = true
        if (this.#mode !== 'quit-silent') channel.end(`221 2.0.0 ${this.#name} closing\r\n`)
        return 'leave'
      case 'NOOP':
      case 'RSET':
        channel.write('250 2.0.0 OK\r\n')
        return 'stay'
      default:
        channel.write('502 5.5.1 Not implemented\r\n')
        return 'stay'
    }
  }

  #ehlo(channel: Duplex): 'stay' | 'leave' {
    const { secured } = this.#visit.entry
    const instead = INSTEAD_OF_EHLO_REPLY[this.#mode]
    if (instead) {
      instead(this.#socket, this.#name)
      return 'stay'
    }
    if (secured && this.#mode === 'reset-after-handshake') {
      this.#socket.resetAndDestroy()
      return 'leave'
    }
    const offers = !secured && this.#mode !== 'no-starttls' ? ['STARTTLS'] : []
    const lines = [`${this.#name} greets you`, 'PIPELINING', 'SIZE 10485760', ...offers, '8BITMIME']
    channel.write(lines.map((text, i) => `250${i === lines.length - 1 ? ' ' : '-'}${text}\r\n`).join(''))
    return 'stay'
  }

  #startTls(): 'stay' | 'leave' {
    const { entry, machines, ca, shown } = this.#visit
    if (entry.secured || this.#mode === 'no-starttls') {
      this.#socket.write('502 5.5.1 Not implemented\r\n')
      return 'stay'
    }
    const instead = INSTEAD_OF_HANDSHAKE[this.#mode]
    if (instead) {
      instead(this.#socket, this.#name)
      return this.#mode === 'starttls-refused' ? 'stay' : 'leave'
    }
    // RFC 3207 §6: whatever follows the 220 in plaintext must not be trusted.
    this.#socket.write(this.#mode === 'injection' ? `${GO_AHEAD}250 Injected in plaintext\r\n` : GO_AHEAD)
    // The hello must not be read before the TLS layer is there to take it.
    this.#socket.pause()
    const onSni = (name: string) => {
      entry.sni = name
    }
    serveTls(this.#socket, machines, ca, onSni, shown).then(
      (tls) => {
        tls.on('secure', () => {
          entry.secured = true
        })
        this.listen(tls)
      },
      () => this.#socket.destroy(),
    )
    return 'leave'
  }
}
