import { randomInt } from 'node:crypto'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { stopped, until } from './deadline.ts'
import { type DnsQuestion, type DnsReply, encodeQuestion, readReply } from './dns-message.ts'
import { FaultError } from './fault-error.ts'
import type { DnsLimits } from './limits.ts'

/** A DNS server by literal address. */
export interface DnsServer {
  readonly address: string
  readonly port: number
  /** What faults call it where it is reached at another place (the lab's machines). */
  readonly shownAs?: string
}

/**
 * One question to one server: over UDP with a fresh socket, port and id for every try, over TCP when the answer was
 * truncated. Gives whatever RCODE the server answered; rejects with a FaultError when there was no readable answer.
 */
export async function askDns(
  server: DnsServer,
  question: DnsQuestion,
  limits: DnsLimits,
  signal: AbortSignal,
): Promise<DnsReply> {
  for (let tried = 1; ; tried += 1) {
    try {
      const reply = await askOverUdp(server, question, limits, signal)
      return reply.truncated ? await askOverTcp(server, question, limits, signal) : reply
    } catch (error) {
      const again = error instanceof FaultError && error.fault.kind === 'dns-timeout' && tried < limits.tries
      if (!again) throw error
    }
  }
}

/** One question over UDP, once. A truncated answer comes without records. Rejects with a FaultError. */
export async function askOverUdp(
  server: DnsServer,
  question: DnsQuestion,
  limits: DnsLimits,
  signal: AbortSignal,
): Promise<DnsReply> {
  const id = randomInt(65_536)
  const timer = AbortSignal.timeout(limits.tryMs)
  let unreadable = 0
  const onAbort = () => {
    if (signal.aborted) return stopped(label(server, question))
    return unreadable > 0
      ? new FaultError('dns-malformed', 'path', `${label(server, question)}: only garbage came back`)
      : new FaultError(
          'dns-timeout',
          'path',
          `${label(server, question)}: no answer within ${limits.tryMs} ms`,
        )
  }
  return until<DnsReply>(AbortSignal.any([signal, timer]), onAbort, (resolve, reject) => {
    const socket = openUdp(server, (error) => reject(unreachable(server, question, error)))
    socket.on('message', (bytes) => {
      // A wrong id or question is somebody else's answer, or a forgery: keep waiting for ours.
      const reply = readReply(bytes, id, question, limits)
      if (reply.outcome === 'reply') resolve(reply.reply)
      else if (reply.outcome === 'fault') reject(malformed(server, question, reply.why))
      else if (reply.outcome === 'unreadable') unreadable += 1
    })
    let closed = false
    // Node gives the error of a failed connect to this callback, and emits none.
    socket.connect(server.port, server.address, (failed?: NodeJS.ErrnoException) => {
      // Given up while Node had the good news ready: sending on a closed socket throws where nobody can catch it.
      if (closed) return
      if (failed) return reject(unreachable(server, question, failed))
      socket.send(encodeQuestion(id, question), (error) => {
        if (error) reject(unreachable(server, question, error))
      })
    })
    return () => {
      closed = true
      socket.close()
    }
  })
}

/** A connected UDP socket takes datagrams from the server alone, and hears when its port is closed. */
function openUdp(server: DnsServer, onError: (error: NodeJS.ErrnoException) => void): UdpSocket {
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4')
  socket.on('error', onError)
  return socket
}

/** One question over TCP, once. Rejects with a FaultError. */
export async function askOverTcp(
  server: DnsServer,
  question: DnsQuestion,
  limits: DnsLimits,
  signal: AbortSignal,
): Promise<DnsReply> {
  const id = randomInt(65_536)
  const timer = AbortSignal.timeout(limits.tryMs)
  const onAbort = () =>
    signal.aborted
      ? stopped(label(server, question))
      : new FaultError(
          'dns-timeout',
          'path',
          `${label(server, question)}: truncated over UDP, silent over TCP for ${limits.tryMs} ms`,
        )
  return until<DnsReply>(AbortSignal.any([signal, timer]), onAbort, (resolve, reject) => {
    const socket = connect({ host: server.address, port: server.port, autoSelectFamily: false })
    let received: Buffer = Buffer.alloc(0)
    socket.once('connect', () => socket.write(withLength(encodeQuestion(id, question))))
    socket.on('error', (error: NodeJS.ErrnoException) => reject(unreachable(server, question, error)))
    socket.once('end', () =>
      reject(malformed(server, question, 'the TCP connection ended before the answer')),
    )
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      const bytes = received.subarray(2, 2 + received.readUInt16BE(0))
      const reply = readReply(bytes, id, question, limits)
      if (reply.outcome === 'reply' && !reply.reply.truncated) resolve(reply.reply)
      else
        reject(
          malformed(server, question, reply.outcome === 'fault' ? reply.why : 'no fitting answer over TCP'),
        )
    })
    return () => socket.destroy()
  })
}

function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** This machine has no way there, or may not go it. */
const LOCAL_ERRORS: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EINVAL',
  'EPERM',
  'EACCES',
])

function unreachable(server: DnsServer, question: DnsQuestion, error: NodeJS.ErrnoException): FaultError {
  const local = LOCAL_ERRORS.has(error.code ?? '')
  const why = error.code ?? error.message
  return new FaultError('dns-unreachable', local ? 'local' : 'path', `${label(server, question)}: ${why}`)
}

function malformed(server: DnsServer, question: DnsQuestion, why: string): FaultError {
  return new FaultError('dns-malformed', 'path', `${label(server, question)}: ${why}`)
}

/** `_mta-sts.example.com TXT at 192.0.2.53`: how every DNS fault names what was asked of whom. */
export function label(server: DnsServer, question: DnsQuestion): string {
  if (server.shownAs !== undefined) return `${question.name} ${question.type} at ${server.shownAs}`
  const port = server.port === 53 ? '' : `#${server.port}`
  return `${question.name} ${question.type} at ${server.address}${port}`
}
