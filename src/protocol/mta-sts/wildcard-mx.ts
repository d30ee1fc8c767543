import { type DomainName, parseDomainName } from '../domain-name.ts'
import { organisationalDomain } from '../organisational-domain.ts'

/**
 * Patterns that cover these hosts and their neighbours: `*.example.net` for `mx1.example.net`. A host that is itself a
 * registered domain, or lies right under a public suffix, keeps its name, so that nobody else's host is let in. Sorted,
 * each once.
 */
export function wildcardMx(hosts: readonly DomainName[]): readonly string[] {
  return [...new Set(hosts.map(patternFor))].toSorted((one, other) => (one < other ? -1 : 1))
}

function patternFor(host: DomainName): string {
  const parent = parseDomainName(host.slice(host.indexOf('.') + 1))
  const isOwned = host.includes('.') && parent !== null && organisationalDomain(parent) !== null
  return isOwned ? `*.${parent}` : host
}
