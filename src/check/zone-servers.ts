import { HOUR_MS, SECOND_MS } from '../lib/time.ts'
import type { ServerDifference } from '../model/evidence/zone-server-evidence.ts'
import type { FindingCode, Severity } from '../model/finding.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { NameServerLook, ServerAnswer, ZoneLook, ZoneQuestion } from '../model/zone-look.ts'
import { isUsable, parseTlsa } from '../protocol/dane/tlsa.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { coversMx } from '../protocol/mta-sts/mx-match.ts'
import { daneAddresses } from './dane-view.ts'
import type { Facts } from './facts.ts'
import { faultOf } from './fault-class.ts'
import { isServing, type Standing, standingOf } from './server-standing.ts'
import { forShare } from './severity.ts'
import { isAnswer, recordsOf, type StaleServer, staleServers, tlsaOwner } from './stale-servers.ts'
import { CLEAR, found, moot, type Place, together, undecided, type Verdict } from './verdict.ts'

const CODES: readonly FindingCode[] = [
  'dns.server.stale',
  'dns.server.mute',
  'dns.server.lame',
  'dns.server.drops-type',
]
const DATA_CODES: readonly FindingCode[] = ['dns.server.stale', 'dns.server.drops-type']

/** Every authoritative server by itself: who is behind, silent, not in charge, or deaf to one type. */
export function checkZoneServers(facts: Facts): Verdict {
  const { snapshot, domain } = facts
  if (snapshot.zones.length === 0) {
    if (!domain.nameServers) return CLEAR
    return undecided(CODES, snapshot.domain, 'any', moot('the name servers were not asked in this look'))
  }
  return onceEach(together(snapshot.zones.map((zone) => ofZone(zone, facts))))
}

function ofZone(zone: ZoneLook, facts: Facts): Verdict {
  const { domain } = facts.snapshot
  const because = zone.nameServers.outcome === 'absent' ? null : faultOf(zone.nameServers)
  if (because !== null) return undecided(CODES, domain, 'any', because)
  return together([
    ...zone.servers.map((server) => ofServer(server, zone, facts)),
    ...staleServers(zone, facts.snapshot).map((stale) => ofStale(stale, zone, facts)),
  ])
}

function ofServer(server: NameServerLook, zone: ZoneLook, facts: Facts): Verdict {
  const { domain } = facts.snapshot
  const because = server.addresses.outcome === 'absent' ? null : faultOf(server.addresses)
  if (because !== null) return undecided(CODES, domain, server.name, because)
  const place: Place = { domain, subject: server.name, at: zone.takenAt }
  const of = server.asked.length
  if (of === 0) {
    return found('dns.server.mute', place, 'warning', {
      server: server.name,
      zone: zone.name,
      failures: [],
      of,
    })
  }
  const standings = server.asked.map((one) => standingOf(one, zone, facts))
  const unknown = standings.find((one) => one.kind === 'unknown')?.because ?? null
  const isPartlyServing = standings.some(({ kind }) => kind === 'serving')
  return together([
    trouble('mute', standings, server, zone, place),
    trouble('lame', standings, server, zone, place),
    unknown === null ? CLEAR : undecided(CODES, domain, server.name, unknown),
    isPartlyServing ? dropped(server, zone, facts, place) : silentAbout(server, place),
  ])
}

/** What a server that says nothing of the zone may still have or lack. */
function silentAbout(server: NameServerLook, { domain }: Place): Verdict {
  return undecided(DATA_CODES, domain, server.name, moot('the server does not answer for the zone'))
}

function trouble(
  kind: 'mute' | 'lame',
  standings: readonly Standing[],
  server: NameServerLook,
  zone: ZoneLook,
  place: Place,
): Verdict {
  const failures = standings.flatMap((one) => (one.kind === kind ? [one.failure] : []))
  if (failures.length === 0) return CLEAR
  const of = server.asked.length
  const evidence = { server: server.name, zone: zone.name, failures, of }
  return found(`dns.server.${kind}`, place, forShare('warning', failures.length, of), evidence)
}

/** Questions that a server in charge leaves without an answer. */
function dropped(server: NameServerLook, zone: ZoneLook, facts: Facts, place: Place): Verdict {
  const silent = server.asked.filter(isServing).flatMap(({ address, answers }) =>
    answers.flatMap((answer) => {
      const why = dropReason(answer)
      return why === null ? [] : [{ ...why, question: { name: answer.name, type: answer.type }, address }]
    }),
  )
  const local = silent.find(({ fault }) => fault !== null && (fault.blame === 'local' || !sees(facts)))
  if (local?.fault != null)
    return undecided(['dns.server.drops-type'], place.domain, server.name, local.fault)
  if (silent.length === 0) return CLEAR
  const questions = [...new Map(silent.map(({ question }) => [JSON.stringify(question), question])).values()]
  const othersAnswer = questions.every((question) => isAnsweredElsewhere(question, server, zone))
  const daneAsks = questions.some(
    (question) => question.type === 'TLSA' && daneHosts(question, facts).length > 0,
  )
  const severity: Severity = daneAsks && !othersAnswer ? 'critical' : 'warning'
  return found('dns.server.drops-type', place, severity, {
    server: server.name,
    zone: zone.name,
    dropped: questions,
    failures: silent.map(({ address, detail }) => ({ address, detail })),
    othersAnswer,
    daneAsks,
  })
}

function dropReason({ name, type, reply }: ServerAnswer) {
  if (reply.outcome === 'failed') return { detail: reply.fault.detail, fault: reply.fault }
  if (reply.outcome !== 'seen' || isAnswer(reply.value) || reply.value.isReferral) return null
  return { detail: `${name} ${type}: ${reply.value.rcode}`, fault: null }
}

function sees({ vantage }: Facts): boolean {
  return vantage.dns === 'sees'
}

function isAnsweredElsewhere(question: ZoneQuestion, server: NameServerLook, { servers }: ZoneLook): boolean {
  return servers.some(
    ({ name, asked }) => name !== server.name && asked.some((one) => recordsOf(one, question) !== null),
  )
}

/** The hosts with these TLSA records, where DANE senders ask for them (RFC 7672 §2.2.2). */
function daneHosts({ name }: Pick<ZoneQuestion, 'name'>, { snapshot, domain }: Facts): readonly MxHost[] {
  if (domain.dane === 'ignore') return []
  return snapshot.hosts.filter(
    (host) =>
      name === tlsaOwner(host) &&
      host.addresses.outcome === 'seen' &&
      host.addresses.value.security === 'secure',
  )
}

/** A secondary that is told of changes has them within seconds; one that has to ask by itself may wait so long. */
const DATA_PATIENCE_MS = HOUR_MS
const SERIAL_PATIENCE_MS = 24 * HOUR_MS

function ofStale(stale: StaleServer, zone: ZoneLook, facts: Facts): Verdict {
  const { domain } = facts.snapshot
  const hurts = hurtOf(stale.differences, facts)
  const severity = stale.differences.length === 0 ? 'info' : hurts === null ? 'warning' : 'critical'
  const { server, addresses, serial, newestSerial, differences, refreshSeconds } = stale
  const place: Place = { domain, subject: server, at: zone.takenAt }
  return found('dns.server.stale', place, severity, {
    server,
    zone: zone.name,
    addresses,
    serial,
    newestSerial,
    differences,
    refreshSeconds,
    recordSettlesAt: zone.takenAt + patienceMs(stale),
    hurts,
  })
}

function patienceMs({ differences, refreshSeconds, retrySeconds }: StaleServer): number {
  return differences.length > 0
    ? Math.min(refreshSeconds * SECOND_MS, DATA_PATIENCE_MS)
    : Math.min((refreshSeconds + retrySeconds) * SECOND_MS, SERIAL_PATIENCE_MS)
}

/** Do senders that verify refuse mail over what this server says? */
function hurtOf(differences: readonly ServerDifference[], facts: Facts): 'tlsa' | 'mx' | null {
  for (const { name, type, here } of differences) {
    if (type === 'TLSA' && daneHosts({ name }, facts).some((host) => breaksDane(here, host, facts)))
      return 'tlsa'
    if (type === 'MX' && facts.modeInForce === 'enforce' && facts.served?.policy != null) {
      const { mxPatterns } = facts.served.policy
      const hosts = here.map((record) => record.replace(/^\d+ /, '').replace(/\.$/, ''))
      if (hosts.some((host) => host !== '' && !coversMx(mxPatterns, host))) return 'mx'
    }
  }
  return null
}

/** Does an address of the host send a chain that these records do not vouch for? */
function breaksDane(rdata: readonly string[], host: MxHost, facts: Facts): boolean {
  const base = host.tlsaBase ?? (host.name as DomainName)
  const records = rdata.flatMap((text) => parseTlsa(text) ?? [])
  if (!records.some(isUsable)) return false
  const shown = daneAddresses(facts, host, { base, rdata, records, at: facts.now })
  return shown.some(({ result }) => result.outcome === 'failed')
}

const RANKS: readonly Severity[] = ['info', 'warning', 'critical']

/** One server may serve several zones of a look: its worst trouble of each kind stands for all. */
function onceEach({ findings, undecided: open }: Verdict): Verdict {
  const worst = new Map<string, (typeof findings)[number]>()
  for (const finding of findings) {
    const key = `${finding.code} ${finding.subject}`
    const known = worst.get(key)
    if (known === undefined || RANKS.indexOf(known.severity) < RANKS.indexOf(finding.severity)) {
      worst.set(key, finding)
    }
  }
  return { findings: [...worst.values()], undecided: open }
}
