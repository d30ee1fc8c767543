import type { SignatureLife } from '../model/dns.ts'
import type { Absent } from '../model/observation.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import { askDns, type DnsServer, label } from './dns-client.ts'
import type { DnsQuestion, DnsRecord, DnsReply, DnsType } from './dns-message.ts'
import { FaultError } from './fault-error.ts'
import type { DnsLimits } from './limits.ts'
import { earlier, lifeOf } from './signature-life.ts'

/** A server, and whether its AD bit is believed (RFC 7672 §2.1.1: only over a trusted path). */
export interface ResolverServer extends DnsServer {
  readonly trusted: boolean
}

/** What one server finally says about a name: records, or an authoritative no (R25). */
export type LookUp = LookUpAnswer | LookUpDenial

export interface LookUpAnswer {
  readonly outcome: 'answer'
  readonly records: readonly DnsRecord[]
  readonly ttlSeconds: number
  readonly secure: boolean
  readonly cnames: readonly DomainName[]
  /** Of the records and of the aliases that led to them; null where none was shown. */
  readonly signatures: SignatureLife | null
}

export interface LookUpDenial {
  readonly outcome: 'denial'
  readonly denial: Absent['denial']
  readonly secure: boolean
  readonly cnames: readonly DomainName[]
  readonly soa: DnsReply['denialSoa']
}

/** Where a chain of aliases has led so far. */
interface Trail {
  readonly name: DomainName
  /** The name asked for, then every alias target. */
  readonly visited: readonly DomainName[]
  readonly ttlSeconds: number
  readonly secure: boolean
  readonly signatures: SignatureLife | null
}

/**
 * Asks one server until there is an answer: follows CNAMEs, within the answer and by further questions. Everything
 * but NOERROR and NXDOMAIN is a FaultError.
 */
export async function lookUp(
  server: ResolverServer,
  name: DomainName,
  type: DnsType,
  limits: DnsLimits,
  signal: AbortSignal,
): Promise<LookUp> {
  let trail: Trail = {
    name,
    visited: [name],
    ttlSeconds: Number.MAX_SAFE_INTEGER,
    secure: true,
    signatures: null,
  }
  for (;;) {
    const question: DnsQuestion = { name: trail.name, type, checkingDisabled: false, recursionDesired: true }
    const reply = await askForAnswer(server, question, limits, signal)
    const visited = trail.visited.length
    trail = follow(trail, reply, server, type, limits)
    const { secure } = trail
    const records = reply.records.filter((record) => record.type === type && record.owner === trail.name)
    if (records.length > 0) {
      const ttlSeconds = Math.min(trail.ttlSeconds, ...records.map((record) => record.ttlSeconds))
      return {
        outcome: 'answer',
        records,
        ttlSeconds,
        secure,
        cnames: trail.visited.slice(1),
        signatures: earlier(trail.signatures, lifeOf(records, reply.signatures)),
      }
    }
    const denied = {
      outcome: 'denial',
      secure,
      cnames: trail.visited.slice(1),
      soa: reply.denialSoa,
    } as const
    if (reply.rcode === 'NXDOMAIN') return { ...denied, denial: 'nxdomain' }
    if (trail.visited.length === visited || reply.hasSoa) return { ...denied, denial: 'nodata' }
  }
}

function follow(
  from: Trail,
  reply: DnsReply,
  server: ResolverServer,
  type: DnsType,
  limits: DnsLimits,
): Trail {
  let trail: Trail = { ...from, secure: from.secure && server.trusted && reply.authenticated }
  for (;;) {
    const link = reply.records.find((record) => record.type === 'CNAME' && record.owner === trail.name)
    if (link?.type !== 'CNAME') return trail
    const told = `${type}: ${[...trail.visited, link.target].join(' → ')}`
    const target = parseDomainName(link.target)
    if (target === null) throw new FaultError('dns-malformed', 'remote', `${told} is an alias to no name`)
    const visited = [...trail.visited, target]
    if (trail.visited.includes(target)) throw new FaultError('dns-loop', 'remote', `${told} is a circle`)
    if (visited.length - 1 > limits.cnames) {
      throw new FaultError('dns-loop', 'remote', `${told} is longer than ${limits.cnames} aliases`)
    }
    trail = {
      ...trail,
      name: target,
      visited,
      ttlSeconds: Math.min(trail.ttlSeconds, link.ttlSeconds),
      signatures: earlier(trail.signatures, lifeOf([link], reply.signatures)),
    }
  }
}

/** NOERROR and NXDOMAIN are answers; a failed validation is told from a failed look-up (R28). */
async function askForAnswer(
  server: ResolverServer,
  question: DnsQuestion,
  limits: DnsLimits,
  signal: AbortSignal,
): Promise<DnsReply> {
  const reply = await askDns(server, question, limits, signal)
  if (reply.rcode !== 'SERVFAIL') return answerOf(reply, server, question)
  const unchecked = await askDns(server, { ...question, checkingDisabled: true }, limits, signal).catch(
    () => null,
  )
  if (unchecked === null || !isAnswer(unchecked) || !mayBeBogus(reply))
    throw servfail(reply, server, question)
  // The far servers may have been slow the first time only: SERVFAIL again rules that out.
  const again = await askDns(server, question, limits, signal)
  if (again.rcode !== 'SERVFAIL') return answerOf(again, server, question)
  const why = `answers only with validation switched off${extendedErrors(again)}`
  throw new FaultError('dns-bogus', 'remote', `${label(server, question)}: ${why}`)
}

function answerOf(reply: DnsReply, server: ResolverServer, question: DnsQuestion): DnsReply {
  if (isAnswer(reply)) return reply
  const what = label(server, question)
  if (reply.rcode === 'SERVFAIL') throw servfail(reply, server, question)
  if (reply.isReferral) throw new FaultError('dns-refused', 'local', `${what}: the server does not recurse`)
  if (reply.rcode === 'REFUSED') {
    throw new FaultError('dns-refused', 'local', `${what}: the server refuses to answer this machine`)
  }
  throw new FaultError('dns-malformed', 'path', `${what}: ${reply.rcode}${extendedErrors(reply)}`)
}

function isAnswer(reply: DnsReply): boolean {
  return (reply.rcode === 'NOERROR' && !reply.isReferral) || reply.rcode === 'NXDOMAIN'
}

// The resolver may have lost its own way to the world: that is no word about the domain.
function servfail(reply: DnsReply, server: ResolverServer, question: DnsQuestion): FaultError {
  return new FaultError(
    'dns-servfail',
    'path',
    `${label(server, question)}: SERVFAIL${extendedErrors(reply)}`,
  )
}

// RFC 8914 §4: 13 cached error, 14 not ready, 22 no reachable authority, 23 network error.
const NOT_ABOUT_VALIDATION = new Set([13, 14, 22, 23])

function mayBeBogus(reply: DnsReply): boolean {
  const codes = reply.extendedErrors.map((error) => error.code)
  return codes.length === 0 || codes.some((code) => !NOT_ABOUT_VALIDATION.has(code))
}

function extendedErrors(reply: DnsReply): string {
  const errors = reply.extendedErrors.map(({ code, text }) => `EDE ${code}${text === '' ? '' : ` ${text}`}`)
  return errors.length === 0 ? '' : ` (${errors.join('; ')})`
}
