import type { UnixMs } from '../lib/time.ts'
import type { Authenticity, DistrustCode } from '../model/received-report.ts'
import { authorDomain } from '../protocol/author-domain.ts'
import { type DkimSignature, readDkimSignature } from '../protocol/dkim/signature-header.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { borderTrust } from './border.ts'
import { type BodyHashes, bodyHashes, headersMatch } from './dkim-verify.ts'
import { fieldValue, type HeaderField, type SplitMail, splitMail } from './header-fields.ts'
import { isAligned, type Refusal, RULE_ORDER, refuseKey, refuseSignature } from './signature-rules.ts'
import { type KeyLookUp, readSigningKey } from './signing-key.ts'

/** At most so many signatures of one mail are evaluated (S17); a hostile mail holds thousands. */
export const SIGNATURES_EVALUATED = 5

export interface AuthenticateOptions {
  /** The authserv-id of our own border, whose Authentication-Results we trust; null: we trust none (S16). */
  readonly trustAuthservId: string | null
}

/** postponed: a key that may decide could not be looked up just now, and nothing else vouches for the mail (R49). */
export type Authentication = Authenticity | { readonly postponed: string }

/** A mail whose signatures are read and not yet verified. */
export interface PendingAuthentication {
  /** Where the keys lie that can still decide: at most five; empty when none can. */
  readonly keyNames: readonly DomainName[]
  /** The answer, given what the DNS says about every one of `keyNames`. */
  conclude(keys: ReadonlyMap<DomainName, KeyLookUp>): Authentication
}

/** Who answers for a mail (S15–S18), with its keys looked up by `lookUpKey`. Never throws for what a sender wrote. */
export async function authenticate(
  mail: Uint8Array,
  lookUpKey: (name: DomainName) => Promise<KeyLookUp>,
  now: UnixMs,
  options: AuthenticateOptions,
): Promise<Authentication> {
  const pending = openAuthentication(mail, now, options)
  const found = await Promise.all(
    pending.keyNames.map(async (name): Promise<[DomainName, KeyLookUp]> => [name, await lookUpKey(name)]),
  )
  return pending.conclude(new Map(found))
}

/** Everything that can be said about a mail's signatures before their keys are known. */
export function openAuthentication(
  bytes: Uint8Array,
  now: UnixMs,
  { trustAuthservId }: AuthenticateOptions,
): PendingAuthentication {
  const mail = splitMail(bytes)
  const author = authorOf(mail)
  if (author === null) {
    return decided(null, 'from-ambiguous', 'no From header with exactly one address')
  }
  const { chosen, total } = chooseSignatures(mail, author)
  const hashes = bodyHashes(mail.body)
  const opened = chosen.map((one) => openSignature(one, mail, { author, now, hashes }))
  const border = trustAuthservId === null ? null : borderTrust(mail.fields, author, trustAuthservId)
  return {
    keyNames: [...new Set(opened.flatMap((one) => ('because' in one ? [] : [one.signature.keyName])))],
    conclude: (keys) => {
      const verdicts = opened.map((one) => ('because' in one ? one : verify(one, mail, keys)))
      const verified = verdicts.find((verdict) => 'trust' in verdict)
      if (verified !== undefined) return verified
      if (border !== null) return border
      const postponed = verdicts.find((verdict) => 'postponed' in verdict)
      if (postponed !== undefined) return postponed
      return refused(
        author,
        verdicts.filter((verdict) => 'because' in verdict),
        total,
      )
    },
  }
}

interface ReadSignature {
  readonly field: HeaderField
  readonly reading: ReturnType<typeof readDkimSignature>
}

interface SoundSignature {
  readonly field: HeaderField
  readonly signature: DkimSignature
}

function decided(claimed: DomainName | null, because: DistrustCode, detail: string): PendingAuthentication {
  return { keyNames: [], conclude: () => ({ trust: 'unverified', claimed, because, detail }) }
}

function authorOf({ fields }: SplitMail): DomainName | null {
  const [from, ...others] = fields.filter(({ name }) => /^from$/.test(name))
  return from === undefined || others.length > 0 ? null : authorDomain(fieldValue(from))
}

/** Those of the From domain first, then from top to bottom (S17). */
function chooseSignatures(
  { fields }: SplitMail,
  author: DomainName,
): { readonly chosen: readonly ReadSignature[]; readonly total: number } {
  const all = fields
    .filter(({ name }) => name === 'dkim-signature')
    .map((field) => ({ field, reading: readDkimSignature(fieldValue(field)) }))
  const isOwn = ({ reading }: ReadSignature) => reading.ok && isAligned(reading.value.signer, author)
  const own = all.filter(isOwn)
  const others = all.filter((one) => !isOwn(one))
  return { chosen: [...own, ...others].slice(0, SIGNATURES_EVALUATED), total: all.length }
}

interface Scene {
  readonly author: DomainName
  readonly now: UnixMs
  readonly hashes: BodyHashes
}

function openSignature(
  { field, reading }: ReadSignature,
  { fields }: SplitMail,
  { author, now, hashes }: Scene,
): SoundSignature | Refusal {
  if (!reading.ok) return { because: 'signature-malformed', detail: `the signature ${reading.error}` }
  const signature = reading.value
  const refusal = refuseSignature(signature, author, fields, now)
  if (refusal !== null) return refusal
  // Before its key is asked for: a changed body needs no DNS.
  const isBodyWhole = hashes(signature.bodyCanonicalization).equals(signature.bodyHash)
  if (!isBodyWhole) return { because: 'signature-broken', detail: 'the body is not the one that was signed' }
  return { field, signature }
}

function verify(
  { field, signature }: SoundSignature,
  mail: SplitMail,
  keys: ReadonlyMap<DomainName, KeyLookUp>,
): Authenticity | Refusal | { readonly postponed: string } {
  const { keyName, signer, selector } = signature
  const answer: KeyLookUp = keys.get(keyName) ?? { outcome: 'unknown', detail: 'it was not looked up' }
  if (answer.outcome === 'unknown') return { postponed: `the key ${keyName}: ${answer.detail}` }
  const key = readSigningKey(answer.outcome === 'found' ? answer.texts : [])
  if ('because' in key) return { because: key.because, detail: `the key record ${keyName} ${key.detail}` }
  const refusal = refuseKey(key, signature)
  if (refusal !== null) return refusal
  return headersMatch(signature, field, mail, key.key)
    ? { trust: 'verified', signer, selector }
    : { because: 'signature-broken', detail: 'a signed header is not the one that was signed' }
}

/** The reason that was nearest to success. */
function refused(author: DomainName, refusals: readonly Refusal[], total: number): Authentication {
  const unverified = { trust: 'unverified', claimed: author } as const
  const [first, ...others] = refusals
  if (first === undefined) return { ...unverified, because: 'unsigned', detail: 'no DKIM-Signature header' }
  const rank = ({ because }: Refusal) => RULE_ORDER.indexOf(because)
  const nearest = others.reduce((best, one) => (rank(one) > rank(best) ? one : best), first)
  const more = total > refusals.length ? ` (of ${total} signatures ${refusals.length} were evaluated)` : ''
  return { ...unverified, because: nearest.because, detail: `${nearest.detail}${more}` }
}
