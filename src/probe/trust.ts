import { X509Certificate } from 'node:crypto'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { sha256 } from '../lib/sha256.ts'

/** Which roots count, and the TLS settings of every handshake. Costly to make: one per program. */
export interface Trust {
  readonly context: SecureContext
  /** Is this DER certificate itself in the trust store? */
  holds(certificate: Uint8Array): boolean
}

/** `roots`: PEM certificates; null for those that Node brings and those of the system. */
export function createTrust(roots: readonly string[] | null): Trust {
  const pems = [...new Set(roots ?? [...getCACertificates('bundled'), ...getCACertificates('system')])]
  let held: ReadonlySet<string> | null = null
  const context = createSecureContext({
    ca: pems,
    minVersion: 'TLSv1.2',
    // The cheap curve first; a post-quantum share would make the first flight larger than some middleboxes bear.
    ecdhCurve: 'X25519:prime256v1:secp384r1:secp521r1',
  })
  return {
    context,
    holds(certificate) {
      held ??= new Set(pems.map((pem) => sha256(new X509Certificate(pem).raw)))
      return held.has(sha256(certificate))
    },
  }
}
