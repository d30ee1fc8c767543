import type { ServerDifference } from '../model/evidence/zone-server-evidence.ts'
import type { MxHost, Snapshot } from '../model/snapshot.ts'
import type { ServerAnswer, ServerReply, ZoneLook, ZoneQuestion } from '../model/zone-look.ts'
import { isOlderSerial, newestSerial } from '../protocol/dns-serial.ts'
import { childName, type DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { isServing } from './server-standing.ts'

/** A server that does not give what the others give. */
export interface StaleServer {
  readonly server: DomainName
  readonly addresses: readonly IpAddress[]
  readonly serial: number | null
  readonly newestSerial: number | null
  /** Empty: only the serial is older. */
  readonly differences: readonly ServerDifference[]
  readonly refreshSeconds: number
  readonly retrySeconds: number
}

interface Voice {
  readonly server: DomainName
  readonly address: IpAddress
  readonly soa: NonNullable<ServerReply['soa']>
  readonly answers: readonly ServerAnswer[]
}

/**
 * The servers of a zone that differ from the rest, worst told as their differences. The rest is whoever has the newest
 * serial; with equal serials, or serials of different primaries (two providers), the greater number of servers;
 * in a tie those that give what the resolvers gave. Addresses may differ by server on purpose: they count only with an older serial.
 */
export function staleServers(zone: ZoneLook, snapshot: Snapshot): readonly StaleServer[] {
  const voices = voicesOf(zone)
  const newest = hasOnePrimary(voices) ? newestSerial(voices.map(({ soa }) => soa.serial)) : null
  const isBehind = ({ soa }: Voice) => newest !== null && isOlderSerial(soa.serial, newest)
  const questions = voices[0]?.answers ?? []
  const differing = questions.flatMap((question) => {
    const reference = referenceOf(question, voices, isBehind, snapshot)
    if (reference === null) return []
    return voices.flatMap((voice) => {
      const here = recordsOf(voice, question)
      const counts = isNoAddress(question) || isBehind(voice)
      if (here === null || !counts || sameRecords(here, reference)) return []
      const { name, type } = question
      return [{ voice, difference: { name, type, here, elsewhere: reference } }]
    })
  })
  const servers = [...new Set(voices.map(({ server }) => server))]
  return servers.flatMap((server) => {
    const own = differing.filter(({ voice }) => voice.server === server)
    const behind = voices.filter((voice) => voice.server === server && isBehind(voice))
    const [first] = [...own.map(({ voice }) => voice), ...behind]
    if (first === undefined) return []
    return [
      {
        server,
        addresses: [
          ...new Set([...own.map(({ voice }) => voice.address), ...behind.map((one) => one.address)]),
        ],
        serial: first.soa.serial,
        newestSerial: newest,
        differences: distinct(own.map(({ difference }) => difference)),
        refreshSeconds: first.soa.refreshSeconds,
        retrySeconds: first.soa.retrySeconds,
      },
    ]
  })
}

function voicesOf({ servers }: ZoneLook): readonly Voice[] {
  return servers.flatMap(({ name, asked }) =>
    asked.flatMap((one) => {
      const soa = isServing(one) && one.soa.outcome === 'seen' ? one.soa.value.soa : null
      return soa === null ? [] : [{ server: name, address: one.address, soa, answers: one.answers }]
    }),
  )
}

function hasOnePrimary(voices: readonly Voice[]): boolean {
  return new Set(voices.map(({ soa }) => soa.mname)).size <= 1
}

function referenceOf(
  question: ZoneQuestion,
  voices: readonly Voice[],
  isBehind: (voice: Voice) => boolean,
  snapshot: Snapshot,
): readonly string[] | null {
  const upToDate = voices.filter((voice) => !isBehind(voice))
  const groups = new Map<string, { readonly records: readonly string[]; readonly servers: Set<DomainName> }>()
  for (const voice of upToDate) {
    const records = recordsOf(voice, question)
    if (records === null) continue
    const key = JSON.stringify(records)
    const group = groups.get(key) ?? { records, servers: new Set<DomainName>() }
    group.servers.add(voice.server)
    groups.set(key, group)
  }
  const most = Math.max(...[...groups.values()].map(({ servers }) => servers.size))
  const leading = [...groups.values()].filter(({ servers }) => servers.size === most)
  const believed = resolvedRecords(question, snapshot)
  const known = leading.find(({ records }) => believed !== null && sameRecords(records, believed))
  return (known ?? leading[0])?.records ?? null
}

/** What the server says there is, sorted; null when that is no answer. */
export function recordsOf(
  { answers }: Pick<Voice, 'answers'>,
  { name, type }: ZoneQuestion,
): readonly string[] | null {
  const reply = answers.find((one) => one.name === name && one.type === type)?.reply
  return reply?.outcome === 'seen' && isAnswer(reply.value) ? reply.value.records : null
}

/** An authoritative yes or no. */
export function isAnswer({ rcode, authoritative }: ServerReply): boolean {
  return authoritative && (rcode === 'NOERROR' || rcode === 'NXDOMAIN')
}

/** What the resolvers agreed on in the same look; null when they did not, or were not asked. */
function resolvedRecords({ name, type }: ZoneQuestion, snapshot: Snapshot): readonly string[] | null {
  const { domain, stsRecord, tlsrptRecord, mx, hosts } = snapshot
  if (type === 'MX') {
    if (mx.outcome === 'absent') return []
    if (mx.outcome !== 'seen') return null
    return mx.value.records
      .map(({ preference, exchange }) => `${preference} ${exchange === '.' ? '.' : `${exchange}.`}`)
      .toSorted()
  }
  const own = [
    [childName('_mta-sts', domain), stsRecord],
    [childName('_smtp', childName('_tls', domain)), tlsrptRecord],
    ...hosts.map((host) => [tlsaOwner(host), host.tlsa] as const),
  ] as const
  const look = own.find(([owner]) => owner === name)?.[1]
  if (look === undefined) return null
  if (look.outcome === 'absent') return []
  return look.outcome === 'seen' ? look.value.records.toSorted() : null
}

/** Where the TLSA records of a host for port 25 stand (RFC 7672 §2.2.3). */
export function tlsaOwner({ name, tlsaBase }: Pick<MxHost, 'name' | 'tlsaBase'>): string {
  return `_25._tcp.${tlsaBase ?? name}`
}

function isNoAddress({ type }: ZoneQuestion): boolean {
  return type !== 'A' && type !== 'AAAA'
}

function sameRecords(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((record, index) => record === other[index])
}

function distinct(differences: readonly ServerDifference[]): readonly ServerDifference[] {
  return [...new Map(differences.map((one) => [JSON.stringify(one), one])).values()]
}
