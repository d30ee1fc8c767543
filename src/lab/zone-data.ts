/** What the lab's DNS knows: the records that follow from a world, and what a question gets for an answer. */

import { allHosts } from './machines.ts'
import { type SignedSet, signedSets } from './signatures.ts'
import type { LabNameServer, LabRecord, LabRecordData, World } from './world.ts'

export interface ZoneAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN'
  /** Aliases first, then the records they lead to; empty for a denial. */
  readonly records: readonly LabRecord[]
  /** For the SOA of a denial. */
  readonly zone: string
  readonly secure: boolean
  /** The SOA record of that zone, when it has servers. */
  readonly soa: Extract<LabRecord, { readonly type: 'SOA' }> | null
  /** Those of the records that are signed. */
  readonly signed: readonly SignedSet[]
}

export interface ZoneData {
  /** `name` in lower case without the root dot. */
  answer(name: string, type: string): ZoneAnswer
}

const HOST_TTL_SECONDS = 300
const NS_TTL_SECONDS = 3_600

/** Reads the records off the world once; questions are then cheap. */
export function zoneData(world: World): ZoneData {
  const records = new Map<string, LabRecord[]>()
  // A name also exists when only names below it have records (RFC 8020 §2).
  const names = new Set<string>()
  for (const record of allRecords(world)) {
    const set = records.get(record.name)
    if (set === undefined) records.set(record.name, [record])
    else set.push(record)
    for (let name = record.name; name !== '' && !names.has(name); name = parentOf(name)) names.add(name)
  }
  const zones = new Map<string, boolean>()
  for (const { name, secure } of [...world.zones, ...world.domains]) zones.set(name.toLowerCase(), secure)

  return {
    answer(name, type) {
      const chain = followAliases(records, name, type)
      const end = chain.at(-1)?.target ?? name
      const found = (records.get(end) ?? []).filter((record) => record.type === type)
      const zone = zoneOf(end, zones)
      const secureZoneOf = (n: string) => {
        const at = zoneOf(n, zones)
        return zones.get(at) === true ? at : null
      }
      return {
        rcode: names.has(end) ? 'NOERROR' : 'NXDOMAIN',
        records: [...chain, ...found],
        zone,
        soa: records.get(zone)?.find((record) => record.type === 'SOA') ?? null,
        secure: [name, ...chain.map(({ target }) => target)].every((n) => secureZoneOf(n) !== null),
        signed: signedSets([...chain, ...found], secureZoneOf, world.signatures),
      }
    },
  }
}

type Alias = LabRecord & { readonly type: 'CNAME' }

/** The chain of aliases from `name`, stopping where it would repeat. */
function followAliases(
  records: ReadonlyMap<string, readonly LabRecord[]>,
  name: string,
  type: string,
): readonly Alias[] {
  const chain: Alias[] = []
  const seen = new Set<string>()
  for (let at = name; type !== 'CNAME' && !seen.has(at); ) {
    seen.add(at)
    const alias = records.get(at)?.find((record): record is Alias => record.type === 'CNAME')
    if (alias === undefined) break
    chain.push(alias)
    at = alias.target
  }
  return chain
}

function allRecords(world: World): readonly LabRecord[] {
  const records: LabRecord[] = []
  const add = (name: string, ttlSeconds: number, data: LabRecordData) => {
    records.push({ ...data, name: name.toLowerCase(), ttlSeconds })
  }
  for (const domain of world.domains) {
    const ttl = domain.ttlSeconds
    for (const text of domain.stsRecord) add(`_mta-sts.${domain.name}`, ttl, { type: 'TXT', text })
    for (const text of domain.tlsrptRecord) add(`_smtp._tls.${domain.name}`, ttl, { type: 'TXT', text })
    for (const mx of domain.mx) add(domain.name, ttl, { type: 'MX', ...mx })
    for (const address of domain.addresses) add(domain.name, ttl, addressRecord(address))
  }
  for (const server of world.nameServers) {
    add(server.zone, NS_TTL_SECONDS, { type: 'NS', target: server.name.toLowerCase() })
    for (const address of server.addresses) add(server.name, HOST_TTL_SECONDS, addressRecord(address))
  }
  for (const { zone, name, serial } of firstServers(world)) {
    add(zone, NS_TTL_SECONDS, { type: 'SOA', serial, mname: name.toLowerCase() })
  }
  for (const host of allHosts(world)) {
    for (const address of host.addresses) add(host.name, HOST_TTL_SECONDS, addressRecord(address))
  }
  for (const record of world.records) {
    const data = record.type === 'CNAME' ? { ...record, target: record.target.toLowerCase() } : record
    add(record.name, record.ttlSeconds, data)
  }
  return records
}

/** The first server of each zone: the primary. */
function firstServers({ nameServers }: World): readonly LabNameServer[] {
  return [...new Map(nameServers.toReversed().map((server) => [server.zone, server])).values()]
}

function addressRecord(address: string): LabRecordData {
  return { type: address.includes(':') ? 'AAAA' : 'A', address }
}

/** The closest known zone above a name; an unknown one is taken to be its last two labels. */
function zoneOf(name: string, zones: ReadonlyMap<string, boolean>): string {
  for (let at = name; at !== ''; at = parentOf(at)) if (zones.has(at)) return at
  return name.split('.').slice(-2).join('.')
}

function parentOf(name: string): string {
  const dot = name.indexOf('.')
  return dot === -1 ? '' : name.slice(dot + 1)
}
