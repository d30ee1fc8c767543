import { domainToASCII, domainToUnicode } from 'node:url'

/** A host or domain name as A-labels, lower case, without the root dot; at most 253 octets. */
export type DomainName = string & { readonly __brand: 'DomainName' }

// RFC 5890 §2.3.1 LDH labels; the underscore is allowed for service labels such as `_mta-sts`.
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/

/**
 * Reads a name as people write it (any case, U-labels, an optional root dot).
 * Returns null when it is no domain name: empty, over-long, an address, a URL or a percent-encoded text.
 */
export function parseDomainName(text: string): DomainName | null {
  const bare = text.endsWith('.') ? text.slice(0, -1) : text
  // domainToASCII is a URL-host function: it would decode %xx and cut at these characters.
  if (bare === '' || /[%:/@?#\\\s[\]]/.test(bare)) return null
  const ascii = /^[\x21-\x7e]+$/.test(bare) ? bare.toLowerCase() : domainToASCII(bare)
  if (ascii === '' || ascii.length > 253 || /^[\d.]+$/.test(ascii)) return null
  return ascii.split('.').every((label) => LABEL.test(label)) ? (ascii as DomainName) : null
}

/** The name with U-labels, for people; everything inside the program uses A-labels. */
export function displayDomainName(name: DomainName): string {
  return domainToUnicode(name) || name
}

/** `_mta-sts` + `example.com`; the caller knows the result is a name because both parts are. */
export function childName(label: string, parent: DomainName): DomainName {
  return `${label}.${parent}` as DomainName
}
