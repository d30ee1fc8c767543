/** The result types of RFC 8460 §4.3 and its registry, which may grow: unknown ones are kept as they are. */
export const RESULT_TYPES = [
  'starttls-not-supported',
  'certificate-host-mismatch',
  'certificate-expired',
  'certificate-not-trusted',
  'validation-failure',
  'tlsa-invalid',
  'dnssec-invalid',
  'dane-required',
  'sts-policy-fetch-error',
  'sts-policy-invalid',
  'sts-webpki-invalid',
] as const

export type KnownResultType = (typeof RESULT_TYPES)[number]

export const POLICY_TYPES = ['tlsa', 'sts', 'no-policy-found'] as const

export type KnownPolicyType = (typeof POLICY_TYPES)[number]

export function isKnownResultType(text: string): text is KnownResultType {
  return (RESULT_TYPES as readonly string[]).includes(text)
}

export function isKnownPolicyType(text: string): text is KnownPolicyType {
  return (POLICY_TYPES as readonly string[]).includes(text)
}
