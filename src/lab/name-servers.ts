import type { UnixMs } from '../lib/time.ts'
import type { Endpoint } from '../model/route.ts'
import { parseIpAddress } from '../protocol/ip-address.ts'
import { type DnsQuery, type DnsReply, replyFrom } from './dns.ts'
import { dnsAnswer, faultFor } from './dns-answer.ts'
import { DnsSocket, type DnsTransport } from './dns-socket.ts'
import type { DnsEntry } from './journal.ts'
import type { LabNameServer, World } from './world.ts'
import { type ZoneData, zoneData } from './zone-data.ts'

/** Ports kept in reserve for servers that a changed world brings. */
const SPARE = 4

export interface NameServerView {
  readonly world: World
  now(): UnixMs
  seen(entry: Omit<DnsEntry, 'at'>): void
}

/** The authoritative servers of the world, each address on a loopback port of its own. */
export class LabNameServers implements AsyncDisposable {
  readonly #view: NameServerView
  readonly #spare: DnsSocket[]
  readonly #taken = new Map<string, DnsSocket>()
  readonly #zones = new WeakMap<World, Map<LabNameServer, ZoneData>>()

  private constructor(view: NameServerView, sockets: readonly DnsSocket[]) {
    this.#view = view
    this.#spare = [...sockets]
  }

  static async start(view: NameServerView): Promise<LabNameServers> {
    const count = view.world.nameServers.reduce((sum, { addresses }) => sum + addresses.length, 0)
    const opening = Array.from({ length: count + SPARE }, () => DnsSocket.open())
    return new LabNameServers(view, await Promise.all(opening))
  }

  /** Where a question to this address goes; null when no name server lives there. */
  routeTo(address: string): Endpoint | 'refused' | 'timeout' | 'no-route' | null {
    const servers = this.#at(address)
    const [first] = servers
    if (first === undefined) return null
    return first.path === 'open' ? this.#socketOf(address).endpoint : first.path
  }

  #at(address: string): readonly LabNameServer[] {
    const wanted = parseIpAddress(address) ?? address
    return this.#view.world.nameServers.filter(({ addresses }) =>
      addresses.some((one) => (parseIpAddress(one) ?? one) === wanted),
    )
  }

  #socketOf(address: string): DnsSocket {
    const known = this.#taken.get(address)
    if (known !== undefined) return known
    const socket = this.#spare.pop()
    if (socket === undefined) {
      throw new Error(`the lab has no port left for the name server at ${address}: start it with its servers`)
    }
    socket.answering = (query, transport) => this.#reply(address, query, transport)
    this.#taken.set(address, socket)
    return socket
  }

  #reply(address: string, query: DnsQuery, transport: DnsTransport): Buffer | 'silence' | 'reset' {
    const { type } = query.question
    const servers = this.#at(address)
    const server = servers.find(({ zone }) => isWithin(query.name, zone)) ?? servers[0]
    // The world changed between the route and the question.
    if (server === undefined) return 'silence'
    this.#view.seen({ resolver: server.name, transport, name: query.name, type })
    const zones = this.#zonesOf(server)
    return dnsAnswer(
      query,
      ownReply(query, server, zones, this.#view.now()),
      server.zone,
      faultFor(server.faults, query),
      transport,
    )
  }

  #zonesOf(server: LabNameServer): ZoneData {
    const { world } = this.#view
    const known = this.#zones.get(world) ?? new Map<LabNameServer, ZoneData>()
    this.#zones.set(world, known)
    const zones = known.get(server) ?? zoneData(asSeenBy(server, world))
    known.set(server, zones)
    return zones
  }

  /** Closes every listener and every open connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#spare, ...this.#taken.values()].map((one) => one[Symbol.asyncDispose]()))
  }
}

/** The world with what this server has in place of what is right. */
function asSeenBy(server: LabNameServer, world: World): World {
  const domains = world.domains.map((domain) =>
    domain.name === server.zone ? { ...domain, ...server.domain } : domain,
  )
  const nameServers = world.nameServers.map((one) =>
    one.zone === server.zone ? { ...one, serial: server.serial } : one,
  )
  return { ...world, domains, nameServers, records: server.records ?? world.records }
}

/** An authoritative server answers for its zone and what lies below, and follows an alias no further than to the zone's edge. */
function ownReply(query: DnsQuery, server: LabNameServer, zones: ZoneData, now: UnixMs): DnsReply {
  const { type } = query.question
  const honest = replyFrom(zones.answer(query.name, type), type, now)
  const own = { ...honest, authoritative: server.authoritative, secure: false }
  if (!isWithin(query.name, server.zone))
    return { ...own, rcode: 'REFUSED', records: [], signatures: [], soaZone: null }
  const records = own.records.filter(({ name }) => isWithin(name, server.zone))
  return { ...own, records, soaZone: records.length > 0 ? null : own.soaZone }
}

function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`)
}
