import type { DomainName } from '../protocol/domain-name.ts'
import { isKnownResultType, type KnownResultType } from '../protocol/tlsrpt/result-type.ts'
import type { KeyTrouble } from './evidence/face-evidence.ts'
import type { Finding, FindingCode } from './finding.ts'

/** Which of our own findings is the same problem as a failure that a sender reports. */

const CERTIFICATE = ['expired', 'name-mismatch', 'untrusted', 'missing-intermediate'] as const
const MX_CERTIFICATE = CERTIFICATE.map((state) => `mx.certificate.${state}` as const)
const POLICY_CERTIFICATE = CERTIFICATE.map((state) => `policy-host.certificate.${state}` as const)

/** RFC 8460 §4.3. Empty: nothing that a look of ours can see. */
const OWN_CODES: Readonly<Record<KnownResultType, readonly FindingCode[]>> = {
  'starttls-not-supported': ['mx.starttls.missing', 'mx.starttls.refused', 'mx.starttls.injection'],
  'certificate-host-mismatch': ['mx.certificate.name-mismatch'],
  'certificate-expired': ['mx.certificate.expired'],
  // Some libraries call a chain with an ended certificate untrusted.
  'certificate-not-trusted': [
    'mx.certificate.untrusted',
    'mx.certificate.missing-intermediate',
    'mx.certificate.expired',
  ],
  // What has no type of its own; most often an MX host that the policy does not list.
  'validation-failure': ['mta-sts.policy.mx-uncovered', 'mx.tls.failed', ...MX_CERTIFICATE],
  'tlsa-invalid': [],
  'dnssec-invalid': [],
  'dane-required': [],
  'sts-policy-fetch-error': [
    'mta-sts.policy.unfetchable',
    'policy-host.address.private',
    ...POLICY_CERTIFICATE,
  ],
  'sts-policy-invalid': ['mta-sts.policy.invalid'],
  'sts-webpki-invalid': POLICY_CERTIFICATE,
}

/** What failed where, as senders say it. */
export interface FailureKind {
  /** A result type of RFC 8460 §4.3, or what the sender wrote; null: not given. */
  readonly resultType: string | null
  /** Null: the sender does not name the host. */
  readonly mx: DomainName | null
}

export function ownCodesOf(resultType: string | null): readonly FindingCode[] {
  return resultType !== null && isKnownResultType(resultType) ? OWN_CODES[resultType] : []
}

/** Is this failure about an MX host, as far as our own codes go, and not about the policy or its host? */
export function isAtMxHost(code: FindingCode): boolean {
  return code.startsWith('mx.') || code === 'mta-sts.policy.mx-uncovered'
}

/** What senders call the troubles of a certificate that only some of them meet. */
const KEY_TROUBLES: Readonly<Record<KeyTrouble, readonly string[]>> = {
  'tlsa-mismatch': ['tlsa-invalid', 'validation-failure'],
  expired: ['certificate-expired', 'certificate-not-trusted', 'validation-failure'],
  'name-mismatch': ['certificate-host-mismatch', 'validation-failure'],
  untrusted: ['certificate-not-trusted', 'validation-failure'],
  'missing-intermediate': ['certificate-not-trusted', 'validation-failure'],
  expiring: [],
}

/** Would our own finding explain the failure: a code that fits, at the host that the sender names? */
export function explainsFailure(
  own: Finding | Pick<Finding, 'code' | 'subject'>,
  { resultType, mx }: { readonly resultType: string | null; readonly mx: string | null },
): boolean {
  if ('evidence' in own && own.code === 'mx.certificate.key-types-differ') {
    const isSame = resultType !== null && KEY_TROUBLES[own.evidence.trouble].includes(resultType)
    return isSame && (mx === null || own.subject === mx)
  }
  if (!ownCodesOf(resultType).includes(own.code)) return false
  return mx === null || !isAtMxHost(own.code) || own.subject === mx
}
