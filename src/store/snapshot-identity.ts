/**
 * What makes two observations the same. Left out is what differs at every look though nothing changed: instants,
 * durations, TTLs, the order of records, SMTP greetings and error pages (they carry ids and dates), the wording of faults.
 */

import { canonicalJson } from '../lib/canonical-json.ts'
import type { DnsAnswer, MxRecord } from '../model/dns.ts'
import type { Fault } from '../model/fault.ts'
import type { Observation } from '../model/observation.ts'
import type { HttpResponse, SmtpSession, StartTls } from '../model/snapshot.ts'
import type { ServerReply, ZoneLook } from '../model/zone-look.ts'
import { newestSerial } from '../protocol/dns-serial.ts'

/** The part of an observation that its identity is made of; `valueIdentity` gives it for what was seen. */
export function observationIdentity<T>(
  observation: Observation<T>,
  valueIdentity: (value: T) => unknown,
): unknown {
  switch (observation.outcome) {
    case 'seen':
      return { outcome: 'seen', value: valueIdentity(observation.value) }
    case 'absent':
      return { outcome: 'absent', denial: observation.denial, security: observation.security }
    case 'failed':
      return { outcome: 'failed', fault: faultIdentity(observation.fault) }
    case 'skipped':
      return observation
  }
}

export function dnsIdentity(answer: DnsAnswer<readonly (string | MxRecord)[]>): unknown {
  const records = answer.records.map((record) => canonicalJson(record)).sort()
  return { records, security: answer.security, cnames: answer.cnames }
}

export function httpIdentity(response: HttpResponse): unknown {
  const { status, location, contentType, validUtf8, body } = response
  return { status, location, contentType, validUtf8, body: status === 200 ? body : null }
}

export function sessionIdentity(session: SmtpSession): unknown {
  return {
    capabilities: [...session.capabilities].sort((a, b) => (a < b ? -1 : 1)),
    startTls: startTlsIdentity(session.startTls),
  }
}

function startTlsIdentity(startTls: StartTls): unknown {
  switch (startTls.outcome) {
    case 'established':
    case 'not-offered':
      return startTls
    case 'refused':
      // RFC 5321 §4.2: the code is what is meant; the text may carry ids.
      return { outcome: 'refused', code: startTls.reply.slice(0, 3) }
    case 'injected':
      return { outcome: 'injected' }
    case 'handshake-failed':
      return { outcome: 'handshake-failed', fault: faultIdentity(startTls.fault) }
  }
}

/**
 * A zone as its servers give it. Serials count up though nothing else changes: only that of a server that lags behind
 * the others tells something.
 */
export function zoneIdentity({ nameServers, servers }: ZoneLook): unknown {
  const serials = servers.flatMap(({ asked }) => asked.flatMap(({ soa }) => serialOf(soa) ?? []))
  const newest = newestSerial(serials)
  return {
    nameServers: observationIdentity(nameServers, dnsIdentity),
    servers: servers.map(({ name, addresses, asked }) => ({
      name,
      addresses: observationIdentity(addresses, dnsIdentity),
      asked: asked.map(({ address, soa, answers }) => ({
        address,
        soa: observationIdentity(soa, replyIdentity),
        behind: serialOf(soa) === newest ? null : serialOf(soa),
        answers: answers.map(({ name, type, reply }) => [
          name,
          type,
          observationIdentity(reply, replyIdentity),
        ]),
      })),
    })),
  }
}

function serialOf(soa: Observation<ServerReply>): number | null {
  return soa.outcome === 'seen' && soa.value.soa !== null ? soa.value.soa.serial : null
}

function replyIdentity({ rcode, authoritative, isReferral, records }: ServerReply): unknown {
  return { rcode, authoritative, isReferral, records }
}

function faultIdentity(fault: Fault): unknown {
  return { kind: fault.kind, blame: fault.blame }
}

/** Whether an observation is an answer. A handshake that broke on the way to the host is none. */
export function isAnswer(observation: Observation<unknown>): boolean {
  return observation.outcome === 'seen' || observation.outcome === 'absent'
}

/** The same for a session: what a broken handshake leaves is no answer unless the far side broke it. */
export function isSessionAnswer(observation: Observation<SmtpSession>): boolean {
  if (observation.outcome !== 'seen') return isAnswer(observation)
  const { startTls } = observation.value
  return startTls.outcome !== 'handshake-failed' || startTls.fault.blame === 'remote'
}
