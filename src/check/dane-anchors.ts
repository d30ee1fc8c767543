import { DAY_MS } from '../lib/time.ts'
import type { NextCertificate, NextPins } from '../model/evidence/face-evidence.ts'
import type { FindingCode } from '../model/finding.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { CertificateFacts } from '../model/tls.ts'
import { matchesDnsId } from '../protocol/x509/identity.ts'
import { type Pin, pinMatches, readPin } from './anchor-pins.ts'
import { hasSilentFace } from './faces-shown.ts'
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
  const { tlsa } = host
  const unseen = faultOf(host.addresses)
  if (unseen !== null) return undecided(CODES, domain, host.name, unseen)
  // Skipped: the address answer is not secure, so that TLSA records mean nothing.
  if (tlsa.outcome === 'absent' || tlsa.outcome === 'skipped') return CLEAR
  const open = (why: string) => undecided(CODES, domain, host.name, moot(why))
  // Told by the checks of DANE itself where it matters.
  if (tlsa.outcome !== 'seen') return open('the TLSA records could not be seen')
  if (tlsa.value.security !== 'secure') return CLEAR
  const pins = usablePins(tlsa.value.records)
  const [current] = chainsAt25(host)
  if (pins.length === 0) return CLEAR
  if (current === undefined) return open('port 25 showed no certificate this time')
  const by = matchedBy(pins, current.chain)
  // A root that was sent is not told apart from one that was not, and some digests cannot be compared.
  if (by === null) return open('what the TLSA records pin today cannot be told')
  const isSilent = hasSilentFace(facts, host, (port) => port !== 25)
  return together([
    renewalBreaks(facts, host, pins, current),
    issuerChanges(facts, host, pins, current),
    isSilent ? open('a port did not answer this time') : CLEAR,
  ])
}

/** RFC 7672 §3.1.3: usages 0 and 1 are not for SMTP. */
function usablePins(records: readonly string[]): readonly Pin[] {
  return records.map(readPin).flatMap((pin) => (pin?.usage === 2 || pin?.usage === 3 ? [pin] : []))
}

type Chain = readonly CertificateFacts[]

interface Current {
  readonly at: number
  readonly chain: Chain
  readonly leaf: CertificateFacts
}

function chainsAt25({ sessions }: MxHost): readonly Current[] {
  const seen = sessions.flatMap(({ smtp }) =>
    smtp.outcome === 'seen' && smtp.value.startTls.outcome === 'established'
      ? [{ at: smtp.at, chain: smtp.value.startTls.tls.chain }]
      : [],
  )
  const whole = seen.flatMap((one) => {
    const [leaf] = one.chain
    return leaf === undefined ? [] : [{ ...one, leaf }]
  })
  return whole.toSorted((one, other) => one.leaf.notAfterAt - other.leaf.notAfterAt)
}

/** The usage that a chain is matched by; null: by none, or it cannot be told. */
function matchedBy(pins: readonly Pin[], [leaf, ...above]: Chain): 'certificate' | 'authority' | null {
  if (leaf === undefined) return null
  if (pins.some((pin) => pin.usage === 3 && pinMatches(pin, leaf) === true)) return 'certificate'
  const isAnchored = pins.some((pin) => pin.usage === 2 && above.some((one) => pinMatches(pin, one) === true))
  return isAnchored ? 'authority' : null
}

/** No record matches, and none is of a kind that cannot be compared. */
function isUnpinned(pins: readonly Pin[], chain: Chain): boolean {
  const isOpaque = pins.some((pin) => chain.some((one) => pinMatches(pin, one) === null))
  return !isOpaque && matchedBy(pins, chain) === null
}

const SOON_MS = 3 * DAY_MS

/**
 * The chain of this host that is renewed elsewhere already, when no TLSA record matches it: the moment that port 25 shows
 * it, senders that use DANE refuse the host. Null: there is none.
 */
export function unpinnedRenewal(host: MxHost): NextCertificate | null {
  const { tlsa } = host
  if (tlsa.outcome !== 'seen' || tlsa.value.security !== 'secure') return null
  const pins = usablePins(tlsa.value.records)
  const [current] = chainsAt25(host)
  if (current === undefined || pins.length === 0 || matchedBy(pins, current.chain) === null) return null
  for (const { address, port, look } of host.faces) {
    if (port === 25 || look.outcome !== 'seen' || look.value.outcome !== 'shown') continue
    const { chain } = look.value.tls
    const [leaf, issuer = null] = chain
    if (leaf === undefined || !matchesDnsId(leaf.dnsNames, host.name)) continue
    const isNewer = leaf.notBeforeAt > current.leaf.notBeforeAt && leaf.keyType === current.leaf.keyType
    if (isNewer && isUnpinned(pins, chain)) return { host: host.name, address, port, leaf, issuer }
  }
  return null
}

/**
 * Is this chain, which port 25 shows beside the ordinary one, matched by no TLSA record although the ordinary one is? A
 * sender that gets it does not deliver.
 */
export function isUnpinnedBeside(host: MxHost, chain: Chain): boolean {
  const { tlsa } = host
  if (tlsa.outcome !== 'seen' || tlsa.value.security !== 'secure') return false
  const pins = usablePins(tlsa.value.records)
  const isMatched = chainsAt25(host).some((current) => matchedBy(pins, current.chain) !== null)
  return isMatched && isUnpinned(pins, chain)
}

function renewalBreaks(facts: Facts, host: MxHost, pins: readonly Pin[], current: Current): Verdict {
  const next = unpinnedRenewal(host)
  if (next === null) return CLEAR
  const leftMs = current.leaf.notAfterAt - facts.now
  const face = host.faces.find(({ address, port }) => address === next.address && port === next.port)
  const faceAt = face?.look.outcome === 'seen' ? face.look.at : current.at
  return found(
    'dane.anchor.renewal-breaks',
    { domain: facts.snapshot.domain, subject: host.name, at: Math.max(current.at, faceAt) },
    leftMs <= SOON_MS ? 'critical' : 'warning',
    evidenceOf(host, pins, current, next),
  )
}

function issuerChanges(facts: Facts, host: MxHost, pins: readonly Pin[], current: Current): Verdict {
  // Who pins the key of the certificate itself does not care who signed it.
  if (matchedBy(pins, current.chain) !== 'authority') return CLEAR
  const others = facts.snapshot.hosts.filter(({ name }) => name !== host.name)
  for (const other of others) {
    for (const { at, chain, leaf } of chainsAt25(other)) {
      const issuer = chain[1] ?? null
      if (!isSuccessor(chain, current.chain) || !isUnpinned(pins, chain)) continue
      const [session] = other.sessions
      if (session === undefined) continue
      const next: NextCertificate = { host: other.name, address: session.address, port: 25, leaf, issuer }
      return found(
        'dane.anchor.issuer-changing',
        { domain: facts.snapshot.domain, subject: host.name, at: Math.max(at, current.at) },
        'info',
        evidenceOf(host, pins, current, next),
      )
    }
  }
  return CLEAR
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

function evidenceOf(host: MxHost, pins: readonly Pin[], current: Current, next: NextCertificate): NextPins {
  return {
    host: host.name,
    records: pins.map(({ usage, selector, matching, data }) => `${usage} ${selector} ${matching} ${data}`),
    current: current.leaf,
    next,
    publish: recordFor(host, next),
    ttlSeconds: host.tlsa.outcome === 'seen' ? host.tlsa.value.ttlSeconds : 0,
  }
}

/** The TLSA record to publish for what comes next: of the kind that the host goes by today. */
export function recordFor(host: MxHost, { issuer, leaf }: NextCertificate): string {
  const pins = host.tlsa.outcome === 'seen' ? usablePins(host.tlsa.value.records) : []
  const [current] = chainsAt25(host)
  const isByAuthority = current !== undefined && matchedBy(pins, current.chain) === 'authority'
  // An intermediate that is not sent cannot be pinned.
  return isByAuthority && issuer !== null ? `2 1 1 ${issuer.spkiSha256}` : `3 1 1 ${leaf.spkiSha256}`
}
