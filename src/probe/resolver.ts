import type { Clock } from '../lib/time.ts'
import type { DnsAnswer, MxRecord, Resolver, ZoneOfName } from '../model/dns.ts'
import type { Absent, DnsSecurity, Failed, Observation, Seen } from '../model/observation.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import { type IpAddress, parseIpAddress } from '../protocol/ip-address.ts'
import { compareText } from './compare-text.ts'
import { stopped, withDeadline } from './deadline.ts'
import { type LookUp, type LookUpAnswer, lookUp, type ResolverServer } from './dns-lookup.ts'
import type { DnsRecord, DnsType } from './dns-message.ts'
import { agree, quorumOf } from './dns-quorum.ts'
import { faultOf } from './fault-error.ts'
import type { DnsLimits } from './limits.ts'
import { createLimiter } from './politeness.ts'
import { earlier } from './signature-life.ts'

export interface ResolverTools {
  /** At least one. With two both must agree, with more a majority (R26). */
  readonly servers: readonly ResolverServer[]
  readonly clock: Clock
  readonly limits: DnsLimits
}

type Look = Observation<LookUpAnswer>

// A reason made once: a fresh one for every question would cost more than the question.
const SETTLED = new Error('the other resolvers have agreed')

/** The door to the DNS. Only NOERROR with data, NODATA and NXDOMAIN are answers; all else is a fault (R25). */
export function createResolver({ servers, clock, limits }: ResolverTools): Resolver {
  if (servers.length === 0) throw new Error('a resolver needs at least one server')
  const limiter = createLimiter(limits.atOnce)

  async function ask(name: DomainName, type: DnsType, outer: AbortSignal): Promise<Look> {
    const told = await askForLookUp(name, type, outer)
    if (told.outcome !== 'seen') return told
    const { value, ...rest } = told
    if (value.outcome === 'answer') return { ...rest, value }
    const { denial, secure } = value
    return { ...rest, outcome: 'absent', denial, security: securityOf(secure) }
  }

  async function askForLookUp(
    name: DomainName,
    type: DnsType,
    outer: AbortSignal,
  ): Promise<Seen<LookUp> | Failed> {
    const at = clock.now()
    const since = clock.monotonicMs()
    const told = () => ({ at, tookMs: clock.monotonicMs() - since })
    try {
      const agreement = await limiter(outer, () =>
        withDeadline(limits.totalMs, outer, `${name} ${type}`, (signal) => askAll(name, type, signal)),
      )
      if (!agreement.agreed) return { outcome: 'failed', ...told(), fault: agreement.fault }
      return { outcome: 'seen', ...told(), value: agreement.lookUp }
    } catch (error) {
      return { outcome: 'failed', ...told(), fault: faultOf(error) }
    }
  }

  async function askAll(name: DomainName, type: DnsType, signal: AbortSignal) {
    const rest = new AbortController()
    const each = AbortSignal.any([signal, rest.signal])
    const asking = servers.map((server) => lookUp(server, name, type, limits, each))
    const agreement = await agree(asking, quorumOf(servers.length), () => rest.abort(SETTLED))
    if (signal.aborted && !agreement.agreed) throw stopped(`${name} ${type}`)
    return agreement
  }

  return {
    txt: async (name, signal) =>
      answered(await ask(name, 'TXT', signal), (record) => (record.type === 'TXT' ? [record.text] : [])),
    mx: async (name, signal) => answered(await ask(name, 'MX', signal), toMxRecord),
    tlsa: async (name, signal) =>
      answered(await ask(name, 'TLSA', signal), (record) => (record.type === 'TLSA' ? [record.rdata] : [])),
    ns: async (zone, signal) => sorted(answered(await ask(zone, 'NS', signal), toNameServer)),
    zoneOf: async (name, signal) => zoneFrom(await askForLookUp(name, 'SOA', signal)),
    async addresses(name, signal) {
      const families = [ask(name, 'A', signal), ask(name, 'AAAA', signal)] as const
      const [a, aaaa] = await Promise.all(families)
      return bothFamilies(answered(a, toAddress), answered(aaaa, toAddress))
    },
  }
}

function answered<T>(
  look: Look,
  read: (record: DnsRecord) => readonly T[],
): Observation<DnsAnswer<readonly T[]>> {
  if (look.outcome !== 'seen') return look
  const { records, secure, ttlSeconds, cnames, signatures } = look.value
  return {
    ...look,
    value: { records: records.flatMap(read), ttlSeconds, security: securityOf(secure), cnames, signatures },
  }
}

function toNameServer(record: DnsRecord): readonly DomainName[] {
  const name = record.type === 'NS' ? parseDomainName(record.target) : null
  return name === null ? [] : [name]
}

function sorted<T extends string>(
  look: Observation<DnsAnswer<readonly T[]>>,
): Observation<DnsAnswer<readonly T[]>> {
  if (look.outcome !== 'seen') return look
  return { ...look, value: { ...look.value, records: look.value.records.toSorted(compareText) } }
}

/** RFC 2308 §2: a denial comes with the SOA record of the zone that it is of. */
function zoneFrom(look: Seen<LookUp> | Failed): Observation<ZoneOfName> {
  if (look.outcome !== 'seen') return look
  const { value, ...told } = look
  const record =
    value.outcome === 'denial' ? value.soa : (value.records.find(({ type }) => type === 'SOA') ?? null)
  const zone = record === null ? null : parseDomainName(record.owner)
  if (record?.type !== 'SOA' || zone === null) {
    return { ...told, outcome: 'absent', denial: 'nodata', security: securityOf(value.secure) }
  }
  return { ...told, value: { zone, soa: record.soa, cnames: value.cnames } }
}

function toMxRecord(record: DnsRecord): readonly MxRecord[] {
  return record.type === 'MX' ? [{ preference: record.preference, exchange: record.exchange }] : []
}

function toAddress(record: DnsRecord): readonly IpAddress[] {
  const address = record.type === 'A' || record.type === 'AAAA' ? parseIpAddress(record.address) : null
  return address === null ? [] : [address]
}

function securityOf(secure: boolean): DnsSecurity {
  return secure ? 'secure' : 'insecure'
}

type AddressLook = Observation<DnsAnswer<readonly IpAddress[]>>

/**
 * A and AAAA as one look. When one half failed and the other has addresses, those are given: they can be probed, and
 * a broken AAAA does not hide a broken certificate. They then count as insecure, since the whole was not validated.
 * A failed half beside an absent one is a fault: the missing addresses may exist.
 */
function bothFamilies(a: AddressLook, aaaa: AddressLook): AddressLook {
  const tookMs = Math.max(tookOf(a), tookOf(aaaa))
  const seen = [a, aaaa].flatMap((look) => (look.outcome === 'seen' ? [look] : []))
  const absent = [a, aaaa].flatMap((look) => (look.outcome === 'absent' ? [look] : []))
  const [first] = seen
  if (first !== undefined) {
    const secure = [...seen.map((look) => look.value.security), ...absent.map((look) => look.security)]
    return {
      outcome: 'seen',
      at: first.at,
      tookMs,
      value: {
        records: [...new Set(seen.flatMap((look) => look.value.records))].sort(compareText),
        ttlSeconds: Math.min(...seen.map((look) => look.value.ttlSeconds)),
        security: securityOf(secure.length === 2 && secure.every((one) => one === 'secure')),
        cnames: first.value.cnames,
        signatures: seen.map((look) => look.value.signatures).reduce(earlier, null),
      },
    }
  }
  const [failed] = [a, aaaa].filter((look) => look.outcome === 'failed')
  return failed ?? bothAbsent(absent, a, tookMs)
}

function bothAbsent(absent: readonly Absent[], fallback: AddressLook, tookMs: number): AddressLook {
  const [first] = absent
  if (first === undefined) return fallback
  // The name exists as soon as one answer says NODATA.
  const denial = absent.every((look) => look.denial === 'nxdomain') ? 'nxdomain' : 'nodata'
  const secure = absent.every((look) => look.security === 'secure')
  return { ...first, tookMs, denial, security: securityOf(secure) }
}

function tookOf(look: AddressLook): number {
  return look.outcome === 'skipped' ? 0 : look.tookMs
}
