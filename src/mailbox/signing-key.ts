import { createPublicKey, type KeyObject } from 'node:crypto'
import type { DistrustCode } from '../model/received-report.ts'
import { type KeyRecord, readKeyRecord } from '../protocol/dkim/key-record.ts'

/** What the DNS gave for a key's name. */
export type KeyLookUp =
  | { readonly outcome: 'found'; readonly texts: readonly string[] }
  | { readonly outcome: 'absent' }
  /** Nobody knows just now (R49). */
  | { readonly outcome: 'unknown'; readonly detail: string }

export interface SigningKey {
  readonly record: KeyRecord
  readonly key: KeyObject
  /** Of the modulus; null: not RSA. */
  readonly bits: number | null
}

export interface KeyRefusal {
  readonly because: DistrustCode
  /** To follow "the key record". */
  readonly detail: string
}

/** The longest key record that is read, in bytes (S17); RSA with 16,384 bits needs 2,800. */
export const KEY_RECORD_BYTES = 4 * 1024

// SubjectPublicKeyInfo of an Ed25519 key, less the key itself (RFC 8410 §4).
const ED25519_FRAME_HEX = '302a300506032b6570032100'
const KEYS_KEPT = 200
const kept = new Map<string, SigningKey | KeyRefusal>()

/** The key in the TXT records at a key's name. Keys read before are remembered: a sender signs thousands of mails with one. */
export function readSigningKey(texts: readonly string[]): SigningKey | KeyRefusal {
  const identity = texts.join('\n')
  const known = kept.get(identity)
  if (known !== undefined) return known
  const key = read(texts)
  if (kept.size >= KEYS_KEPT) kept.clear()
  if (identity.length <= KEY_RECORD_BYTES) kept.set(identity, key)
  return key
}

function read(texts: readonly string[]): SigningKey | KeyRefusal {
  const tooLong = texts.find((text) => text.length > KEY_RECORD_BYTES)
  if (tooLong !== undefined) {
    const detail = `is ${tooLong.length} bytes long; at most ${KEY_RECORD_BYTES} are read`
    return { because: 'key-malformed', detail }
  }
  const readings = texts.map(readKeyRecord)
  // RFC 6376 §3.6.2.2: several key records at one name have no meaning; other TXT records do not matter.
  const counted = readings.filter((reading) => reading.ok || reading.error.kind !== 'other')
  const [reading = readings[0], ...others] = counted
  if (others.length > 0) return { because: 'key-malformed', detail: 'stands there more than once' }
  if (reading === undefined) return { because: 'key-missing', detail: 'does not exist' }
  if (reading.ok) return openKey(reading.value)
  const { kind, detail } = reading.error
  return { because: kind === 'revoked' ? 'key-missing' : 'key-malformed', detail }
}

function openKey(record: KeyRecord): SigningKey | KeyRefusal {
  const key = record.keyType === 'rsa' ? openRsa(record.publicKey) : openEd25519(record.publicKey)
  if (key === null || key.asymmetricKeyType !== record.keyType) {
    return { because: 'key-malformed', detail: `has a p= that is no ${record.keyType} key` }
  }
  return { record, key, bits: key.asymmetricKeyDetails?.modulusLength ?? null }
}

/** RFC 6376 §3.6.1 says RSAPublicKey, everybody publishes SubjectPublicKeyInfo; both are read. */
function openRsa(der: Uint8Array): KeyObject | null {
  return openDer(Buffer.from(der), 'spki') ?? openDer(Buffer.from(der), 'pkcs1')
}

function openEd25519(bytes: Uint8Array): KeyObject | null {
  return bytes.length === 32
    ? openDer(Buffer.concat([Buffer.from(ED25519_FRAME_HEX, 'hex'), bytes]), 'spki')
    : null
}

function openDer(key: Buffer, type: 'spki' | 'pkcs1'): KeyObject | null {
  try {
    return createPublicKey({ key, format: 'der', type })
  } catch {
    return null
  }
}
