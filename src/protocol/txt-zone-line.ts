import type { DomainName } from './domain-name.ts'

// RFC 1035 §3.3: a character-string holds at most 255 octets.
const STRING_MAX = 255

/** A TXT record as one line of a zone file, its text (printable ASCII) in strings of at most 255 characters. */
export function txtZoneLine(name: DomainName, text: string): string {
  const strings = text.match(new RegExp(`.{1,${STRING_MAX}}`, 'g')) ?? ['']
  // In a zone file quotation marks and backslashes are themselves only after a backslash.
  const quoted = strings.map((part) => `"${part.replaceAll(/["\\]/g, '\\$&')}"`).join(' ')
  return `${name}. IN TXT ${quoted}`
}
