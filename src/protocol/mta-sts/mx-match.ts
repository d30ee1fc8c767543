/** MX host names against the `mx` patterns of a policy (RFC 8461 §4.1). */
import { matchesDnsId } from '../x509/identity.ts'

// RFC 5321 §4.1.2: Let-dig [Ldh-str]; 63 octets is the DNS limit of a label.
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i

/**
 * Whether the text is `["*."] Domain` (RFC 8461 §3.2): letter-digit-hyphen labels, no root dot, no underscore, no address
 * literal, at most 253 octets. A dotted quad is legal by this grammar, though it never matches.
 */
export function isLegalMxPattern(pattern: string): boolean {
  if (pattern.length > 253) return false
  const domain = pattern.startsWith('*.') ? pattern.slice(2) : pattern
  return domain.split('.').every((label) => LABEL.test(label))
}

/**
 * Whether the pattern covers this MX host name; the host's root dot and case do not matter. An illegal pattern, an
 * address and the null MX never match.
 */
export function matchesMxPattern(pattern: string, host: string): boolean {
  // RFC 8461 §4.1: matching is that of RFC 6125, with the wildcard only as the whole left-most label.
  return isLegalMxPattern(pattern) && matchesDnsId([pattern], host)
}

/** Whether at least one of the patterns covers the host. */
export function coversMx(patterns: readonly string[], host: string): boolean {
  return patterns.some((pattern) => matchesMxPattern(pattern, host))
}
