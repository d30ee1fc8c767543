import type { Authenticity } from '../model/received-report.ts'
import { type MethodResult, readAuthenticationResults } from '../protocol/authentication-results.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import { fieldValue, type HeaderField } from './header-fields.ts'
import { isAligned } from './signature-rules.ts'

/**
 * What our own border says about a mail from `author` (S16): the topmost Authentication-Results alone counts, and only
 * when it bears the border's name; whoever sends a mail can write the ones below. Null: it vouches for nobody.
 */
export function borderTrust(
  fields: readonly HeaderField[],
  author: DomainName,
  authservId: string,
): Authenticity | null {
  const topmost = fields.find(({ name }) => name === 'authentication-results')
  const found = topmost === undefined ? null : readAuthenticationResults(fieldValue(topmost))
  if (found === null || found.authservId !== authservId.toLowerCase()) return null
  const signer = found.results
    .filter(({ method, result }) => method === 'dkim' && result === 'pass')
    .map(signerOf)
    .find((name) => name !== null && isAligned(name, author))
  return signer === undefined || signer === null ? null : { trust: 'border', signer, authservId }
}

/** RFC 8601 §2.7.1: header.d; Gmail writes only header.i, the identity inside that domain. */
function signerOf({ properties }: MethodResult): DomainName | null {
  const domain = properties.get('header.d') ?? properties.get('header.i')?.replace(/^.*@/s, '')
  return domain === undefined ? null : parseDomainName(domain)
}
