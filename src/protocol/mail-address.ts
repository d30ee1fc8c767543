import { parseDomainName } from './domain-name.ts'

/** A bare addr-spec, `local@domain`: dot-atom and A-labels only, fit for a header and for RCPT TO as it stands. */
export type MailAddress = string & { readonly __brand: 'MailAddress' }

// RFC 5322 §3.2.3 dot-atom-text; quoted strings, comments and groups are refused on purpose (S37).
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
// RFC 5321 §4.5.3.1.1, and §4.5.3.1.3 less the angle brackets.
const LOCAL_MAX = 64
const ADDRESS_MAX = 254

/**
 * Reads one address strictly, before any library may reinterpret it. A U-label domain comes back as A-labels.
 * Null when the text is anything else: a list, a display name, a quoted local part, white space.
 */
export function parseMailAddress(text: string): MailAddress | null {
  const at = text.indexOf('@')
  if (at < 1) return null
  const local = text.slice(0, at)
  const domain = parseDomainName(text.slice(at + 1))
  // Underscores are for service labels, never for a host (RFC 5321 §2.3.5); a root dot has no place here.
  if (domain === null || domain.includes('_') || text.endsWith('.')) return null
  if (local.length > LOCAL_MAX || !DOT_ATOM.test(local)) return null
  const address = `${local}@${domain}`
  return address.length > ADDRESS_MAX ? null : (address as MailAddress)
}

/** The part after the `@`. */
export function addressDomain(address: MailAddress): string {
  return address.slice(address.indexOf('@') + 1)
}
