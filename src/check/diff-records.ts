import type { UnixMs } from '../lib/time.ts'
import type { Change, ChangePart } from '../model/change.ts'
import type { DnsAnswer } from '../model/dns.ts'
import type { Observation } from '../model/observation.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** The record sets of one name at two looks. */
export interface Pair<T> {
  readonly at: UnixMs
  readonly before: readonly T[]
  readonly after: readonly T[]
}

/** Both record sets, when both looks have an answer; an authoritative no is the empty set. */
export function answers<T>(
  before: Observation<DnsAnswer<readonly T[]>>,
  after: Observation<DnsAnswer<readonly T[]>>,
): Pair<T> | null {
  if (before.outcome !== 'seen' && before.outcome !== 'absent') return null
  if (after.outcome !== 'seen' && after.outcome !== 'absent') return null
  return {
    at: after.at,
    before: before.outcome === 'seen' ? before.value.records : [],
    after: after.outcome === 'seen' ? after.value.records : [],
  }
}

/** One change for a set of record texts, or none when the sets are equal. */
export function listChange(
  { domain }: Snapshot,
  part: ChangePart,
  subject: string | null,
  name: string,
  { at, before, after }: Pair<string>,
): readonly Change[] {
  const removed = before.filter((text) => !after.includes(text)).toSorted()
  const added = after.filter((text) => !before.includes(text)).toSorted()
  if (removed.length === 0 && added.length === 0) return []
  const summary = listSummary(name, before.length, after.length, removed, added)
  return [{ domain, at, part, subject, summary, removed, added, notable: true, settles: null }]
}

function listSummary(
  name: string,
  had: number,
  has: number,
  removed: readonly string[],
  added: readonly string[],
): string {
  if (had === 0) return `${name} published: ${added.join(', ')}`
  if (has === 0) return `${name} removed`
  if (removed.length === 1 && added.length === 1) return `${name}: ${removed[0]} → ${added[0]}`
  const parts = [
    ...(added.length > 0 ? [`gained ${added.join(', ')}`] : []),
    ...(removed.length > 0 ? [`lost ${removed.join(', ')}`] : []),
  ]
  return `${name} ${parts.join(' and ')}`
}
