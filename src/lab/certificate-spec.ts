/** What a certificate in the lab says and who signed it; the authority in `ca.ts` makes it. Days count from the lab's `now`. */
export interface CertificateSpec {
  /** dNSName entries; `*` alone stands for the host's own name. Empty: no subjectAltName at all. */
  readonly dnsNames: readonly string[]
  /** Subject CN; `*` alone stands for the host's own name. */
  readonly commonName: string
  readonly validFromDays: number
  readonly validToDays: number
  /**
   * lab: chains to the root that the lab trusts. successor: to the same root, by another intermediate. stranger: to a root
   * that nobody trusts. itself: self-signed.
   */
  readonly signer: 'lab' | 'successor' | 'stranger' | 'itself'
  /** leaf-only: the server forgets to send the intermediate. */
  readonly chain: 'full' | 'leaf-only'
  /** first, second: keys that are the same in every run, see known-keys.ts. */
  readonly key: 'ec' | 'rsa' | 'first' | 'second'
}

/** A 90-day certificate, 30 days old, for the host's own name; `overrides` name what is different about it. */
export function certificate(overrides: Partial<CertificateSpec> = {}): CertificateSpec {
  return {
    dnsNames: ['*'],
    commonName: '*',
    validFromDays: -30,
    validToDays: 60,
    signer: 'lab',
    chain: 'full',
    key: 'ec',
    ...overrides,
  }
}

/** The faults that certificates are known for, ready to use. */
export const CERTIFICATES = {
  good: certificate(),
  expired: certificate({ validFromDays: -91, validToDays: -1 }),
  notYetValid: certificate({ validFromDays: 1, validToDays: 91 }),
  selfSigned: certificate({ signer: 'itself' }),
  untrustedRoot: certificate({ signer: 'stranger' }),
  missingIntermediate: certificate({ chain: 'leaf-only' }),
  commonNameOnly: certificate({ dnsNames: [] }),
  wrongName: certificate({ dnsNames: ['other.invalid'], commonName: 'other.invalid' }),
  rsa: certificate({ key: 'rsa' }),
} as const satisfies Readonly<Record<string, CertificateSpec>>

/** A good certificate that ends in `days` days. */
export function expiringIn(days: number): CertificateSpec {
  return certificate({ validFromDays: days - 90, validToDays: days })
}

/** A certificate for every host one label below `zone`. */
export function wildcardFor(zone: string): CertificateSpec {
  return certificate({ dnsNames: [`*.${zone}`], commonName: zone })
}
