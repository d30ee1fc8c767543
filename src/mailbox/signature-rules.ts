/** When a signature counts (S15): RFC 6376 asks less than RFC 8460 §3 and we do. */
import { HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { DistrustCode } from '../model/received-report.ts'
import type { DkimSignature } from '../protocol/dkim/signature-header.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { organisationalDomain } from '../protocol/organisational-domain.ts'
import type { HeaderField } from './header-fields.ts'
import type { SigningKey } from './signing-key.ts'

export interface Refusal {
  readonly because: DistrustCode
  readonly detail: string
}

/**
 * The rules in the order in which they are asked. A signature is refused by the first that it breaks; of several
 * signatures the reason of the one that got furthest is told.
 */
export const RULE_ORDER: readonly DistrustCode[] = [
  'signature-malformed',
  'signer-not-aligned',
  'algorithm-too-weak',
  'body-length-limit',
  'header-unsigned',
  'signature-from-the-future',
  'signature-expired',
  'key-missing',
  'key-malformed',
  'key-too-short',
  'key-for-another-service',
  'key-in-test-mode',
  'signature-broken',
]

const ALGORITHMS: readonly string[] = ['rsa-sha256', 'ed25519-sha256']
// RFC 8301 §3.2: "Verifiers MUST NOT consider signatures using RSA keys of less than 1024 bits as valid".
const RSA_BITS_MIN = 1_024
const CLOCK_LEEWAY_MS = HOUR_MS
// Subject: a mail without one could be given one.
const SIGNED = ['From', 'Subject'] as const
// RFC 8460 §5.3 only wants these to be signed, and Microsoft and Mail.ru leave them out; what the Subject or the report says
// goes before what they say. Whoever signs them signs all of them.
const WHOLLY_OR_NOT = ['TLS-Report-Domain', 'TLS-Report-Submitter'] as const

/** Whether `signer` may speak for mail from `author`: it is the same domain, or the one that its owner registered (S15). */
export function isAligned(signer: DomainName, author: DomainName): boolean {
  const registered = organisationalDomain(signer)
  if (registered === null) return false
  return signer === author || (signer === registered && organisationalDomain(author) === registered)
}

/** What can be said against a signature without its key; null: nothing. */
export function refuseSignature(
  signature: DkimSignature,
  author: DomainName,
  fields: readonly HeaderField[],
  now: UnixMs,
): Refusal | null {
  const { signer, algorithm, signedAt, expiresAt } = signature
  if (!isAligned(signer, author)) {
    return { because: 'signer-not-aligned', detail: `signed by ${signer}, but the mail is from ${author}` }
  }
  // RFC 8301 §3.1: rsa-sha1 "MUST NOT be used for signing or verifying".
  if (!ALGORITHMS.includes(algorithm)) {
    return {
      because: 'algorithm-too-weak',
      detail: `signed with ${algorithm}; only ${ALGORITHMS.join(' and ')} count`,
    }
  }
  // RFC 8460 §3: l= MUST NOT be used.
  if (signature.hasBodyLength) {
    return { because: 'body-length-limit', detail: 'l= may leave a part of the body unsigned' }
  }
  const unsigned = unsignedHeader(signature.signedHeaders, fields)
  if (unsigned !== null)
    return { because: 'header-unsigned', detail: `${unsigned} is not signed, or not each time` }
  if (signedAt !== null && signedAt > now + CLOCK_LEEWAY_MS) {
    return { because: 'signature-from-the-future', detail: `signed at ${instant(signedAt)}` }
  }
  if (expiresAt !== null && expiresAt < now) {
    return { because: 'signature-expired', detail: `expired at ${instant(expiresAt)}` }
  }
  return null
}

/** What can be said against a signature because of its key; null: nothing. */
export function refuseKey({ record, bits }: SigningKey, signature: DkimSignature): Refusal | null {
  const { keyName, algorithm, identityDomain, signer } = signature
  if (!algorithm.startsWith(`${record.keyType}-`)) {
    return {
      because: 'key-malformed',
      detail: `${keyName} is for ${record.keyType}, the signature is ${algorithm}`,
    }
  }
  if (record.hashes !== null && !record.hashes.includes('sha256')) {
    return { because: 'algorithm-too-weak', detail: `${keyName} does not allow sha256 (h=)` }
  }
  // RFC 6376 §3.6.1, t=s.
  if (record.isForExactDomain && identityDomain !== signer) {
    return { because: 'signature-malformed', detail: `i= names a subdomain, which ${keyName} forbids (t=s)` }
  }
  if (bits !== null && bits < RSA_BITS_MIN) {
    return {
      because: 'key-too-short',
      detail: `${keyName} has ${bits} bits; at least ${RSA_BITS_MIN} are needed`,
    }
  }
  // RFC 6376 §3.6.1: a verifier "MUST ignore this record if the appropriate type is not listed".
  if (!record.services.includes('*') && !record.services.includes('tlsrpt')) {
    return { because: 'key-for-another-service', detail: `${keyName} is not for TLS reports (s=)` }
  }
  if (record.isTesting) {
    return { because: 'key-in-test-mode', detail: `${keyName} is only for tests (t=y)` }
  }
  return null
}

/** The first header that should be signed as often as it stands in the mail, and is not. */
function unsignedHeader(signed: readonly string[], fields: readonly HeaderField[]): string | null {
  const times = (name: string) => fields.filter((field) => field.name === name.toLowerCase()).length
  const signedTimes = (name: string) => signed.filter((one) => one === name.toLowerCase()).length
  return (
    SIGNED.find((name) => signedTimes(name) < Math.max(1, times(name))) ??
    WHOLLY_OR_NOT.find((name) => signedTimes(name) > 0 && signedTimes(name) < times(name)) ??
    null
  )
}

function instant(at: UnixMs): string {
  return new Date(at).toISOString()
}
