import { type KeyObject, X509Certificate } from 'node:crypto'
import { sha256, sha512 } from '../lib/sha256.ts'
import type { CertificateFacts } from '../model/tls.ts'
import { spkiOf } from '../protocol/x509/spki.ts'
import { FaultError } from './fault-error.ts'

/** What judging and telling need of a DER certificate. Throws a FaultError when it cannot be read. */
export function certificateFacts(der: Uint8Array): CertificateFacts {
  const certificate = parse(der)
  const { keyType, keyBits } = keyFacts(certificate)
  const spki = spkiOf(der) ?? unreadable('it has no public key where one belongs')
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    serialNumber: certificate.serialNumber.toLowerCase(),
    notBeforeAt: instantOf(certificate.validFromDate),
    notAfterAt: instantOf(certificate.validToDate),
    dnsNames: dnsNamesOf(certificate.subjectAltName ?? ''),
    sha256: sha256(der),
    sha512: sha512(der),
    spkiSha256: sha256(spki),
    spkiSha512: sha512(spki),
    keyType,
    keyBits,
  }
}

/** How many certificates, from the first on, are each signed by the next one's key. At least one of a chain of any. */
export function linkedOf(chain: readonly Uint8Array[]): number {
  const certificates = chain.map(parse)
  const broken = certificates.findIndex((certificate, index) => {
    const issuer = certificates[index + 1]
    return issuer === undefined || !isIssuedBy(certificate, issuer)
  })
  return broken + 1
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  } catch {
    // A key that this OpenSSL does not know.
    return false
  }
}

function parse(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error))
  }
}

function unreadable(why: string): never {
  throw new FaultError('tls-malformed', 'remote', `a certificate of the server cannot be read: ${why}`)
}

function instantOf(date: Date): number {
  const at = date.getTime()
  return Number.isNaN(at) ? unreadable('its dates are none') : at
}

/** Node gives a distinguished name one attribute a line, and nothing for an empty one. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ')
}

// Node quotes an entry that holds a comma or quote of its own as a JSON string.
const DNS_ENTRY = /(?:^|, )DNS:("(?:[^"\\]|\\.)*"|[^,]*)/g

function dnsNamesOf(subjectAltName: string): readonly string[] {
  const entries = [...subjectAltName.matchAll(DNS_ENTRY)].map(([, entry = '']) => entry)
  return entries.map((entry) => unquoted(entry).toLowerCase())
}

function unquoted(entry: string): string {
  if (!entry.startsWith('"')) return entry
  try {
    return String(JSON.parse(entry))
  } catch {
    return entry
  }
}

const CURVE_BITS: ReadonlyMap<string, number> = new Map([
  ['prime256v1', 256],
  ['secp384r1', 384],
  ['secp521r1', 521],
  ['secp256k1', 256],
])

function keyFacts(certificate: X509Certificate): Pick<CertificateFacts, 'keyType' | 'keyBits'> {
  const key = publicKeyOf(certificate)
  const details = key?.asymmetricKeyDetails ?? {}
  switch (key?.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      return { keyType: 'rsa', keyBits: details.modulusLength ?? null }
    case 'ec':
      return { keyType: 'ec', keyBits: CURVE_BITS.get(details.namedCurve ?? '') ?? null }
    case 'ed25519':
      return { keyType: 'ed25519', keyBits: null }
    default:
      return { keyType: 'other', keyBits: null }
  }
}

/** Null for a key that this OpenSSL does not know. */
function publicKeyOf(certificate: X509Certificate): KeyObject | null {
  try {
    return certificate.publicKey
  } catch {
    return null
  }
}
