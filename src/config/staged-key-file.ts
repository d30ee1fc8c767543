import { createPublicKey, hash, verify, X509Certificate } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { err, ok, type Result } from '../lib/result.ts'
import type { StagedCertificate, StagedKey, TlsaData } from '../model/staged-key.ts'
import { type CertificateRequest, readCertificateRequest } from '../protocol/x509/certificate-request.ts'
import { spkiOf } from '../protocol/x509/spki.ts'

/** What a file of `next_cert` or `next_key` holds. */
export type StagedContents = Pick<StagedKey, 'form' | 'key' | 'chain'>

const MAX_BYTES = 64 * 1024
/** A private key is met after few of them. */
const PIECE_BYTES = 1024
const MAX_CERTIFICATES = 10

/**
 * Reads what a TLSA record of the next key is made of; the error says what is wrong with the file and what to do. A private
 * key is refused as soon as its first line is met, and nothing of it is kept.
 */
export function readStagedFile(file: string): Result<StagedContents, string> {
  const text = readText(file)
  return text.ok ? readStagedText(text.value) : text
}

/** The same for the text of a file. */
export function readStagedText(text: string): Result<StagedContents, string> {
  const blocks = [...text.matchAll(PEM_BLOCK)].map(([, label = '', body = '']) => ({
    label,
    der: Buffer.from(body, 'base64'),
  }))
  const [first] = blocks
  if (PRIVATE_KEY.test(text)) return err(PRIVATE_KEY_ADVICE)
  if (first === undefined)
    return err('holds no PEM block; convert DER with: openssl x509 -inform der -in FILE')
  switch (first.label) {
    case 'CERTIFICATE':
      return certificates(blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ der }) => der))
    case 'CERTIFICATE REQUEST':
    case 'NEW CERTIFICATE REQUEST':
      return request(first.der)
    case 'PUBLIC KEY':
      return publicKey(first.der)
    default:
      return err(
        `holds a PEM block "${first.label}"; wanted: a certificate, a certificate request or a public key`,
      )
  }
}

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]{1,64})-----([A-Za-z0-9+/=\s]*)-----END \1-----/g
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]{0,64}PRIVATE KEY/
const PRIVATE_KEY_ADVICE =
  'holds a private key, which stswatch must not be shown; make a file of the public one: openssl pkey -in KEY -pubout -out next.pub.pem'

function readText(file: string): Result<string, string> {
  let descriptor: number
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    return err(whyClosed((error as NodeJS.ErrnoException).code ?? 'unknown error'))
  }
  try {
    if (!fstatSync(descriptor).isFile()) return err('is not a regular file')
    const buffer = Buffer.alloc(MAX_BYTES + 1)
    for (let length = 0; length < buffer.length; ) {
      const read = readSync(descriptor, buffer, length, Math.min(PIECE_BYTES, buffer.length - length), null)
      length += read
      const text = buffer.toString('latin1', 0, length)
      if (PRIVATE_KEY.test(text)) {
        buffer.fill(0)
        return err(PRIVATE_KEY_ADVICE)
      }
      if (read === 0) return ok(text)
    }
    return err('is larger than 64 KiB')
  } finally {
    closeSync(descriptor)
  }
}

function whyClosed(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'does not exist'
    case 'EACCES':
      return 'may not be read by this user'
    default:
      return `cannot be read (${code})`
  }
}

function certificates(ders: readonly Uint8Array[]): Result<StagedContents, string> {
  const chain: StagedCertificate[] = []
  if (ders.length > MAX_CERTIFICATES) return err(`holds more than ${MAX_CERTIFICATES} certificates`)
  for (const der of ders) {
    const spki = spkiOf(der)
    try {
      const { validFromDate, validToDate } = new X509Certificate(der)
      if (spki === null) return err('holds a certificate without a public key')
      chain.push({
        whole: dataOf(der),
        key: dataOf(spki),
        notBeforeAt: validFromDate.getTime(),
        notAfterAt: validToDate.getTime(),
      })
    } catch (error) {
      return err(`holds a certificate that cannot be read (${(error as Error).message})`)
    }
  }
  const [leaf] = chain
  return leaf === undefined ? err('holds no certificate') : ok({ form: 'certificate', key: leaf.key, chain })
}

function request(der: Uint8Array): Result<StagedContents, string> {
  const read = readCertificateRequest(der)
  if (read === null) return err('holds a certificate request that cannot be read')
  if (!isProven(read))
    return err('holds a certificate request whose signature does not fit its key; make a new one')
  return ok({ form: 'request', key: dataOf(read.spki), chain: [] })
}

/** OBJECT IDENTIFIERs in hex, and the digest that they sign; null: the algorithm has its own. */
const DIGESTS: ReadonlyMap<string, string | null> = new Map([
  ['06082a8648ce3d040302', 'sha256'],
  ['06082a8648ce3d040303', 'sha384'],
  ['06082a8648ce3d040304', 'sha512'],
  ['06092a864886f70d01010b', 'sha256'],
  ['06092a864886f70d01010c', 'sha384'],
  ['06092a864886f70d01010d', 'sha512'],
  ['06032b6570', null],
])

/** RFC 2986 §4.2. One of an algorithm that is not known here is believed: nothing but a hash is taken from it. */
function isProven({ spki, signed, algorithm, signature }: CertificateRequest): boolean {
  const digest = DIGESTS.get(Buffer.from(algorithm).toString('hex'))
  if (digest === undefined) return true
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    return verify(digest, signed, key, signature)
  } catch {
    return false
  }
}

function publicKey(der: Uint8Array): Result<StagedContents, string> {
  try {
    createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
  } catch (error) {
    return err(`holds a public key that cannot be read (${(error as Error).message})`)
  }
  return ok({ form: 'public-key', key: dataOf(der), chain: [] })
}

function dataOf(bytes: Uint8Array): TlsaData {
  return {
    exact: Buffer.from(bytes).toString('hex'),
    sha256: hash('sha256', bytes, 'hex'),
    sha512: hash('sha512', bytes, 'hex'),
  }
}
