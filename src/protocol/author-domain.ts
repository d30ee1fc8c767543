import { type DomainName, parseDomainName } from './domain-name.ts'

/**
 * The domain of the one address in a From header's value (RFC 5322 §3.6.2), folded or not. Null when there is no address,
 * more than one, a group, a route, or anything that two readers could take for two addresses: who the author is must be
 * beyond doubt.
 */
export function authorDomain(value: string): DomainName | null {
  const plain = withoutCommentsAndStrings(value)
  if (plain === null) return null
  const text = plain.trim()
  const angle = /^([^<>@,;:]*)<([^<>]*)>$/.exec(text)
  const address = (angle === null ? text : (angle[2] ?? '')).trim()
  const parts = /^[^\s@<>,;:]+@([^\s@<>,;:]+)$/.exec(address)
  return parts === null ? null : parseDomainName(parts[1] ?? '')
}

/** Comments become a space, quoted strings a harmless word; null when one of them does not end. */
function withoutCommentsAndStrings(value: string): string | null {
  let plain = ''
  let depth = 0
  let isQuoted = false
  // Pairs with a backslash, the characters that open and close, and the text between.
  for (const [token] of value.matchAll(/\\[\s\S]|[()"]|[^\\()"]+|\\$/g)) {
    if (isQuoted) isQuoted = token !== '"'
    else if (depth > 0) depth += token === '(' ? 1 : token === ')' ? -1 : 0
    else if (token === '(') {
      depth = 1
      plain += ' '
    } else if (token === '"') {
      isQuoted = true
      plain += 'q'
    } else plain += token
  }
  return depth > 0 || isQuoted ? null : plain
}
