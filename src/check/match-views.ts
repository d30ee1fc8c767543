import {
  MATCH_RULES,
  MATCHING_READERS,
  type MatchQuirk,
  matchQuirk,
} from '../protocol/mta-sts/match-rules.ts'
import { coversMx, matchesMxPattern } from '../protocol/mta-sts/mx-match.ts'
import { READERS, type Reader, type ReaderId } from '../protocol/mta-sts/readers.ts'

/** A host that the policy covers, but not for everybody. */
export interface MissedHost {
  readonly host: string
  readonly quirk: MatchQuirk
  readonly readers: readonly Reader[]
}

/** Does this reader take the host for covered by the pattern (RFC 8461 §4.1)? */
export function readerMatches(reader: ReaderId, pattern: string, host: string): boolean {
  const quirk = matchQuirk(pattern, host)
  return quirk === null ? matchesMxPattern(pattern, host) : MATCH_RULES[quirk].yes.includes(reader)
}

/** Hosts that some known sender refuses although a pattern covers them. */
export function missedHosts(patterns: readonly string[], hosts: readonly string[]): readonly MissedHost[] {
  return hosts.flatMap((host): readonly MissedHost[] => {
    if (!coversMx(patterns, host)) return []
    const missing = MATCHING_READERS.filter(
      (reader) => !patterns.some((pattern) => readerMatches(reader, pattern, host)),
    )
    const [quirk] = patterns.flatMap((pattern) =>
      matchesMxPattern(pattern, host) ? (matchQuirk(pattern, host) ?? []) : [],
    )
    if (missing.length === 0 || quirk === undefined) return []
    return [{ host, quirk, readers: READERS.filter(({ id }) => missing.includes(id)) }]
  })
}
