import { SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { Settling } from '../model/change.ts'
import type { DnsAnswer, SoaRecord } from '../model/dns.ts'
import type { Observation } from '../model/observation.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { ServerReply, ZoneLook, ZoneQuestion } from '../model/zone-look.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { recordsOf } from './stale-servers.ts'

/** What the DNS said of a name before a change, as far as caches are concerned. */
export type FormerAnswer =
  /** TTL as published by the authoritative servers (RFC 1035 §3.2.1). */
  | { readonly kind: 'records'; readonly ttlSeconds: number }
  | { readonly kind: 'absent'; readonly soa: Pick<SoaRecord, 'minimumSeconds' | 'ttlSeconds'> }

/**
 * Until when a resolver that honours TTLs may still give the former answer, when the last authoritative server gave it at
 * `lastServedAt`. Of a name or type that did not exist, the denial is kept for the smaller of the SOA record's own TTL and its MINIMUM
 * field (RFC 2308 §5).
 */
export function settlesAt(former: FormerAnswer, lastServedAt: UnixMs): UnixMs {
  return lastServedAt + keptSeconds(former) * SECOND_MS
}

/** How long a cache may keep an answer. */
export function keptSeconds(former: FormerAnswer): number {
  return former.kind === 'records'
    ? former.ttlSeconds
    : Math.min(former.soa.minimumSeconds, former.soa.ttlSeconds)
}

export type RecordsLook = Observation<DnsAnswer<readonly unknown[]>>

/**
 * How the change of one name spreads, seen between two looks: what caches may keep of the old answer, and which servers still
 * gave it at the second look, when the servers were asked then. Null when nothing tells how long the old answer may be kept.
 */
export function settling(
  question: ZoneQuestion,
  { before, old }: { readonly before: Snapshot; readonly old: RecordsLook },
  after: Snapshot,
): Settling | null {
  const former = formerAnswer(question, before, after, old)
  if (former === null) return null
  return { at: settlesAt(former, after.takenAt), waitingFor: serversWithOld(question, before, after) }
}

function formerAnswer(
  question: ZoneQuestion,
  before: Snapshot,
  after: Snapshot,
  old: RecordsLook,
): FormerAnswer | null {
  if (old.outcome === 'absent') {
    const soa = soaFor(question, before) ?? soaFor(question, after)
    return soa === null ? null : { kind: 'absent', soa }
  }
  if (old.outcome !== 'seen') return null
  // A resolver tells what is left of the TTL; a server tells the whole.
  const whole = repliesTo(question, before).flatMap(({ records, ttlSeconds }) =>
    records.length > 0 && ttlSeconds !== null ? [ttlSeconds] : [],
  )
  return { kind: 'records', ttlSeconds: Math.max(old.value.ttlSeconds, ...whole) }
}

function soaFor(question: ZoneQuestion, snapshot: Snapshot): SoaRecord | null {
  const zone = snapshot.zones.find((one) => asks(one, question))
  const soas = (zone?.servers ?? []).flatMap(({ asked }) =>
    asked.flatMap(({ soa }) => (soa.outcome === 'seen' && soa.value.soa !== null ? [soa.value.soa] : [])),
  )
  return soas[0] ?? null
}

function repliesTo(question: ZoneQuestion, { zones }: Snapshot): readonly ServerReply[] {
  return zones.flatMap(({ servers }) =>
    servers.flatMap(({ asked }) =>
      asked.flatMap(({ answers }) => {
        const reply = answers.find((one) => isSame(one, question))?.reply
        return reply?.outcome === 'seen' ? [reply.value] : []
      }),
    ),
  )
}

/** The servers that gave, when asked again, what all gave before. */
function serversWithOld(question: ZoneQuestion, before: Snapshot, after: Snapshot): readonly DomainName[] {
  const former = new Set(repliesTo(question, before).map(({ records }) => JSON.stringify(records)))
  const fresh = after.zones.filter(({ takenAt }) => takenAt >= after.takenAt)
  const [old] = former
  if (former.size !== 1 || old === undefined) return []
  return fresh.flatMap(({ servers }) =>
    servers.flatMap(({ name, asked }) =>
      asked.some((one) => JSON.stringify(recordsOf(one, question)) === old) ? [name] : [],
    ),
  )
}

function asks({ servers }: ZoneLook, question: ZoneQuestion): boolean {
  return servers.some(({ asked }) =>
    asked.some(({ answers }) => answers.some((one) => isSame(one, question))),
  )
}

function isSame(one: ZoneQuestion, other: ZoneQuestion): boolean {
  return one.name === other.name && one.type === other.type
}
