import type { CertificateFacts } from '../model/tls.ts'

const NAMES = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519', other: 'other' } as const

/** As people who install certificates call it. */
export function keyTypeName({ keyType }: Pick<CertificateFacts, 'keyType'>): string {
  return NAMES[keyType]
}
