import { display } from '../lib/display.ts'
import { isKnownResultType, type KnownResultType } from '../protocol/tlsrpt/result-type.ts'

/** RFC 8460 §4.3, in words for whoever runs the receiving side. */
const WORDS: Readonly<Record<KnownResultType, string>> = {
  'starttls-not-supported': 'the mail host did not offer STARTTLS',
  'certificate-host-mismatch': 'the certificate does not have the name of the mail host',
  'certificate-expired': 'the certificate had expired',
  'certificate-not-trusted': 'the certificate does not lead to a CA that the sender trusts',
  'validation-failure': 'TLS failed for another reason, often a mail host that the policy does not list',
  'tlsa-invalid': 'no TLSA record matched the certificate',
  'dnssec-invalid': 'DNSSEC did not validate',
  'dane-required': 'the sender demands DANE and found no usable TLSA record',
  'sts-policy-fetch-error': 'the MTA-STS policy could not be fetched',
  'sts-policy-invalid': 'the MTA-STS policy could not be understood',
  'sts-webpki-invalid': 'the certificate of the policy host was not valid',
}

/** What a result type means; what is not registered is quoted as the sender wrote it. */
export function resultTypeText(resultType: string | null): string {
  if (resultType === null) return 'no reason given'
  return isKnownResultType(resultType)
    ? WORDS[resultType]
    : `"${display(resultType, 60)}", no registered type`
}
