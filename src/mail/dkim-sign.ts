import { DKIMSign } from 'dkim-signer'
import type { Secret } from '../lib/secret.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { whyUnsignable } from './signable.ts'

/** One RSA key and where its public half is published: `<selector>._domainkey.<domain>`. */
export interface DkimKey {
  readonly domain: DomainName
  readonly selector: string
  /** PEM. */
  readonly privateKey: Secret
}

/** A message that dkim-signer would sign wrongly, or that nobody should sign. `why` is a sentence without its text. */
export class UnsignableMessage extends Error {
  readonly why: string

  constructor(why: string) {
    super(`the message cannot be signed: ${why}`)
    this.name = 'UnsignableMessage'
    this.why = why
  }
}

/**
 * What a signature covers, as far as the mail has it: everything that a reader sees or a program acts on (RFC 6376
 * §5.4.1), and what RFC 8460 §5.3 adds for reports.
 */
export const SIGNED_HEADERS: readonly string[] = [
  'From',
  'To',
  'Cc',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'In-Reply-To',
  'References',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'TLS-Report-Domain',
  'TLS-Report-Submitter',
  'TLS-Required',
  'Auto-Submitted',
  'List-Id',
]

/**
 * The message with one rsa-sha256 signature for each key before it, the first key's on top; never with `l=`. The same
 * message and keys give the same bytes. Throws UnsignableMessage, and whatever Node says of a key that is none.
 */
export function signMail(raw: string, keys: readonly DkimKey[]): string {
  const why = whyUnsignable(raw, SIGNED_HEADERS)
  if (why !== null) throw new UnsignableMessage(why)
  const signatures = keys.map(
    ({ domain, selector, privateKey }) =>
      `${DKIMSign(raw, {
        domainName: domain,
        keySelector: selector,
        privateKey: privateKey.reveal(),
        headerFieldNames: SIGNED_HEADERS.join(':'),
      })}\r\n`,
  )
  return signatures.join('') + raw
}
