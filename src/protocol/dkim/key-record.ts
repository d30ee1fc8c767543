import { display } from '../../lib/display.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { colonList, readBase64, readDkimTags, withoutFolding } from './tag-list.ts'

/** What a TXT record at `selector._domainkey.domain` says (RFC 6376 §3.6.1). */
export interface KeyRecord {
  readonly keyType: 'rsa' | 'ed25519'
  /** Hash algorithms that signatures may use; null: any. */
  readonly hashes: readonly string[] | null
  /** Service types; `*` is any and stands there when the record names none. */
  readonly services: readonly string[]
  /** t=y: the domain tries DKIM out and stands for nothing. */
  readonly isTesting: boolean
  /** t=s: a signature's i= may name no subdomain. */
  readonly isForExactDomain: boolean
  /** RSA: DER; Ed25519: 32 bytes (RFC 8463 §4.2). */
  readonly publicKey: Uint8Array
}

export interface KeyRecordFault {
  /** other: some other TXT record. revoked: p= is empty. */
  readonly kind: 'other' | 'malformed' | 'revoked'
  /** What the record is or holds, to follow "the key record"; may hold untrusted text, made safe. */
  readonly detail: string
}

/** Reads one key record. Tags nobody knows are passed over, as the RFC asks. */
export function readKeyRecord(text: string): Result<KeyRecord, KeyRecordFault> {
  const list = readDkimTags(text)
  if (!list.ok) {
    const kind = /(?:^|;)\s*(?:p\s*=|v\s*=\s*DKIM1)/.test(text) ? 'malformed' : 'other'
    return err({ kind, detail: list.error })
  }
  const tags = list.value
  const version = tags.get('v')
  const key = tags.get('p')
  if (version !== undefined && version !== 'DKIM1') return err({ kind: 'other', detail: 'is no v=DKIM1' })
  if (key === undefined) {
    return version === undefined ? err({ kind: 'other', detail: 'has no p=' }) : malformed('has no p=')
  }
  // RFC 6376 §3.6.1: v= "MUST be the first tag in the record".
  if (version !== undefined && !/^\s*v/.test(text)) return malformed('does not begin with its v=')
  if (withoutFolding(key) === '') return err({ kind: 'revoked', detail: 'says that the key is revoked' })
  const publicKey = readBase64(key)
  if (publicKey === null) return malformed('has a p= that is no base64')
  const keyType = tags.get('k')?.toLowerCase() ?? 'rsa'
  if (keyType !== 'rsa' && keyType !== 'ed25519') {
    return malformed(`is for the unknown key type ${display(keyType, 40)}`)
  }
  const flags = colonList(tags.get('t') ?? '')
  const hashes = tags.get('h')
  return ok({
    keyType,
    hashes: hashes === undefined ? null : colonList(hashes),
    services: colonList(tags.get('s') ?? '*'),
    isTesting: flags.includes('y'),
    isForExactDomain: flags.includes('s'),
    publicKey,
  })
}

function malformed(detail: string): Result<never, KeyRecordFault> {
  return err({ kind: 'malformed', detail })
}
