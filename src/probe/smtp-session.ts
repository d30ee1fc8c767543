import type { Socket } from 'node:net'
import type { SmtpSession, StartTls } from '../model/snapshot.ts'
import { type IpAddress, parseIpAddress } from '../protocol/ip-address.ts'
import { capabilitiesOf, offersStartTls } from '../protocol/smtp/ehlo.ts'
import { formatReply, type SmtpReply } from '../protocol/smtp/reply.ts'
import { FaultError, faultOf } from './fault-error.ts'
import type { ProbeLimits } from './limits.ts'
import { GREETING_FAULTS, SmtpConnection } from './smtp-connection.ts'
import { type HandshakeOptions, handshake } from './tls.ts'
import type { Trust } from './trust.ts'

/** The far end of a session. */
export interface SmtpPeer {
  /** The MX host name. */
  readonly host: string
  readonly address: IpAddress
}

/** A far end, and what its handshake is to show: see HandshakeOptions. */
export interface SmtpAim extends SmtpPeer, Pick<HandshakeOptions, 'serverName' | 'keys' | 'chain'> {}

export interface SmtpTools {
  /** The name given in EHLO. */
  readonly ehloName: string
  readonly trust: Trust
  readonly limits: ProbeLimits
}

/**
 * One polite session on a connected socket: greeting, EHLO, STARTTLS, handshake with `serverName` as SNI, EHLO,
 * QUIT (R31, R32). Rejects with a FaultError while it does not speak SMTP; what it does about STARTTLS is a value.
 * The socket is destroyed at the end.
 */
export async function smtpSession(
  socket: Socket,
  peer: SmtpAim,
  tools: SmtpTools,
  signal: AbortSignal,
): Promise<SmtpSession> {
  const connection = new SmtpConnection(socket, label(peer), tools.limits.smtp)
  try {
    const ownAddress = parseIpAddress(socket.localAddress ?? '')
    const greeting = await greet(connection, peer, tools, signal)
    const ehlo = await connection.command(`EHLO ${tools.ehloName}`, tools.limits.smtp.commandMs, signal)
    if (ehlo.code !== 250) throw await leave(connection, ehloFault(peer, ehlo), tools, signal)
    const capabilities = capabilitiesOf(ehlo)
    const startTls = await tryStartTls(connection, { socket, peer, capabilities }, tools, signal)
    return { greeting: formatReply(greeting), capabilities, startTls, ownAddress }
  } finally {
    socket.destroy()
  }
}

async function greet(connection: SmtpConnection, peer: SmtpPeer, tools: SmtpTools, signal: AbortSignal) {
  const greeting = await connection.read(tools.limits.smtp.greetingMs, GREETING_FAULTS, signal)
  if (greeting.code === 220) return greeting
  throw await leave(connection, greetingFault(peer, greeting), tools, signal)
}

interface Offer {
  readonly socket: Socket
  readonly peer: SmtpAim
  readonly capabilities: readonly string[]
}

async function tryStartTls(
  connection: SmtpConnection,
  { socket, peer, capabilities }: Offer,
  tools: SmtpTools,
  signal: AbortSignal,
): Promise<StartTls> {
  if (!offersStartTls(capabilities)) {
    await quit(connection, tools, signal)
    return { outcome: 'not-offered' }
  }
  const reply = await connection.command('STARTTLS', tools.limits.smtp.commandMs, signal)
  if (reply.code !== 220) {
    await quit(connection, tools, signal)
    return { outcome: 'refused', reply: formatReply(reply) }
  }
  // RFC 3207 §6: what came before the handshake is not protected; nothing after it is trusted.
  const bytes = connection.release()
  if (bytes > 0) return { outcome: 'injected', bytes }
  return await secure(socket, peer, tools, signal)
}

async function secure(
  socket: Socket,
  peer: SmtpAim,
  tools: SmtpTools,
  signal: AbortSignal,
): Promise<StartTls> {
  const { serverName, keys, chain } = peer
  const options = { serverName, keys, chain, trust: tools.trust, timeoutMs: tools.limits.handshakeMs, signal }
  try {
    const secured = await handshake(socket, options)
    const connection = new SmtpConnection(secured.socket, label(peer), tools.limits.smtp)
    await sayGoodbye(connection, tools, signal)
    secured.socket.destroy()
    return { outcome: 'established', tls: secured.facts }
  } catch (error) {
    // Given up or out of time is no statement about the host.
    if (signal.aborted) throw error
    return { outcome: 'handshake-failed', fault: faultOf(error) }
  }
}

/** RFC 3207 §4.2: EHLO again, then QUIT. All that matters is known by now, so nothing here is a fault. */
async function sayGoodbye(connection: SmtpConnection, tools: SmtpTools, signal: AbortSignal): Promise<void> {
  try {
    await connection.command(`EHLO ${tools.ehloName}`, tools.limits.smtp.quitMs, signal)
  } catch {
    return
  }
  await quit(connection, tools, signal)
}

async function quit(connection: SmtpConnection, tools: SmtpTools, signal: AbortSignal): Promise<void> {
  await connection.command('QUIT', tools.limits.smtp.quitMs, signal).catch(() => undefined)
}

async function leave(
  connection: SmtpConnection,
  fault: FaultError,
  tools: SmtpTools,
  signal: AbortSignal,
): Promise<FaultError> {
  await quit(connection, tools, signal)
  return fault
}

function greetingFault(peer: SmtpPeer, greeting: SmtpReply): FaultError {
  const detail = `${label(peer)} greeted with: ${formatReply(greeting)}`
  if (greeting.code >= 500) return new FaultError('greeting-5xx', 'remote', detail)
  if (greeting.code >= 400) return new FaultError('greeting-4xx', 'remote', detail)
  return new FaultError('greeting-malformed', 'remote', detail)
}

function ehloFault(peer: SmtpPeer, reply: SmtpReply): FaultError {
  return new FaultError('ehlo-failed', 'remote', `${label(peer)} answered EHLO with: ${formatReply(reply)}`)
}

/** Does a host greet as a mail server does? Reads the greeting and leaves; rejects with a FaultError when not. */
export async function smtpGreeting(
  socket: Socket,
  peer: SmtpPeer,
  tools: SmtpTools,
  signal: AbortSignal,
): Promise<void> {
  const connection = new SmtpConnection(socket, label(peer), tools.limits.smtp)
  try {
    await greet(connection, peer, tools, signal)
    await quit(connection, tools, signal)
  } finally {
    socket.destroy()
  }
}

function label({ host, address }: SmtpPeer): string {
  return `${host} [${address}]`
}
