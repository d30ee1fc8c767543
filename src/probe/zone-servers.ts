import type { Observation } from '../model/observation.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type {
  NameServerLook,
  ServerAddressLook,
  ServerAnswer,
  ServerReply,
  ZoneLook,
  ZoneQuestion,
} from '../model/zone-look.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { compareText } from './compare-text.ts'
import { stopped } from './deadline.ts'
import { faultOf } from './fault-error.ts'
import { createLookCache, type LookCache } from './look-cache.ts'
import { observe, skipped } from './observe.ts'
import type { LookTools } from './probe-tools.ts'
import { serverReply } from './server-reply.ts'
import { zoneQuestions } from './zone-questions.ts'

/** Asks every authoritative server of the zones that a domain's mail depends on. */
export type LookAtZones = (
  snapshot: Pick<Snapshot, 'domain' | 'hosts'>,
  maxAgeMs: number,
  signal: AbortSignal,
) => Promise<readonly ZoneLook[]>

/** A zone's servers and their SOA records: what all domains that need the zone share. */
type Roster = Omit<ZoneLook, 'servers'> & { readonly servers: readonly RosterServer[] }
type RosterServer = Omit<NameServerLook, 'asked'> & {
  readonly asked: readonly Omit<ServerAddressLook, 'answers'>[]
}

type Replies = ReadonlyMap<IpAddress, Observation<ServerReply>>

interface Caches {
  readonly zones: LookCache<Awaited<ReturnType<LookTools['resolver']['zoneOf']>>>
  readonly rosters: LookCache<Roster>
  readonly replies: LookCache<Replies>
}

interface Asked {
  readonly tools: LookTools
  readonly caches: Caches
  readonly maxAgeMs: number
  readonly signal: AbortSignal
}

/** One per program: a zone is asked for the same thing once in `maxAgeMs`, whichever domains need it (R32). */
export function createZoneLooks(tools: LookTools): LookAtZones {
  const caches: Caches = {
    zones: createLookCache(tools.clock),
    rosters: createLookCache(tools.clock),
    replies: createLookCache(tools.clock),
  }
  return async (snapshot, maxAgeMs, outer) => {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(tools.limits.zonesMs)])
    const asked: Asked = { tools, caches, maxAgeMs, signal }
    const { zones, homeless } = await zoneQuestions(snapshot, tools.limits.counts.zoneHosts, (name) =>
      findZone(asked, name),
    )
    const known = [...zones].slice(0, tools.limits.counts.zones)
    const looks = await Promise.all(known.map(([zone, questions]) => lookAtZone(asked, zone, questions)))
    const lost = [...homeless].map(([name, fault]): ZoneLook => {
      const at = tools.clock.now()
      return { name, takenAt: at, nameServers: { outcome: 'failed', at, tookMs: 0, fault }, servers: [] }
    })
    return [...looks, ...lost].toSorted((one, other) => compareText(one.name, other.name))
  }
}

function findZone({ tools, caches, maxAgeMs, signal }: Asked, name: DomainName) {
  return caches.zones.get(name, maxAgeMs, {
    signal,
    look: (shared) => tools.resolver.zoneOf(name, shared),
    givenUp: () => givenUp(tools, `the zone of ${name}`),
  })
}

async function lookAtZone(
  asked: Asked,
  zone: DomainName,
  questions: readonly ZoneQuestion[],
): Promise<ZoneLook> {
  const { tools, caches, maxAgeMs, signal } = asked
  const roster = await caches.rosters.get(zone, maxAgeMs, {
    signal,
    look: (shared) => callTheRoll(tools, zone, shared),
    givenUp: () => ({
      name: zone,
      takenAt: tools.clock.now(),
      nameServers: givenUp(tools, `the servers of ${zone}`),
      servers: [],
    }),
  })
  const willing = roster.servers.flatMap((server) => server.asked.filter(({ soa }) => isServing(soa)))
  const addresses = [...new Set(willing.map(({ address }) => address))]
  const answers = await Promise.all(
    questions.map(async (question) => {
      const replies = await caches.replies.get(`${zone} ${question.name} ${question.type}`, maxAgeMs, {
        signal,
        look: (shared) => askAll(tools, addresses, question, shared),
        givenUp: () => new Map(),
      })
      return { question, replies }
    }),
  )
  const answersOf = (address: IpAddress): readonly ServerAnswer[] =>
    answers.map(({ question, replies }) => ({
      ...question,
      reply: replies.get(address) ?? skipped('the server does not serve the zone'),
    }))
  return {
    ...roster,
    servers: roster.servers.map((server) => ({
      ...server,
      asked: server.asked.map((one) => ({ ...one, answers: answersOf(one.address) })),
    })),
  }
}

/** Who serves the zone, and what serial each of its addresses has. */
async function callTheRoll(tools: LookTools, zone: DomainName, signal: AbortSignal): Promise<Roster> {
  const takenAt = tools.clock.now()
  const nameServers = await tools.resolver.ns(zone, signal)
  const names = nameServers.outcome === 'seen' ? nameServers.value.records : []
  const { nameServers: most, addressesPerServer } = tools.limits.counts
  const servers = names.slice(0, most).map(async (name): Promise<RosterServer> => {
    const addresses = await tools.resolver.addresses(name, signal)
    const list = addresses.outcome === 'seen' ? addresses.value.records.slice(0, addressesPerServer) : []
    const asked = list.map(async (address) => ({
      address,
      soa: await askServer(tools, address, { name: zone, type: 'SOA' }, signal),
    }))
    return { name, addresses, asked: await Promise.all(asked) }
  })
  return { name: zone, takenAt, nameServers, servers: await Promise.all(servers) }
}

/** Whoever is silent or does not have the zone is not asked further. */
function isServing(soa: Observation<ServerReply>): boolean {
  return soa.outcome === 'seen' && soa.value.authoritative && soa.value.rcode === 'NOERROR'
}

async function askAll(
  tools: LookTools,
  addresses: readonly IpAddress[],
  question: ZoneQuestion,
  signal: AbortSignal,
): Promise<Replies> {
  const replies = addresses.map(
    async (address) => [address, await askServer(tools, address, question, signal)] as const,
  )
  return new Map(await Promise.all(replies))
}

async function askServer(
  tools: LookTools,
  address: IpAddress,
  question: { readonly name: DomainName; readonly type: ZoneQuestion['type'] | 'SOA' },
  signal: AbortSignal,
): Promise<Observation<ServerReply>> {
  const ask = () =>
    observe(tools.clock, async () =>
      serverReply(await tools.nameServers.ask(address, question, signal), question),
    )
  try {
    return await tools.nameServerLimiter(address, signal, ask)
  } catch (error) {
    // Given up while it waited for its turn.
    return await observe<ServerReply>(tools.clock, () => Promise.reject(error))
  }
}

function givenUp(tools: LookTools, what: string): Observation<never> {
  return { outcome: 'failed', at: tools.clock.now(), tookMs: 0, fault: faultOf(stopped(what)) }
}
