import { type DnsQuery, type DnsReply, encodeReply, faultyReply, malformedReply } from './dns.ts'
import type { DnsTransport } from './dns-socket.ts'
import type { DnsFault, DnsFaultRule } from './world.ts'

const TCP_MAX_BYTES = 65_535
const PLAIN_UDP_BYTES = 512

/** The bytes of an honest answer, or what a fault makes of it. */
export function dnsAnswer(
  query: DnsQuery,
  honest: DnsReply,
  zone: string,
  fault: DnsFault | null,
  transport: DnsTransport,
): Buffer | 'silence' | 'reset' {
  const maxBytes = transport === 'tcp' ? TCP_MAX_BYTES : (query.udpPayloadSize ?? PLAIN_UDP_BYTES)
  if (fault === null) return encodeReply(query, honest, maxBytes)
  if (fault === 'timeout') return 'silence'
  if (fault === 'truncated-no-tcp' && transport === 'tcp') return 'reset'
  if ((fault === 'truncated' || fault === 'truncated-no-tcp') && transport === 'udp') {
    return encodeReply(query, { ...honest, truncated: true }, maxBytes)
  }
  return (
    malformedReply(fault, query, honest) ??
    encodeReply(query, faultyReply(fault, query, zone) ?? honest, maxBytes)
  )
}

/** The first rule that is about this question. */
export function faultFor(
  rules: readonly Omit<DnsFaultRule, 'resolver'>[],
  { name, question }: DnsQuery,
): DnsFault | null {
  const rule = rules.find(
    ({ at, type }) => (type === 'any' || type === question.type) && covers(at.toLowerCase(), name),
  )
  return rule?.fault ?? null
}

function covers(at: string, name: string): boolean {
  if (at === '*') return true
  if (!at.startsWith('*.')) return at === name
  return name === at.slice(2) || name.endsWith(at.slice(1))
}
