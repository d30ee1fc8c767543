import { generateKeyPairSync } from 'node:crypto'
import { Secret } from '../../../src/lib/secret.ts'
import type { DkimKey } from '../../../src/mail/dkim-sign.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'

/** A fresh RSA key in PEM (PKCS #8). */
export function rsaPem(bits: number): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

export function dkimKey(selector: string, pem: string, domain = 'example.net'): DkimKey {
  return { domain: domain as DomainName, selector, privateKey: new Secret(pem) }
}
