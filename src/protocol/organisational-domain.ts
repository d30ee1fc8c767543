import { getDomain } from 'tldts'
import type { DomainName } from './domain-name.ts'

/**
 * The name that its owner registered: `example.co.uk` of `mail.example.co.uk`. Null when the name is a public suffix, so
 * that nobody speaks for all who registered below it. Only suffixes of registries count, not those of hosting companies;
 * an unknown top-level domain is taken for a suffix.
 */
export function organisationalDomain(name: DomainName): DomainName | null {
  const domain = getDomain(name, {
    allowPrivateDomains: false,
    extractHostname: false,
    validateHostname: false,
    detectIp: false,
  })
  return domain === null || domain === '' ? null : (domain as DomainName)
}
