import { display } from '../lib/display.ts'
import { formatKeyRecord, keyRecordName } from '../protocol/dkim/format-key-record.ts'
import { readRsaPrivateKey } from '../protocol/dkim/rsa-private-key.ts'
import { type DkimKey, signMail, UnsignableMessage } from './dkim-sign.ts'
import { selfVerify } from './self-verify.ts'

/** What became of one mail; `why` is a sentence for the operator. */
export type SigningOutcome =
  | { readonly outcome: 'signed' }
  | { readonly outcome: 'unsigned'; readonly why: string }

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
  return {
    async sign(raw) {
      try {
        const signed = signMail(raw, keys)
        const why = await whyBroken(signed, keys)
        return why === null ? { outcome: 'signed', raw: signed } : { outcome: 'unsigned', why, raw }
      } catch (error) {
        return { outcome: 'unsigned', why: display(reasonOf(error), WHY_MAX), raw }
      }
    },
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UnsignableMessage) return error.message
  // What Node says of a key names its code and nothing of the key.
  return `signing failed: ${error instanceof Error ? error.message : String(error)}`
}

async function whyBroken(signed: string, keys: readonly DkimKey[]): Promise<string | null> {
  const checked = await selfVerify(signed, ownRecords(keys))
  const broken = checked.find(({ why }) => why !== null)
  if (broken !== undefined) {
    return display(`the signature of ${broken.selector} does not verify: ${broken.why}`, WHY_MAX)
  }
  return checked.length === keys.length ? null : 'a signature is missing'
}

/** The records as they have to be published for these keys. */
function ownRecords(keys: readonly DkimKey[]): ReadonlyMap<string, string> {
  return new Map(
    keys.map(({ domain, selector, privateKey }) => {
      const facts = readRsaPrivateKey(privateKey.reveal())
      if (!facts.ok) throw new Error(`the key of ${selector} ${facts.error}`)
      const record = formatKeyRecord({ publicKey: facts.value.publicKey, service: null })
      return [keyRecordName(selector, domain), record]
    }),
  )
}
