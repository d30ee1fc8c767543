// @peculiar/x509's dependency injection needs the metadata polyfill before it loads.
import 'reflect-metadata'
import { KeyObject, webcrypto } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import * as x509 from '@peculiar/x509'
import { sha256 } from '../lib/sha256.ts'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { CertificateSpec } from './certificate-spec.ts'
import { knownKeys } from './known-keys.ts'

/** What a server needs to show itself: its chain, leaf first, and its key. */
export interface Identity {
  readonly certPem: string
  readonly keyPem: string
}

interface Signer {
  readonly name: string
  readonly keys: webcrypto.CryptoKeyPair
  /** What a server sends below its leaf. */
  readonly intermediatePem: string
  readonly spkiSha256: string
}

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
} as const
const AUTHORITY_LIFE_DAYS = 3650

// Costs a tenth of a second each time; no test needs two different ones.
let rsaKeys: Promise<webcrypto.CryptoKeyPair> | null = null

/** The lab's own certification authority: a root to trust, an intermediate that signs, and a stranger whom nobody trusts. */
export class CertificateAuthority {
  readonly rootPem: string
  readonly #now: UnixMs
  readonly #lab: Signer
  readonly #successor: Signer
  readonly #stranger: Signer
  readonly #identities = new Map<string, Promise<Identity>>()
  readonly #contexts = new Map<string, Promise<SecureContext>>()

  private constructor(now: UnixMs, root: AuthorityPair, successor: Signer, stranger: AuthorityPair) {
    this.#now = now
    this.rootPem = root.rootPem
    this.#lab = root.signer
    this.#successor = successor
    this.#stranger = stranger.signer
  }

  /** Validity periods count from `now`. The TLS stack always judges them by the real clock. */
  static async create(now: UnixMs): Promise<CertificateAuthority> {
    const [lab, stranger] = await Promise.all([authority(now, 'Lab'), authority(now, 'Stranger')])
    return new CertificateAuthority(
      now,
      lab,
      await intermediateOf(now, 'Lab', 'Successor', lab.rootKeys),
      stranger,
    )
  }

  /** The certificate that `spec` asks for, made once per host. */
  identity(spec: CertificateSpec, host: string): Promise<Identity> {
    return remember(this.#identities, cacheKey(spec, host), () => this.#issue(spec, host))
  }

  /** The same, ready for a TLS server; with several certificates the client's key types decide. */
  context(specs: readonly CertificateSpec[], host: string): Promise<SecureContext> {
    const key = specs.map((spec) => cacheKey(spec, host)).join()
    return remember(this.#contexts, key, async () => {
      const identities = await Promise.all(specs.map((spec) => this.identity(spec, host)))
      return createSecureContext({
        cert: identities.map(({ certPem }) => certPem),
        key: identities.map(({ keyPem }) => keyPem),
      })
    })
  }

  /** SHA-256 of the public key of an intermediate, in hex: what a record `2 1 1` pins (RFC 6698 §2.1.2). */
  keyDigest(intermediate: 'lab' | 'successor'): string {
    return this.#signerOf(intermediate).spkiSha256
  }

  #signerOf(signer: CertificateSpec['signer']): Signer {
    if (signer === 'stranger') return this.#stranger
    return signer === 'successor' ? this.#successor : this.#lab
  }

  async #issue(spec: CertificateSpec, host: string): Promise<Identity> {
    const keys = await newKeys(spec.key)
    const own = (name: string) => (name === '*' ? host : name)
    const subject = `CN=${own(spec.commonName)}`
    const signer = this.#signerOf(spec.signer)
    const leaf = await x509.X509CertificateGenerator.create({
      subject,
      issuer: spec.signer === 'itself' ? subject : signer.name,
      notBefore: new Date(this.#now + spec.validFromDays * DAY_MS),
      notAfter: new Date(this.#now + spec.validToDays * DAY_MS),
      publicKey: keys.publicKey,
      signingKey: spec.signer === 'itself' ? keys.privateKey : signer.keys.privateKey,
      signingAlgorithm: spec.signer === 'itself' && spec.key === 'rsa' ? RSA : EC,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        ...alternativeNames(spec.dnsNames.map(own)),
      ],
    })
    const withIntermediate = spec.chain === 'full' && spec.signer !== 'itself'
    return {
      certPem: `${leaf.toString('pem')}\n${withIntermediate ? signer.intermediatePem : ''}`,
      keyPem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    }
  }
}

interface AuthorityPair {
  readonly rootPem: string
  readonly rootKeys: webcrypto.CryptoKeyPair
  readonly signer: Signer
}

async function authority(now: UnixMs, name: string): Promise<AuthorityPair> {
  const rootKeys = await newKeys('ec')
  const rootName = `CN=${name} Root`
  const [root, signer] = await Promise.all([
    authorityCertificate(now, rootName, rootName, rootKeys.publicKey, rootKeys.privateKey),
    intermediateOf(now, name, 'Intermediate', rootKeys),
  ])
  return { rootPem: `${root.toString('pem')}\n`, rootKeys, signer }
}

async function intermediateOf(
  now: UnixMs,
  authorityName: string,
  which: string,
  rootKeys: webcrypto.CryptoKeyPair,
): Promise<Signer> {
  const keys = await newKeys('ec')
  const name = `CN=${authorityName} ${which}`
  const root = `CN=${authorityName} Root`
  const certificate = await authorityCertificate(now, name, root, keys.publicKey, rootKeys.privateKey)
  return {
    name,
    keys,
    intermediatePem: `${certificate.toString('pem')}\n`,
    spkiSha256: sha256(Buffer.from(certificate.publicKey.rawData)),
  }
}

function authorityCertificate(
  now: UnixMs,
  subject: string,
  issuer: string,
  publicKey: webcrypto.CryptoKey,
  signingKey: webcrypto.CryptoKey,
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    subject,
    issuer,
    notBefore: new Date(now - AUTHORITY_LIFE_DAYS * DAY_MS),
    notAfter: new Date(now + AUTHORITY_LIFE_DAYS * DAY_MS),
    publicKey,
    signingKey,
    signingAlgorithm: EC,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  })
}

function alternativeNames(dnsNames: readonly string[]): readonly x509.Extension[] {
  if (dnsNames.length === 0) return []
  const names = dnsNames.map((value) => ({ type: 'dns', value }) as const)
  return [new x509.SubjectAlternativeNameExtension(names)]
}

function newKeys(type: CertificateSpec['key']): Promise<webcrypto.CryptoKeyPair> {
  if (type === 'first' || type === 'second') return knownKeys(type)
  if (type === 'ec') return webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])
  rsaKeys ??= webcrypto.subtle.generateKey(RSA, true, ['sign', 'verify'])
  return rsaKeys
}

function cacheKey(spec: CertificateSpec, host: string): string {
  return JSON.stringify([host, ...Object.entries(spec).sort()])
}

function remember<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = cache.get(key)
  if (known !== undefined) return known
  const made = make()
  cache.set(key, made)
  return made
}
