import { X509Certificate } from 'node:crypto'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { sha256 } from '../lib/sha256.ts'
import type { KeyChoice } from '../model/host-face.ts'

/** Which roots count, and the TLS settings of every handshake. One per program: its parts are costly to make. */
export interface Trust {
  /** For a client that takes certificates of these key types. */
  context(keys: KeyChoice): SecureContext
  /** The same settings without a single root: a chain then is what was sent, and nothing else. */
  bareContext(): SecureContext
  /** Is this DER certificate itself in the trust store? */
  holds(certificate: Uint8Array): boolean
}

/** `roots`: PEM certificates; null for those that Node brings and those of the system. Reads them at the first use. */
export function createTrust(roots: readonly string[] | null): Trust {
  const pems = once(() => [
    ...new Set(roots ?? [...getCACertificates('bundled'), ...getCACertificates('system')]),
  ])
  const held = once(() => new Set(pems().map((pem) => sha256(new X509Certificate(pem).raw))))
  const make = (keys: KeyChoice) =>
    once(() =>
      createSecureContext({
        ...SETTINGS,
        ca: pems(),
        ...(keys === 'any' ? {} : { sigalgs: SIGNATURES[keys] }),
      }),
    )
  const contexts = { any: make('any'), rsa: make('rsa'), ecdsa: make('ecdsa') }
  const bareContext = once(() => createSecureContext({ ...SETTINGS, ca: [] }))
  return {
    context: (keys) => contexts[keys](),
    bareContext,
    holds: (certificate) => held().has(sha256(certificate)),
  }
}

/** signature_algorithms (RFC 8446): the server picks its certificate by the signatures that the client takes. */
const SIGNATURES: Readonly<Record<Exclude<KeyChoice, 'any'>, string>> = {
  rsa: 'rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512',
  ecdsa: 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512',
}

const SETTINGS = {
  minVersion: 'TLSv1.2',
  // The cheap curve first; a post-quantum share would make the first flight larger than some middleboxes bear.
  ecdhCurve: 'X25519:prime256v1:secp384r1:secp521r1',
} as const

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
