/** MX host names against the `mx` patterns of a policy (RFC 8461 §4.1). */
import { matchesDnsId } from '../x509/identity.ts'

// RFC 5321 §4.1.2: Let-dig [Ldh-str]; 63 octets is the DNS limit of a label.
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i

// RFC 5321 §4.5.3.1.2. Names of the DNS end at 253 characters, so the longest patterns match nothing.
const DOMAIN_MAX = 255

/**
 * Whether the text is `["*."] Domain` (RFC 8461 §3.2): letter-digit-hyphen labels, no root dot, no underscore, no address
 * literal, a domain of at most 255 octets. A dotted quad is legal by this grammar, though it never matches.
 */
export function isLegalMxPattern(pattern: string): boolean {
  const domain = pattern.startsWith('*.') ? pattern.slice(2) : pattern
  return domain.length <= DOMAIN_MAX && domain.split('.').every((label) => LABEL.test(label))
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
