import { sha256 } from '../../lib/sha256.ts'
import type { UnixMs } from '../../lib/time.ts'
import { matchesDnsId } from '../x509/identity.ts'
import { agileRecords, type TlsaRecord } from './tlsa.ts'

/** What of a certificate TLSA records are compared with. */
export interface DaneCertificate {
  readonly subject: string
  readonly dnsNames: readonly string[]
  readonly notBeforeAt: UnixMs
  readonly notAfterAt: UnixMs
  /** Hex digests of the certificate and of its public key (SubjectPublicKeyInfo). */
  readonly sha256: string
  readonly sha512: string
  readonly spkiSha256: string
  readonly spkiSha512: string
}

/** A chain as the server sent it, leaf first. */
export interface DaneChain {
  readonly chain: readonly DaneCertificate[]
  /** How many, from the leaf on, are joined by valid signatures; null: that was not worked out. */
  readonly linked: number | null
}

export interface DaneContext {
  /** The TLSA base domain and what else the certificate may name (RFC 7672 §3.2.2). */
  readonly names: readonly string[]
  readonly now: UnixMs
}

/** Why no record vouches for the chain: the one that came nearest decides. */
export type DaneFailure =
  /** A trust anchor of the records was sent, but the leaf names another host. */
  | 'name'
  /** The same, but a certificate below it has ended or has not begun. */
  | 'dates'
  /** The same, but the signatures do not lead from the leaf to it. */
  | 'signatures'
  /** All records that could vouch name trust anchors, and none was sent. */
  | 'anchor-not-sent'
  | 'mismatch'

export type DaneResult =
  | { readonly outcome: 'authenticated'; readonly record: TlsaRecord }
  | { readonly outcome: 'failed'; readonly why: DaneFailure }
  /** No record is usable: TLS without authentication (RFC 7672 §2.2). */
  | { readonly outcome: 'unusable' }

const NEAREST: readonly DaneFailure[] = ['name', 'dates', 'signatures']

/** Does one of the records vouch for this chain (RFC 7671 §5, RFC 7672 §3.1)? */
export function matchDane(
  records: readonly TlsaRecord[],
  presented: DaneChain,
  context: DaneContext,
): DaneResult {
  const usable = agileRecords(records)
  if (usable.length === 0) return { outcome: 'unusable' }
  const tried = usable.map((record) => ({ record, why: whyNot(record, presented, context) }))
  const good = tried.find(({ why }) => why === null)
  if (good !== undefined) return { outcome: 'authenticated', record: good.record }
  const nearest = NEAREST.find((failure) => tried.some(({ why }) => why === failure))
  const onlyAnchors = usable.every(({ usage }) => usage === 2)
  return { outcome: 'failed', why: nearest ?? (onlyAnchors ? 'anchor-not-sent' : 'mismatch') }
}

/** Does the record name this certificate, or its key? */
export function pins(record: TlsaRecord, certificate: DaneCertificate): boolean {
  const { selector, matching, data } = record
  if (matching === 0) {
    // The bytes themselves: whoever has the same digest is the same.
    const digest = sha256(Buffer.from(data, 'hex'))
    return digest === (selector === 0 ? certificate.sha256 : certificate.spkiSha256)
  }
  return data === tlsaData(certificate, selector, matching)
}

/** The data of a record for this certificate; null for what needs its bytes (matching 0), or is unknown. */
export function tlsaData(certificate: DaneCertificate, selector: number, matching: number): string | null {
  if (matching === 1) return selector === 0 ? certificate.sha256 : certificate.spkiSha256
  if (matching === 2) return selector === 0 ? certificate.sha512 : certificate.spkiSha512
  return null
}

/** Null: the record vouches for the chain. */
function whyNot(
  record: TlsaRecord,
  { chain, linked }: DaneChain,
  { names, now }: DaneContext,
): DaneFailure | null {
  const [leaf] = chain
  if (leaf === undefined) return 'mismatch'
  // RFC 7672 §3.1.1: for the server's own certificate neither names nor dates count.
  if (record.usage === 3) return pins(record, leaf) ? null : 'mismatch'
  // RFC 7672 §3.1.2: the anchor is above the leaf, and must have been sent.
  const anchor = chain.findIndex((certificate, index) => index > 0 && pins(record, certificate))
  if (anchor === -1) return 'mismatch'
  if (linked !== null && anchor >= linked) return 'signatures'
  const below = chain.slice(0, anchor + 1)
  if (below.some(({ notBeforeAt, notAfterAt }) => now < notBeforeAt || now >= notAfterAt)) return 'dates'
  return names.some((name) => namesHost(leaf, name)) ? null : 'name'
}

/** RFC 7672 §3.2.3: the common name counts only where there is no DNS name at all. */
function namesHost({ dnsNames, subject }: DaneCertificate, name: string): boolean {
  if (dnsNames.length > 0) return matchesDnsId(dnsNames, name)
  const [, commonName = ''] = /(?:^|, )CN=([^,]+)/.exec(subject) ?? []
  return matchesDnsId([commonName.toLowerCase()], name)
}
