import { display } from '../../lib/display.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { SECOND_MS, type UnixMs } from '../../lib/time.ts'
import { type DomainName, parseDomainName } from '../domain-name.ts'
import { colonList, type DkimTags, readBase64, readDkimTags } from './tag-list.ts'

export type Canonicalization = 'simple' | 'relaxed'

/** What a DKIM-Signature header claims (RFC 6376 §3.5); nothing of it is verified. */
export interface DkimSignature {
  /** a=, lower case; any, known or not. */
  readonly algorithm: string
  /** d= */
  readonly signer: DomainName
  /** s=, lower case. */
  readonly selector: string
  /** Where its key lies: `selector._domainkey.signer`. */
  readonly keyName: DomainName
  /** The domain of i=; the signer when it is not given. */
  readonly identityDomain: DomainName
  /** h=, lower case; a name stands as often as it was signed. */
  readonly signedHeaders: readonly string[]
  readonly headerCanonicalization: Canonicalization
  readonly bodyCanonicalization: Canonicalization
  /** bh= */
  readonly bodyHash: Uint8Array
  /** b= */
  readonly signature: Uint8Array
  /** l= is there: part of the body may be unsigned. */
  readonly hasBodyLength: boolean
  /** t= and x=; null: not given. */
  readonly signedAt: UnixMs | null
  readonly expiresAt: UnixMs | null
}

const REQUIRED = ['v', 'a', 'b', 'bh', 'd', 'h', 's'] as const
const SELECTOR = /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*$/

/**
 * Reads the value of one DKIM-Signature header, folded as it stands. The error says what is wrong with it, to follow
 * "the signature" (RFC 6376 §6.1.1: such a signature is not to be believed).
 */
export function readDkimSignature(value: string): Result<DkimSignature, string> {
  const list = readDkimTags(value)
  if (!list.ok) return list
  const tags = list.value
  const missing = REQUIRED.find((name) => !tags.has(name))
  if (missing !== undefined) return err(`has no ${missing}=`)
  if (tags.get('v') !== '1') return err(`has the unknown version ${shown(tags, 'v')}`)
  const place = readPlace(tags)
  if (!place.ok) return place
  const [header, body = 'simple', ...rest] = (tags.get('c') ?? 'simple').toLowerCase().split('/')
  if (!isCanonicalization(header) || !isCanonicalization(body) || rest.length > 0) {
    return err(`has the unknown canonicalization ${shown(tags, 'c')}`)
  }
  const signedHeaders = colonList(tags.get('h') ?? '')
  // RFC 6376 §3.5: "The From header field MUST be signed".
  if (!signedHeaders.some((name) => /^from$/.test(name))) return err('does not sign the From header')
  const bodyHash = readBase64(tags.get('bh') ?? '')
  const signature = readBase64(tags.get('b') ?? '')
  if (bodyHash === null || signature === null) return err('has a b= or bh= that is no base64')
  if (tags.has('q') && !colonList(tags.get('q') ?? '').includes('dns/txt')) {
    return err(`has its key at an unknown place, ${shown(tags, 'q')}`)
  }
  const numbers = readNumbers(tags)
  if (!numbers.ok) return numbers
  return ok({
    algorithm: (tags.get('a') ?? '').toLowerCase(),
    ...place.value,
    signedHeaders,
    headerCanonicalization: header,
    bodyCanonicalization: body,
    bodyHash,
    signature,
    ...numbers.value,
  })
}

type Place = Pick<DkimSignature, 'signer' | 'selector' | 'keyName' | 'identityDomain'>

function readPlace(tags: DkimTags): Result<Place, string> {
  const signer = parseDomainName(tags.get('d') ?? '')
  if (signer === null) return err(`has a d= that is no domain, ${shown(tags, 'd')}`)
  const selector = (tags.get('s') ?? '').toLowerCase()
  const keyName = SELECTOR.test(selector) ? parseDomainName(`${selector}._domainkey.${signer}`) : null
  if (keyName === null) return err(`has a selector that is none, ${shown(tags, 's')}`)
  const identity = tags.get('i')
  const identityDomain =
    identity === undefined ? signer : parseDomainName(identity.slice(identity.lastIndexOf('@') + 1))
  // RFC 6376 §6.1.1: i= names the signer or a subdomain of it.
  if (identityDomain === null || !`.${identityDomain}`.endsWith(`.${signer}`)) {
    return err(`has an i= outside of its d=, ${shown(tags, 'i')}`)
  }
  return ok({ signer, selector, keyName, identityDomain })
}

type Numbers = Pick<DkimSignature, 'hasBodyLength' | 'signedAt' | 'expiresAt'>

function readNumbers(tags: DkimTags): Result<Numbers, string> {
  const length = tags.get('l')
  if (length !== undefined && !/^\d{1,76}$/.test(length)) {
    return err(`has an l= that is no number, ${shown(tags, 'l')}`)
  }
  const instants = ['t', 'x'].map((name) => tags.get(name) ?? null)
  if (instants.some((text) => text !== null && !/^\d{1,12}$/.test(text))) {
    return err('has a t= or x= that is no instant')
  }
  const [signedAt = null, expiresAt = null] = instants.map((text) =>
    text === null ? null : Number(text) * SECOND_MS,
  )
  // RFC 6376 §3.5: "The value of the x= tag MUST be greater than the value of the t= tag".
  if (signedAt !== null && expiresAt !== null && expiresAt <= signedAt) {
    return err('expires before it was made')
  }
  return ok({ hasBodyLength: length !== undefined, signedAt, expiresAt })
}

function isCanonicalization(text: string | undefined): text is Canonicalization {
  return text === 'simple' || text === 'relaxed'
}

function shown(tags: DkimTags, name: string): string {
  return `"${display(tags.get(name) ?? '', 64)}"`
}
