import { DAY_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { AppliedPolicy, PolicyVersion } from '../model/policy-version.ts'

/** Questions to the cache-horizon ledger: which policy texts may senders still hold, and until when? */

/** RFC 8461 §3.2: the greatest max_age; a larger one is held no longer than this. */
export const GREATEST_MAX_AGE_SECONDS = 31_557_600

/** The last moment at which a sender that fetches now may still apply what it got. */
export function horizonAfter(seenAt: UnixMs, maxAgeSeconds: number): UnixMs {
  return seenAt + Math.min(maxAgeSeconds, GREATEST_MAX_AGE_SECONDS) * SECOND_MS
}

export function stillHeld(versions: readonly PolicyVersion[], now: UnixMs): readonly PolicyVersion[] {
  return versions.filter((version) => version.horizonAt > now)
}

/** The latest horizon among these; null when there is none. */
export function latestHorizon(versions: readonly PolicyVersion[]): UnixMs | null {
  return versions.reduce<UnixMs | null>(
    (latest, version) => (latest === null || version.horizonAt > latest ? version.horizonAt : latest),
    null,
  )
}

/** Same mode, lifetime and patterns: a text that differs only in line ends or order is no other policy. */
export function sameMeaning(one: AppliedPolicy, other: AppliedPolicy): boolean {
  return (
    one.mode === other.mode &&
    one.maxAgeSeconds === other.maxAgeSeconds &&
    patternSet(one.mxPatterns) === patternSet(other.mxPatterns)
  )
}

/** `id` for a new record: letters and digits only, never used before (RFC 8461 §3.1). */
export function suggestedId(now: UnixMs): string {
  return `${new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** How long a change that was made on purpose is worth a message. */
export const WEAKENED_MATTERS_MS = 7 * DAY_MS
export const ID_CHANGE_MATTERS_MS = DAY_MS

/** The patterns as one text, whatever their order and repetitions. */
export function patternSet(patterns: readonly string[]): string {
  return [...new Set(patterns)].toSorted((one, other) => (one < other ? -1 : 1)).join(' ')
}
