import type { NextCertificate, NextPins } from '../model/evidence/face-evidence.ts'
import type { FindingCode } from '../model/finding.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { CertificateFacts } from '../model/tls.ts'
import { matchDane, pins, tlsaData } from '../protocol/dane/match.ts'
import { formatTlsa, isUsable, type TlsaRecord } from '../protocol/dane/tlsa.ts'
import { type DaneView, daneAddresses, daneView } from './dane-view.ts'
import { hasSilentFace, namedFaces, SOON_MS } from './faces-shown.ts'
import type { Facts } from './facts.ts'
import { faultOf } from './fault-class.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const CODES: readonly FindingCode[] = ['dane.anchor.renewal-breaks', 'dane.anchor.issuer-changing']

/**
 * Will the TLSA records of a host still match when its next certificate is installed? What is next is known from
 * another port that shows it already, or guessed from another host of the domain that the same authority has renewed by
 * another intermediate (RFC 7671 §8.1: what is coming is published first).
 */
export function checkDaneAnchors(facts: Facts): Verdict {
  const { mx, domain, hosts } = facts.snapshot
  if (facts.domain.dane === 'ignore') return CLEAR
  const because = faultOf(mx)
  if (because !== null) return undecided(CODES, domain, 'any', because)
  return together(hosts.map((host) => hostAnchors(facts, host)))
}

function hostAnchors(facts: Facts, host: MxHost): Verdict {
  const { domain } = facts.snapshot
  // What hides the records is told by the checks of DANE itself.
  const open = (why: string) => undecided(CODES, domain, host.name, moot(why))
  const view = daneView(facts, host)
  if (view.kind === 'undecided' || view.kind === 'failing') return open('the TLSA records are not known')
  if (view.kind !== 'authenticated') return CLEAR
  const today = pinnedToday(facts, host, view)
  if (today === null) return open('no certificate that port 25 shows matches the TLSA records today')
  const isSilent = hasSilentFace(facts, host, (port) => port !== 25)
  return together([
    renewalBreaks(facts, host, today),
    issuerChanges(facts, host, today),
    isSilent ? open('a port did not answer this time') : CLEAR,
  ])
}

type Chain = readonly CertificateFacts[]

/** By what a host proves itself today. */
interface Today {
  readonly at: number
  readonly chain: Chain
  readonly leaf: CertificateFacts
  readonly records: readonly TlsaRecord[]
  /** The pinned certification authority above the leaf; null: the leaf itself, or its key, is pinned. */
  readonly anchor: CertificateFacts | null
  readonly ttlSeconds: number
}

/** Of several addresses the one whose certificate ends first; null: none matches, or none was seen. */
function pinnedToday(
  facts: Facts,
  host: MxHost,
  view: DaneView & { readonly kind: 'authenticated' },
): Today | null {
  const records = view.records.filter(isUsable)
  const ttlSeconds = host.tlsa.outcome === 'seen' ? host.tlsa.value.ttlSeconds : 0
  const matched = daneAddresses(facts, host, view).flatMap(({ observedAt, result }): readonly Today[] => {
    if (result.outcome !== 'authenticated') return []
    const { chain } = result.tls
    const [leaf, ...above] = chain
    if (leaf === undefined) return []
    const anchor = result.record.usage === 3 ? null : (above.find((one) => pins(result.record, one)) ?? null)
    return [{ at: observedAt, chain, leaf, records, anchor, ttlSeconds }]
  })
  return matched.toSorted((one, other) => one.leaf.notAfterAt - other.leaf.notAfterAt)[0] ?? null
}

/** The same for a host about which nothing else is asked; null also where DANE does not count. */
function todayOf(facts: Facts, host: MxHost): Today | null {
  if (facts.domain.dane === 'ignore') return null
  const view = daneView(facts, host)
  return view.kind === 'authenticated' ? pinnedToday(facts, host, view) : null
}

/** Would no record vouch for this chain? Its name and dates are another matter. */
function isUnpinned(facts: Facts, { records, anchor }: Today, chain: Chain): boolean {
  // A root is left out of what other ports show: the anchor may stand above the last certificate that is known.
  if (anchor !== null && chain.at(-1)?.issuer === anchor.subject) return false
  const result = matchDane(records, { chain, linked: null }, { names: [], now: facts.now })
  return result.outcome === 'failed' && (result.why === 'mismatch' || result.why === 'anchor-not-sent')
}

/** A certificate of this host that is renewed elsewhere already, and that no TLSA record matches; null: there is none. */
function unpinnedRenewal(
  facts: Facts,
  host: MxHost,
  today: Today,
): (NextCertificate & { readonly at: number }) | null {
  const next = namedFaces(host).find(
    ({ leaf, chain }) =>
      leaf.notBeforeAt > today.leaf.notBeforeAt &&
      leaf.keyType === today.leaf.keyType &&
      isUnpinned(facts, today, chain),
  )
  if (next === undefined) return null
  const { address, port, at, leaf, chain } = next
  return { host: host.name, address, port, at, leaf, issuer: chain[1] ?? null }
}

/** The TLSA record without which reloading would break DANE: no record matches what would then be shown. Null: none. */
export function publishFirst(facts: Facts, host: MxHost): string | null {
  const today = todayOf(facts, host)
  const next = today === null ? null : unpinnedRenewal(facts, host, today)
  return today === null || next === null ? null : recordFor(today, next)
}

/**
 * The record to publish for a chain that port 25 shows beside the ordinary one and that no TLSA record matches although
 * they match that one: a sender that gets it does not deliver. Null: nothing is missing.
 */
export function missingRecord(facts: Facts, host: MxHost, chain: Chain): string | null {
  const today = todayOf(facts, host)
  const [leaf] = chain
  if (today === null || leaf === undefined || !isUnpinned(facts, today, chain)) return null
  return `3 1 1 ${tlsaData(leaf, 1, 1)}`
}

function renewalBreaks(facts: Facts, host: MxHost, today: Today): Verdict {
  const next = unpinnedRenewal(facts, host, today)
  if (next === null) return CLEAR
  return found(
    'dane.anchor.renewal-breaks',
    { domain: facts.snapshot.domain, subject: host.name, at: Math.max(today.at, next.at) },
    today.leaf.notAfterAt - facts.now <= SOON_MS ? 'critical' : 'warning',
    evidenceOf(host, today, next),
  )
}

function issuerChanges(facts: Facts, host: MxHost, today: Today): Verdict {
  // Who pins the key of the certificate itself does not care who signed it.
  if (today.anchor === null) return CLEAR
  for (const other of facts.snapshot.hosts) {
    const next = other.name === host.name ? null : successorAt(facts, other, today)
    if (next === null) continue
    return found(
      'dane.anchor.issuer-changing',
      { domain: facts.snapshot.domain, subject: host.name, at: Math.max(today.at, next.at) },
      'info',
      evidenceOf(host, today, next),
    )
  }
  return CLEAR
}

function successorAt(
  facts: Facts,
  other: MxHost,
  today: Today,
): (NextCertificate & { readonly at: number }) | null {
  for (const { address, smtp } of other.sessions) {
    if (smtp.outcome !== 'seen' || smtp.value.startTls.outcome !== 'established') continue
    const { chain } = smtp.value.startTls.tls
    const [leaf, issuer = null] = chain
    if (leaf === undefined || !isSuccessor(chain, today.chain) || !isUnpinned(facts, today, chain)) continue
    return { host: other.name, address, port: 25, at: smtp.at, leaf, issuer }
  }
  return null
}

/** Younger, and from another intermediate of the same authority: what this host may get at its next renewal. */
function isSuccessor([leaf, issuer]: Chain, [ownLeaf, ownIssuer]: Chain): boolean {
  if (leaf === undefined || ownLeaf === undefined || issuer === undefined || ownIssuer === undefined)
    return false
  const isSameAuthority =
    issuer.issuer === ownIssuer.issuer ||
    (organisationOf(issuer) !== null && organisationOf(issuer) === organisationOf(ownIssuer))
  return (
    isSameAuthority && issuer.spkiSha256 !== ownIssuer.spkiSha256 && leaf.notBeforeAt > ownLeaf.notBeforeAt
  )
}

function organisationOf({ subject }: CertificateFacts): string | null {
  return /(?:^|, )O=([^,]+)/.exec(subject)?.[1] ?? null
}

function evidenceOf(host: MxHost, today: Today, next: NextCertificate): NextPins {
  const { address, port, leaf, issuer } = next
  return {
    host: host.name,
    base: host.tlsaBase ?? host.name,
    records: today.records.map(formatTlsa),
    current: today.leaf,
    next: { host: next.host, address, port, leaf, issuer },
    publish: recordFor(today, next),
    ttlSeconds: today.ttlSeconds,
  }
}

/** Of the kind that the host goes by today; an intermediate that is not sent cannot be pinned. */
function recordFor({ anchor }: Today, { issuer, leaf }: NextCertificate): string {
  const pinned = anchor !== null && issuer !== null ? issuer : null
  return pinned === null ? `3 1 1 ${tlsaData(leaf, 1, 1)}` : `2 1 1 ${tlsaData(pinned, 1, 1)}`
}
