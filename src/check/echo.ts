import { HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { Change, ChangePart } from '../model/change.ts'

/** While a change spreads, caches answer now the new, now the old: at most twice the usual TTLs (reliability §12.3). */
export const ECHO_MS = 2 * HOUR_MS

/** What comes out of caches. */
const IN_THE_DNS: ReadonlySet<ChangePart> = new Set(['sts-record', 'tlsrpt-record', 'mx', 'tlsa'])

/** Is this a change of DNS records? */
export function isOfDns({ part }: Change): boolean {
  return IN_THE_DNS.has(part)
}

/**
 * The changes with those of the DNS made unremarkable that only repeat or undo what was seen within the last two hours: a change
 * that goes to and fro is told once. `lately` are the domain's changes before this look.
 */
export function withoutEchoes(
  changes: readonly Change[],
  lately: readonly Change[],
  now: UnixMs,
): readonly Change[] {
  const fresh = lately.filter(({ at }) => now - at < ECHO_MS)
  return changes.map((change) =>
    fresh.some((earlier) => isEcho(change, earlier)) ? { ...change, notable: false } : change,
  )
}

function isEcho(change: Change, earlier: Change): boolean {
  if (!isOfDns(change) || change.part !== earlier.part || change.subject !== earlier.subject) return false
  const isSame = same(change.added, earlier.added) && same(change.removed, earlier.removed)
  return isSame || (same(change.added, earlier.removed) && same(change.removed, earlier.added))
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index])
}
