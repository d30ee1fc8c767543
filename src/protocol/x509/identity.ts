import { parseDomainName } from '../domain-name.ts'

/**
 * Whether one of the DNS-IDs (dNSName entries of subjectAltName) presents `host`, as RFC 8461 §3.3 asks for the
 * policy host and RFC 8461 §4.2 for an MX host. `*` counts only as the complete left-most label and stands for exactly
 * one label (RFC 6125 §6.4.3). The Common Name is no part of the question. An address never matches.
 */
export function matchesDnsId(dnsNames: readonly string[], host: string): boolean {
  // RFC 6125 §6.4.2: compare A-labels, without case; an address is no domain name and gives null.
  const name = parseDomainName(host)
  if (name === null) return false
  const dot = name.indexOf('.')
  const parent = dot === -1 ? null : name.slice(dot + 1)
  return dnsNames.some((presented) => {
    const lower = presented.toLowerCase()
    return lower.startsWith('*.') ? parent === lower.slice(2) : name === lower
  })
}
