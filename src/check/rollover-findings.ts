import { DAY_MS } from '../lib/time.ts'
import type { Finding, FindingCode } from '../model/finding.ts'
import type { Rollover } from '../model/rollover.ts'
import type { MxHost } from '../model/snapshot.ts'
import { matchDane } from '../protocol/dane/match.ts'
import { parseTlsa } from '../protocol/dane/tlsa.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { daneAddresses, daneView, isValidating, referenceNames } from './dane-view.ts'
import type { Facts } from './facts.ts'
import { faultOf } from './fault-class.ts'
import {
  appearance,
  chainAt,
  hasSameRecords,
  installedSince,
  type RolloverFacts,
  rolloverOf,
  tlsaLine,
  whyNotPresented,
} from './rollover.ts'
import { serverTlsaOf } from './server-tlsa.ts'
import { forShare } from './severity.ts'
import { CLEAR, found, moot, type Place, together, undecided, type Verdict } from './verdict.ts'

/** A change that stands still for this long was forgotten. */
const STALLED_MS = 14 * DAY_MS
/** A staged certificate that ends within this time is not worth installing. */
const ENDING_MS = 7 * DAY_MS

const ORDER_CODES: readonly FindingCode[] = ['dane.rollover.too-early', 'dane.rollover.old-record-gone-early']
const CODES: readonly FindingCode[] = [...ORDER_CODES, 'dane.rollover.stalled']

/** Changes of keys that `hosts` in watch.yaml announces: steps out of order, and steps that nobody takes. */
export function checkRollovers(facts: Facts): Verdict {
  const { snapshot, domain } = facts
  const because = faultOf(snapshot.mx)
  if (domain.dane === 'ignore' || facts.rollovers.size === 0) return CLEAR
  if (because !== null) return undecided(CODES, domain.name, 'any', because)
  return together(rolloverFactsOf(facts).map((one) => ofHost(facts, one)))
}

/** What the state of a change of keys is worked out from. */
export type RolloverLook = Pick<Facts, 'snapshot' | 'rollovers' | 'vantage' | 'now'>

/** Every MX host of the look whose key is about to change. */
export function rolloversOf(look: RolloverLook): readonly Rollover[] {
  return rolloverFactsOf(look).map(rolloverOf)
}

export function rolloverFactsOf(look: RolloverLook): readonly RolloverFacts[] {
  const { snapshot, rollovers, now } = look
  if (rollovers.size === 0) return []
  const common = { isValidating: isValidating(look), now }
  return snapshot.hosts.flatMap((host) => {
    const known = rollovers.get(host.name)
    if (known === undefined) return []
    return [{ host, ...known, ...common, servers: serverTlsaOf(snapshot, host) }]
  })
}

/** The change of one host's key, worked out once. */
interface Case {
  readonly facts: Facts
  readonly own: RolloverFacts
  readonly rollover: Rollover
  readonly place: Place
  /** Addresses whose chain no record vouches for. */
  readonly refused: readonly IpAddress[]
}

function ofHost(facts: Facts, own: RolloverFacts): Verdict {
  const { host, staged } = own
  const { name } = facts.domain
  const rollover = rolloverOf(own)
  const { state } = rollover
  if (state.name === 'unknown') return undecided(CODES, name, host.name, state.because)
  if (state.name === 'not-under-dane') return CLEAR
  const place: Place = { domain: name, subject: host.name, at: lookedAt(host) }
  const one: Case = { facts, own, rollover, place, refused: refusedAddresses(facts, host) }
  const hidden = whyNotPresented(host, staged)
  return together([
    hidden === null
      ? together([tooEarly(one), goneEarly(one)])
      : undecided(ORDER_CODES, name, host.name, hidden),
    stalled(one),
  ])
}

function refusedAddresses(facts: Facts, host: MxHost): readonly IpAddress[] {
  const view = daneView(facts, host)
  if (view.kind !== 'authenticated') return []
  return daneAddresses(facts, host, view)
    .filter(({ result }) => result.outcome === 'failed')
    .map(({ address }) => address)
}

/** The staged key is presented before everybody can know its record. */
function tooEarly({ facts, own, rollover, place, refused }: Case): Verdict {
  const { presentNew, presentOld, state, record } = rollover
  const { since, ttlMs } = appearance(own)
  const of = presentNew.length + presentOld.length
  const told = { host: own.host.name, source: own.staged.source, addresses: presentNew, of, record }
  const severity = forShare('critical', presentNew.length, of)
  if (presentNew.length === 0) return CLEAR
  if (state.name === 'missing') {
    if (!presentNew.some((address) => refused.includes(address))) return CLEAR
    const why = { why: 'missing', lacking: [], publishedAt: null, refusedUntil: null } as const
    return found('dane.rollover.too-early', place, severity, { ...told, ...why })
  }
  const publishedAt = since.at
  if (state.name === 'published-at-some') {
    const why = { why: 'not-everywhere', lacking: state.lacking, publishedAt, refusedUntil: null } as const
    return found('dane.rollover.too-early', place, severity, { ...told, ...why })
  }
  // A record that was there at our first look may have been there for years.
  if (!since.isExact || own.now >= since.at + 2 * ttlMs || wasVouched(facts, own, presentNew)) return CLEAR
  const refusedUntil = since.at + ttlMs
  // After one TTL only a resolver that keeps to none holds the set of before.
  const milder = own.now < refusedUntil ? severity : forShare('warning', presentNew.length, of)
  const why = { why: 'cached', lacking: [], publishedAt, refusedUntil } as const
  return found('dane.rollover.too-early', place, milder, { ...told, ...why })
}

/** Did the set of before the staged record vouch for what is presented all the same, as by the record of an authority? */
function wasVouched(facts: Facts, own: RolloverFacts, addresses: readonly IpAddress[]): boolean {
  const { host, history, now } = own
  const before = history.tlsa.findLast(({ value }) => !hasSameRecords(host, value.records))
  const records = (before?.value.records ?? []).flatMap((text) => parseTlsa(text) ?? [])
  const names = referenceNames(facts, host, host.tlsaBase ?? (host.name as DomainName))
  return host.sessions.every((session) => {
    const chain = addresses.includes(session.address) ? chainAt(session) : null
    if (chain === null) return true
    return matchDane(records, { chain, linked: null }, { names, now }).outcome !== 'failed'
  })
}

/** The record of a key that is still presented has gone. */
function goneEarly({ own, rollover, place, refused }: Case): Verdict {
  const { presentNew, presentOld, state } = rollover
  const { host, staged } = own
  const addresses = state.name === 'missing' ? [] : presentOld.filter((address) => refused.includes(address))
  const session = host.sessions.find(({ address }) => address === addresses[0])
  const [leaf] = session === undefined ? [] : (chainAt(session) ?? [])
  if (leaf === undefined) return CLEAR
  const of = presentNew.length + presentOld.length
  const { since, ttlMs } = appearance(own)
  return found('dane.rollover.old-record-gone-early', place, forShare('critical', addresses.length, of), {
    host: host.name,
    source: staged.source,
    addresses,
    of,
    record: tlsaLine(host, leaf.spkiSha256),
    safeAt: state.name === 'published-at-some' ? null : since.at + 2 * ttlMs,
  })
}

/**
 * What is told as a step out of order is not told as a mismatch besides: one cause, one finding. `ignore`: codes that the domain
 * does not want; what it leaves out tells nothing.
 */
export function withoutMismatch(verdict: Verdict, ignore: ReadonlySet<FindingCode>): Verdict {
  const told = new Set(
    verdict.findings
      .filter(({ code }) => ORDER_CODES.includes(code) && !ignore.has(code))
      .map(({ subject }) => subject),
  )
  const isDouble = ({ code, subject }: Finding) => code === 'dane.tlsa.mismatch' && told.has(subject)
  const doubles = verdict.findings.filter(isDouble)
  if (doubles.length === 0) return verdict
  const because = moot('told as a change of keys that is out of order')
  return {
    findings: verdict.findings.filter((finding) => !isDouble(finding)),
    undecided: [
      ...verdict.undecided,
      ...doubles.map(({ code, domain, subject }) => ({ code, domain, subject, because })),
    ],
  }
}

function stalled({ own, rollover, place }: Case): Verdict {
  const { state, presentOld } = rollover
  const { host, staged, now } = own
  const told = { host: host.name, source: staged.source }
  const [leaf] = staged.chain
  const isWaiting = state.name === 'safe-to-install' || state.name === 'installing'
  const isInUse = state.name === 'done' || state.name === 'installed' || state.name === 'old-may-go'
  if (leaf !== undefined && !isInUse && presentOld.length > 0 && leaf.notAfterAt - now <= ENDING_MS) {
    const evidence = { ...told, why: 'certificate-ends', at: leaf.notAfterAt, oldRecords: [] } as const
    return found('dane.rollover.stalled', place, 'info', evidence)
  }
  const { since } = appearance(own)
  if (isWaiting && now - since.at >= STALLED_MS) {
    const evidence = { ...told, why: 'not-installed', at: since.at, oldRecords: [] } as const
    return found('dane.rollover.stalled', place, 'info', evidence)
  }
  const installed = installedSince(own)
  if (state.name === 'old-may-go' && now - installed.at >= STALLED_MS) {
    const { oldRecords } = state
    const evidence = { ...told, why: 'old-record', at: installed.at, oldRecords } as const
    return found('dane.rollover.stalled', place, 'info', evidence)
  }
  return CLEAR
}

function lookedAt({ tlsa, sessions }: MxHost): number {
  const at = sessions.map(({ smtp }) => (smtp.outcome === 'skipped' ? 0 : smtp.at))
  return Math.max(tlsa.outcome === 'skipped' ? 0 : tlsa.at, ...at)
}
