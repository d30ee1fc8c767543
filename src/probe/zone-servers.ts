import { HOUR_MS, MINUTE_MS } from '../lib/time.ts'
import type { ZoneOfName } from '../model/dns.ts'
import type { Observation } from '../model/observation.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type {
  NameServerLook,
  ServerAddressLook,
  ServerAnswer,
  ServerReply,
  ZoneLook,
  ZoneQuestion,
  ZoneRecordType,
} from '../model/zone-look.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { compareText } from './compare-text.ts'
import { stopped } from './deadline.ts'
import { faultOf } from './fault-error.ts'
import { observe, skipped } from './observe.ts'
import type { LookTools } from './probe-tools.ts'
import { serverReply } from './server-reply.ts'
import { createSharedLooks, type SharedLooks } from './shared-looks.ts'
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

/** `zone name type`: the three in one key. */
type QuestionKey = string

interface Shared {
  readonly zones: SharedLooks<DomainName, Observation<ZoneOfName>>
  readonly rosters: SharedLooks<DomainName, Roster>
  readonly replies: SharedLooks<QuestionKey, Replies>
}

interface Asked {
  readonly tools: LookTools
  readonly shared: Shared
  readonly maxAgeMs: number
  readonly signal: AbortSignal
}

/** What came to nothing is tried again so soon. */
const FAILED_AGE_MS = 5 * MINUTE_MS

/** One per program: a zone is asked for the same thing once in `maxAgeMs`, whichever domains need it (R32). */
export function createZoneLooks(tools: LookTools): LookAtZones {
  const shared = sharedLooks(tools)
  return async (snapshot, maxAgeMs, outer) => {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(tools.limits.zonesMs)])
    const asked: Asked = { tools, shared, maxAgeMs, signal }
    const { counts } = tools.limits
    const { zones, homeless } = await zoneQuestions(snapshot, counts.zoneHosts, (name) =>
      findZone(asked, name),
    )
    const known = [...zones].slice(0, counts.zones)
    const looks = await Promise.all(known.map(([zone, questions]) => lookAtZone(asked, zone, questions)))
    const lost = [...homeless].map(([name, fault]): ZoneLook => {
      const at = tools.clock.now()
      return { name, takenAt: at, nameServers: { outcome: 'failed', at, tookMs: 0, fault }, servers: [] }
    })
    return [...looks, ...lost].toSorted((one, other) => compareText(one.name, other.name))
  }
}

function sharedLooks(tools: LookTools): Shared {
  const { clock } = tools
  const rosters = createSharedLooks<DomainName, Roster>(
    clock,
    (zone, signal) => callTheRoll(tools, zone, signal),
    (zone) => ({
      name: zone,
      takenAt: clock.now(),
      nameServers: givenUp(tools, `the servers of ${zone}`),
      servers: [],
    }),
  )
  return {
    zones: createSharedLooks(
      clock,
      (name, signal) => tools.resolver.zoneOf(name, signal),
      (name) => givenUp(tools, `the zone of ${name}`),
    ),
    rosters,
    replies: createSharedLooks<QuestionKey, Replies>(
      clock,
      async (key, signal) => {
        const { zone, question } = questionOf(key)
        // Called a moment ago, by whoever wants these replies.
        return await askAll(tools, await rosters.get(zone, HOUR_MS, signal), question, signal)
      },
      () => new Map(),
    ),
  }
}

function keyOf(zone: DomainName, { name, type }: ZoneQuestion): QuestionKey {
  return `${zone} ${name} ${type}`
}

function questionOf(key: QuestionKey): { readonly zone: DomainName; readonly question: ZoneQuestion } {
  const [zone, name, type] = key.split(' ')
  return { zone: zone as DomainName, question: { name: name as DomainName, type: type as ZoneRecordType } }
}

async function findZone(
  { shared, maxAgeMs, signal }: Asked,
  name: DomainName,
): Promise<Observation<ZoneOfName>> {
  const found = await shared.zones.get(name, maxAgeMs, signal)
  if (found.outcome !== 'failed') return found
  return await shared.zones.get(name, Math.min(maxAgeMs, FAILED_AGE_MS), signal)
}

async function rosterOf({ shared, maxAgeMs, signal }: Asked, zone: DomainName): Promise<Roster> {
  const roster = await shared.rosters.get(zone, maxAgeMs, signal)
  if (roster.nameServers.outcome !== 'failed') return roster
  return await shared.rosters.get(zone, Math.min(maxAgeMs, FAILED_AGE_MS), signal)
}

async function lookAtZone(
  asked: Asked,
  zone: DomainName,
  questions: readonly ZoneQuestion[],
): Promise<ZoneLook> {
  const { shared, maxAgeMs, signal } = asked
  const roster = await rosterOf(asked, zone)
  const answers = await Promise.all(
    questions.map(async (question) => ({
      question,
      replies: await shared.replies.get(keyOf(zone, question), maxAgeMs, signal),
    })),
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
  { servers }: Roster,
  question: ZoneQuestion,
  signal: AbortSignal,
): Promise<Replies> {
  const willing = servers.flatMap(({ asked }) => asked.filter(({ soa }) => isServing(soa)))
  const addresses = [...new Set(willing.map(({ address }) => address))]
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
