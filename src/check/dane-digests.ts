import type { DaneEvidence } from '../model/evidence/dane-evidence.ts'
import type { Severity } from '../model/finding.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { CertificateFacts } from '../model/tls.ts'
import { pins } from '../protocol/dane/match.ts'
import { isUsable, type TlsaRecord } from '../protocol/dane/tlsa.ts'
import type { DaneAddress, DaneRecords } from './dane-view.ts'
import type { Facts } from './facts.ts'
import { forShare } from './severity.ts'
import { CLEAR, found, moot, undecided, type Verdict } from './verdict.ts'

type Evidence = DaneEvidence['dane.tlsa.digests-disagree']

/** Two kinds of digest of one usage and selector that do not describe the same certificates. */
type DigestDispute = Pick<Evidence, 'usage' | 'selector' | 'certificate' | 'lacking' | 'isRefused'>

interface Group {
  readonly usage: number
  readonly selector: number
  readonly short: readonly TlsaRecord[]
  readonly long: readonly TlsaRecord[]
}

/**
 * Where SHA-256 and SHA-512 stand side by side, each must name every certificate that the other names: which of them a sender
 * looks at is its own affair (RFC 7671 §8, §9).
 */
export function checkDigests(
  { snapshot }: Facts,
  host: MxHost,
  view: DaneRecords,
  addresses: readonly DaneAddress[],
): Verdict {
  const { domain } = snapshot
  if (!hasBothDigests(view)) return CLEAR
  const dispute = worstDispute(view, addresses)
  const shown = addresses.filter(({ result }) => 'tls' in result)
  if (dispute === null) {
    // What an address does not show may be named by one of the digests alone.
    const isUnseen = shown.length === 0 || shown.length < addresses.length
    const because = moot('an address showed no certificate')
    return isUnseen ? undecided(['dane.tlsa.digests-disagree'], domain, host.name, because) : CLEAR
  }
  const at = Math.max(view.at, ...(dispute.certificate === null ? [] : shown.map((one) => one.observedAt)))
  const refused = addresses.filter((one) => isOutweighed(view, one)).length
  return found(
    'dane.tlsa.digests-disagree',
    { domain, subject: host.name, at },
    severityOf(dispute, refused, shown.length),
    { host: host.name, owner: `_25._tcp.${view.base}`, records: view.rdata, ...dispute },
  )
}

function severityOf({ isRefused, certificate }: DigestDispute, refused: number, of: number): Severity {
  if (isRefused) return forShare('critical', refused, of)
  return certificate === null ? 'info' : 'warning'
}

/** Null: there is none. */
function worstDispute({ records }: DaneRecords, addresses: readonly DaneAddress[]): DigestDispute | null {
  const disputes = groupsOf(records).flatMap((group) => disputesIn(group, addresses))
  return (
    disputes.find(({ isRefused }) => isRefused) ??
    disputes.find(({ certificate }) => certificate !== null) ??
    disputes[0] ??
    null
  )
}

/** Is this address refused only because a longer digest, of something else, stands beside the right one? */
export function isOutweighed({ records }: DaneRecords, { result }: DaneAddress): boolean {
  if (result.outcome !== 'failed') return false
  return groupsOf(records).some(({ usage, short, long }) =>
    candidates(usage, result.tls.chain).some((one) => names(short, one) && !names(long, one)),
  )
}

/** Is there a usage and selector with digests of both kinds? */
function hasBothDigests({ records }: DaneRecords): boolean {
  return groupsOf(records).length > 0
}

function disputesIn(group: Group, addresses: readonly DaneAddress[]): readonly DigestDispute[] {
  const { usage, selector, short, long } = group
  const shown = addresses.flatMap(({ result }): readonly DigestDispute[] => {
    if (result.outcome !== 'authenticated' && result.outcome !== 'failed') return []
    return candidates(usage, result.tls.chain).flatMap((certificate) => {
      const isShort = names(short, certificate)
      if (isShort === names(long, certificate)) return []
      const isRefused = isShort && result.outcome === 'failed'
      return [{ usage, selector, certificate, lacking: isShort ? 2 : 1, isRefused }]
    })
  })
  if (shown.length > 0 || short.length === long.length) return shown
  const lacking = short.length < long.length ? 1 : 2
  return [{ usage, selector, certificate: null, lacking, isRefused: false }]
}

/** What a record of this usage may name in a chain. */
function candidates(usage: number, chain: readonly CertificateFacts[]): readonly CertificateFacts[] {
  return usage === 3 ? chain.slice(0, 1) : chain.slice(1)
}

function names(records: readonly TlsaRecord[], certificate: CertificateFacts): boolean {
  return records.some((record) => pins(record, certificate))
}

/** Usages and selectors that have digests of both kinds. */
function groupsOf(records: readonly TlsaRecord[]): readonly Group[] {
  const groups = Map.groupBy(records.filter(isUsable), ({ usage, selector }) => `${usage} ${selector}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    const short = group.filter(({ matching }) => matching === 1)
    const long = group.filter(({ matching }) => matching === 2)
    if (first === undefined || short.length === 0 || long.length === 0) return []
    return [{ usage: first.usage, selector: first.selector, short, long }]
  })
}
