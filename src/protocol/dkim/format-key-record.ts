import { childName, type DomainName } from '../domain-name.ts'

/** A key to publish. */
export interface PublishedKey {
  /** SubjectPublicKeyInfo (DER) in base64. */
  readonly publicKey: string
  /** The only service it is for; null: any, which ordinary mail needs. */
  readonly service: 'tlsrpt' | null
}

// RFC 1035 §3.3: a character-string holds at most 255 octets.
const STRING_MAX = 255

/** `<selector>._domainkey.<domain>` (RFC 6376 §3.6.2.1). */
export function keyRecordName(selector: string, domain: DomainName): DomainName {
  return childName(`${selector}._domainkey`, domain)
}

/** The text of the TXT record (RFC 6376 §3.6.1). */
export function formatKeyRecord({ publicKey, service }: PublishedKey): string {
  return `v=DKIM1; k=rsa; ${service === null ? '' : `s=${service}; `}p=${publicKey}`
}

/** The record as one line of a zone file, its text in strings of at most 255 characters. */
export function keyRecordZoneLine(name: DomainName, text: string): string {
  const strings = text.match(new RegExp(`.{1,${STRING_MAX}}`, 'g')) ?? []
  return `${name}. IN TXT ( ${strings.map((part) => `"${part}"`).join(' ')} )`
}
