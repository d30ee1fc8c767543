import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { err, ok, type Result } from '../../lib/result.ts'

/** What may be told of a private key. */
export interface RsaKeyFacts {
  readonly bits: number
  /** SubjectPublicKeyInfo (DER) in base64: the value of `p=` (RFC 6376 §3.6.1). */
  readonly publicKey: string
}

// RFC 8301 §3.2: signers SHOULD use at least 2048 bits.
const BITS_MIN = 2048

/**
 * Reads an RSA private key in PEM that is long enough to sign with. The error is a sentence that follows the name of
 * the key and holds nothing of it.
 */
export function readRsaPrivateKey(pem: string): Result<RsaKeyFacts, string> {
  if (/-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(pem)) return err('is a public key; name the private one')
  if (/ENCRYPTED/.test(pem)) return err('is encrypted with a passphrase; store it without one, mode 0600')
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    return err('is no private key in PEM; make one with: stswatch dkim keygen')
  }
  if (key.asymmetricKeyType !== 'rsa') return err('is no RSA key; make one with: stswatch dkim keygen')
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < BITS_MIN) return err(`has ${bits} bits; at least ${BITS_MIN} are needed (RFC 8301 §3.2)`)
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')
  return ok({ bits, publicKey })
}
