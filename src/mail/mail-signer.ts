import { display } from '../lib/display.ts'
import { ok, type Result } from '../lib/result.ts'
import { formatKeyRecord, keyRecordName } from '../protocol/dkim/format-key-record.ts'
import { readRsaPrivateKey } from '../protocol/dkim/rsa-private-key.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { DkimKey } from './dkim-sign.ts'
import { selfVerify } from './self-verify.ts'
import { UnsignableMessage } from './signable.ts'

/** What became of one mail; `why` is a sentence for the operator. */
export type SigningOutcome =
  | { readonly outcome: 'signed' }
  /** With the key that it failed with, or the first when it is not the key's fault. */
  | {
      readonly outcome: 'unsigned'
      readonly domain: DomainName
      readonly selector: string
      readonly why: string
    }

/** Signs mail so that nothing can be lost by it. */
export interface MailSigner {
  /**
   * The message signed with every key, once each signature has been verified with the public half of its key; else the
   * message as it was. Never rejects.
   */
  sign(raw: string): Promise<SigningOutcome & { readonly raw: string }>
}

const WHY_MAX = 300

/** A signer for these keys (at least one). */
export function mailSigner(keys: readonly DkimKey[]): MailSigner {
  const [first] = keys
  if (first === undefined) throw new Error('a signer needs at least one key')
  const failed = ({ domain, selector }: DkimKey, why: string) =>
    ({ outcome: 'unsigned', domain, selector, why: display(why, WHY_MAX) }) as const
  return {
    async sign(raw) {
      try {
        // Loaded only by those who sign.
        const { signMail } = await import('./dkim-sign.ts')
        const signed = signMail(raw, keys)
        const broken = await brokenSignature(signed, keys)
        return broken === null
          ? { outcome: 'signed', raw: signed }
          : { ...failed(broken.key, broken.why), raw }
      } catch (error) {
        return { ...failed(first, reasonOf(error)), raw }
      }
    },
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UnsignableMessage) return error.message
  // What Node says of a key names its code and nothing of the key.
  return `signing failed: ${error instanceof Error ? error.message : String(error)}`
}

interface BrokenSignature {
  readonly key: DkimKey
  readonly why: string
}

/** The first key that is none to sign with, or whose signature is missing or does not hold; null: all hold. */
async function brokenSignature(signed: string, keys: readonly DkimKey[]): Promise<BrokenSignature | null> {
  const records = new Map<string, string>()
  for (const key of keys) {
    const record = ownRecord(key)
    if (!record.ok) return { key, why: `the key of ${key.selector} ${record.error}` }
    records.set(keyRecordName(key.selector, key.domain), record.value)
  }
  const checked = await selfVerify(signed, records)
  for (const key of keys) {
    const own = checked.find(
      (one) => sameName(one.domain, key.domain) && sameName(one.selector, key.selector),
    )
    if (own === undefined) return { key, why: `the signature of ${key.selector} is missing` }
    if (own.why !== null) return { key, why: `the signature of ${key.selector} does not verify: ${own.why}` }
  }
  return null
}

/** Names of the DNS are the same in any case. */
function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** The record as it has to be published for this key. */
function ownRecord({ privateKey }: DkimKey): Result<string, string> {
  const facts = readRsaPrivateKey(privateKey.reveal())
  return facts.ok ? ok(formatKeyRecord({ publicKey: facts.value.publicKey, service: null })) : facts
}
