import { patternSet, stillHeld } from '../check/ledger.ts'
import { HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { Change } from '../model/change.ts'
import type { PolicyVersion } from '../model/policy-version.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'

const CHANGES_MAX = 2_000

/**
 * When MX hosts were seen joining, since a policy was last served that another has replaced. It costs a query only where
 * the policies that may be held differ in their mx lines.
 */
export async function loadMxJoined(
  domain: DomainName,
  versions: readonly PolicyVersion[],
  now: UnixMs,
  { snapshots }: Pick<Store, 'snapshots'>,
): Promise<ReadonlyMap<string, UnixMs>> {
  const held = stillHeld(versions, now)
  const sets = new Set(held.map(({ mxPatterns }) => patternSet(mxPatterns)))
  if (sets.size < 2) return new Map()
  const since = Math.min(...held.map(({ lastSeenAt }) => lastSeenAt)) - HOUR_MS
  return mxJoined(await snapshots.changes(domain, since, CHANGES_MAX))
}

/** The last time for each host, of changes in their order. */
export function mxJoined(changes: readonly Change[]): ReadonlyMap<string, UnixMs> {
  const joined = new Map<string, UnixMs>()
  for (const { part, at, added } of changes) {
    if (part !== 'mx') continue
    for (const line of added) joined.set(line.replace(/^\d+ /, '').replace(/\.$/, ''), at)
  }
  return joined
}
