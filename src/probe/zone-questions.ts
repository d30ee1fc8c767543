import type { Resolver } from '../model/dns.ts'
import type { Fault } from '../model/fault.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { ZoneQuestion, ZoneRecordType } from '../model/zone-look.ts'
import { childName, type DomainName, parseDomainName } from '../protocol/domain-name.ts'

/** Which questions go to the servers of which zone, and for which names no zone could be found. */
export interface ZoneQuestions {
  readonly zones: ReadonlyMap<DomainName, readonly ZoneQuestion[]>
  readonly homeless: ReadonlyMap<DomainName, Fault>
}

export type FindZone = (name: DomainName) => ReturnType<Resolver['zoneOf']>

/**
 * The records of a domain and of its MX hosts, sorted by the zone that really holds them, wherever a zone is cut. A name
 * that is an alias is asked for in its own zone, which answers with the alias, and the end of the alias in the zone
 * where it lies; what lies between is not asked for. The servers of a top-level domain are left alone.
 */
export async function zoneQuestions(
  { domain, hosts }: Pick<Snapshot, 'domain' | 'hosts'>,
  mxHosts: number,
  findZone: FindZone,
): Promise<ZoneQuestions> {
  const wanted = [
    ...ofDomain(domain),
    ...hosts
      .filter(({ target }) => target === 'host')
      .slice(0, mxHosts)
      .flatMap(({ name, tlsaBase }) => ofHost(name as DomainName, tlsaBase ?? (name as DomainName))),
  ]
  const placed = await Promise.all(wanted.map((question) => place(question, findZone)))
  const zones = new Map<DomainName, ZoneQuestion[]>()
  const homeless = new Map<DomainName, Fault>()
  for (const found of placed.flat()) {
    if (found.zone === null) {
      homeless.set(found.question.name, found.fault)
      continue
    }
    if (!found.zone.includes('.')) continue
    const questions = zones.get(found.zone) ?? []
    const isKnown = questions.some(
      ({ name, type }) => name === found.question.name && type === found.question.type,
    )
    if (!isKnown) questions.push(found.question)
    zones.set(found.zone, questions)
  }
  return { zones, homeless }
}

function ofDomain(domain: DomainName): readonly ZoneQuestion[] {
  return [
    { name: childName('_mta-sts', domain), type: 'TXT' },
    { name: childName('_smtp', childName('_tls', domain)), type: 'TXT' },
    { name: domain, type: 'MX' },
  ]
}

/** The TLSA records are those of the base domain that was found, behind an alias (RFC 7672 §2.2.3). */
function ofHost(host: DomainName, tlsaBase: DomainName): readonly ZoneQuestion[] {
  const types: readonly ZoneRecordType[] = ['A', 'AAAA']
  return [
    ...types.map((type) => ({ name: host, type })),
    { name: childName('_25', childName('_tcp', tlsaBase)), type: 'TLSA' as const },
  ]
}

type Placed =
  | { readonly question: ZoneQuestion; readonly zone: DomainName }
  | { readonly question: ZoneQuestion; readonly zone: null; readonly fault: Fault }

async function place(question: ZoneQuestion, findZone: FindZone): Promise<readonly Placed[]> {
  const found = await findZone(question.name)
  if (found.outcome === 'failed') return [{ question, zone: null, fault: found.fault }]
  if (found.outcome !== 'seen') return []
  const { zone, cnames } = found.value
  const end = cnames.at(-1)
  if (end === undefined) return [{ question, zone }]
  const parent = parseDomainName(question.name.slice(question.name.indexOf('.') + 1))
  const own = parent === null ? null : await findZone(parent)
  return [
    ...(own?.outcome === 'seen' && own.value.cnames.length === 0 ? [{ question, zone: own.value.zone }] : []),
    { question: { ...question, name: end }, zone },
  ]
}
