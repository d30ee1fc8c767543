import { createHash, type KeyObject, verify } from 'node:crypto'
import dkimBodies from 'mailauth/lib/dkim/body/index.js'
import dkimHeaders from 'mailauth/lib/dkim/header/index.js'
import type { DkimSignature } from '../protocol/dkim/signature-header.ts'
import type { HeaderField, SplitMail } from './header-fields.ts'

/** The body's SHA-256, canonicalized as a signature asks; each of the two ways is computed once. */
export type BodyHashes = (canonicalization: 'simple' | 'relaxed') => Buffer

/**
 * Canonicalization (RFC 6376 §3.4) is mailauth's: its verifier as a whole would look at every signature of a mail, read
 * the mail byte by byte, and ignore keys for `tlsrpt`.
 */
export function bodyHashes(body: Uint8Array): BodyHashes {
  const known = new Map<string, Buffer>()
  return (canonicalization) => {
    const hash = known.get(canonicalization) ?? hashBody(body, canonicalization)
    known.set(canonicalization, hash)
    return hash
  }
}

function hashBody(body: Uint8Array, canonicalization: 'simple' | 'relaxed'): Buffer {
  const hasher = dkimBodies.dkimBody(canonicalization, 'sha256', '')
  if (body.length > 0) hasher.update(body)
  return Buffer.from(hasher.digest('base64'), 'base64')
}

/** Whether b= is what `key` makes of the signed header fields, all of them whole; `field` is the DKIM-Signature itself. */
export function headersMatch(
  signature: DkimSignature,
  field: HeaderField,
  { fields }: SplitMail,
  key: KeyObject,
): boolean {
  const headers = signedFields(signature.signedHeaders, fields)
  if ([field, ...headers].some(isTorn)) return false
  const { canonicalizedHeader } = dkimHeaders.generateCanonicalizedHeader(
    'DKIM',
    { headers },
    {
      signatureHeaderLine: field.line,
      canonicalization: signature.headerCanonicalization,
      strict: true,
    },
  )
  try {
    // RFC 8463 §3: Ed25519 signs the SHA-256 of the headers, not the headers.
    return key.asymmetricKeyType === 'rsa'
      ? verify('sha256', canonicalizedHeader, key, signature.signature)
      : verify(null, createHash('sha256').update(canonicalizedHeader).digest(), key, signature.signature)
  } catch {
    return false
  }
}

/**
 * Does a line of it begin without white space? Unfolding would hide that (RFC 6376 §3.4.2), and other readers do not take the
 * line for a part of the field (RFC 5322 §2.2.3).
 */
function isTorn({ line }: HeaderField): boolean {
  return /\r\n(?![ \t])/.test(line)
}

/** RFC 6376 §5.4.2: of fields with one name the lowest that is not yet taken; a name without a field signs its absence. */
function signedFields(names: readonly string[], fields: readonly HeaderField[]): readonly HeaderField[] {
  const rest = new Map<string, HeaderField[]>()
  for (const field of fields) {
    const sameName = rest.get(field.name)
    if (sameName === undefined) rest.set(field.name, [field])
    else sameName.push(field)
  }
  return names.map((name) => rest.get(name)?.pop()).filter((field) => field !== undefined)
}
