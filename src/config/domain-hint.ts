import { type DomainName, displayDomainName, parseDomainName } from '../protocol/domain-name.ts'

// A name of 253 octets, in a URL.
const LONGEST = 400

/** A domain that a mailbox can be at: two labels or more, none of them for services. Null for anything else. */
export function parseWatchedName(text: string): DomainName | null {
  const name = parseDomainName(text)
  return name?.includes('.') === true && !name.includes('_') ? name : null
}

/**
 * The domain that was meant by a URL, an address, a wildcard or the name of one of its records; null when none can be
 * made out.
 */
export function meantDomain(text: string): string | null {
  if (text.length > LONGEST) return null
  const bare = text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/[/?#].*$/, '')
    .replace(/^.*@/, '')
    .replace(/:\d+$/, '')
    .replace(/^(?:\*\.|_[a-z-]+\.)+/i, '')
    .replace(/[\s,;]+$/, '')
    .replaceAll('_', '-')
  const name = parseWatchedName(bare)
  return name === null || bare === text ? null : displayDomainName(name)
}
