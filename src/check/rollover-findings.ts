import { DAY_MS } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import type { Rollover } from '../model/rollover.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { Facts } from './facts.ts'
import { faultOf } from './fault-class.ts'
import {
  appearance,
  hasSameRecords,
  installedSince,
  type RolloverFacts,
  rolloverOf,
  tlsaLine,
  whyNotPresented,
} from './rollover.ts'
import { forShare } from './severity.ts'
import { vouchesForPresented } from './staged-match.ts'
import { CLEAR, found, type Place, together, undecided, type Verdict } from './verdict.ts'

/** A change that stands still for this long was forgotten. */
const STALLED_MS = 14 * DAY_MS
/** A staged certificate that ends within this time is not worth installing. */
const ENDING_MS = 7 * DAY_MS

const CODES: readonly FindingCode[] = [
  'dane.rollover.too-early',
  'dane.rollover.old-record-gone-early',
  'dane.rollover.stalled',
]

/** Changes of keys that `hosts` in watch.yaml announces: steps out of order, and steps that nobody takes. */
export function checkRollovers(facts: Facts): Verdict {
  const { snapshot, domain } = facts
  const because = faultOf(snapshot.mx)
  if (domain.dane === 'ignore' || facts.rollovers.size === 0) return CLEAR
  if (because !== null) return undecided(CODES, domain.name, 'any', because)
  return together(rolloverFactsOf(facts).map((one) => ofHost(facts, one)))
}

/** Every MX host of the look whose key is about to change. */
export function rolloversOf(facts: Pick<Facts, 'snapshot' | 'rollovers' | 'now'>): readonly Rollover[] {
  return rolloverFactsOf(facts).map(rolloverOf)
}

export function rolloverFactsOf({
  snapshot,
  rollovers,
  now,
}: Pick<Facts, 'snapshot' | 'rollovers' | 'now'>): readonly RolloverFacts[] {
  return snapshot.hosts.flatMap((host) => {
    const known = rollovers.get(host.name)
    return known === undefined ? [] : [{ host, ...known, servers: [], now }]
  })
}

function ofHost({ domain }: Facts, facts: RolloverFacts): Verdict {
  const { host, staged } = facts
  const rollover = rolloverOf(facts)
  const { state } = rollover
  if (state.name === 'unknown') return undecided(CODES, domain.name, host.name, state.because)
  if (state.name === 'not-under-dane') return CLEAR
  const place: Place = { domain: domain.name, subject: host.name, at: lookedAt(host) }
  const hidden = whyNotPresented(host, staged)
  return together([
    hidden === null
      ? together([tooEarly(facts, rollover, place), goneEarly(facts, rollover, place)])
      : undecided(CODES.slice(0, 2), domain.name, host.name, hidden),
    stalled(facts, rollover, place),
  ])
}

/** The staged key is presented before everybody can know its record. */
function tooEarly(
  facts: RolloverFacts,
  { presentNew, presentOld, state, record }: Rollover,
  place: Place,
): Verdict {
  const { host, staged, now } = facts
  const of = presentNew.length + presentOld.length
  if (presentNew.length === 0) return CLEAR
  const told = { host: host.name, source: staged.source, addresses: presentNew, of, record }
  const refused = forShare('critical', presentNew.length, of)
  if (state.name === 'missing') {
    return isRefused(host, presentNew)
      ? found('dane.rollover.too-early', place, refused, {
          ...told,
          why: 'missing',
          lacking: [],
          publishedAt: null,
          refusedUntil: null,
        })
      : CLEAR
  }
  const { since, ttlMs } = appearance(facts)
  if (state.name === 'published-at-some') {
    return found('dane.rollover.too-early', place, refused, {
      ...told,
      why: 'not-everywhere',
      lacking: state.lacking,
      publishedAt: since.at,
      refusedUntil: null,
    })
  }
  // A record that was there at our first look may have been there for years.
  if (!since.isExact || now >= since.at + 2 * ttlMs || wasVouched(facts, presentNew)) return CLEAR
  // After one TTL only a resolver that keeps to none holds the set of before.
  const severity = now < since.at + ttlMs ? refused : forShare('warning', presentNew.length, of)
  return found('dane.rollover.too-early', place, severity, {
    ...told,
    why: 'cached',
    lacking: [],
    publishedAt: since.at,
    refusedUntil: since.at + ttlMs,
  })
}

/** Is the chain of one of these addresses certainly vouched for by no record? */
function isRefused(host: MxHost, addresses: readonly string[]): boolean {
  const { tlsa } = host
  if (tlsa.outcome !== 'seen') return false
  return chainsAt(host, addresses).some((chain) =>
    tlsa.value.records.every((record) => vouchesForPresented(record, chain) === false),
  )
}

/** Did the set of before the staged record vouch for what is presented all the same, as by the record of an authority? */
function wasVouched({ host, history }: RolloverFacts, addresses: readonly string[]): boolean {
  const before = history.tlsa.findLast(({ value }) => !hasSameRecords(host, value.records))
  if (before === undefined || before.value.records.length === 0) return true
  return chainsAt(host, addresses).every((chain) =>
    before.value.records.some((record) => vouchesForPresented(record, chain) !== false),
  )
}

function chainsAt(host: MxHost, addresses: readonly string[]) {
  return host.sessions.flatMap(({ address, smtp }) =>
    addresses.includes(address) && smtp.outcome === 'seen' && smtp.value.startTls.outcome === 'established'
      ? [smtp.value.startTls.tls.chain]
      : [],
  )
}

/** The record of a key that is still presented has gone. */
function goneEarly(facts: RolloverFacts, { presentNew, presentOld, state }: Rollover, place: Place): Verdict {
  const { host, staged } = facts
  const addresses = state.name === 'missing' ? [] : presentOld.filter((address) => isRefused(host, [address]))
  const [first] = addresses
  const [leaf] = first === undefined ? [] : (chainsAt(host, [first])[0] ?? [])
  if (leaf === undefined) return CLEAR
  const of = presentNew.length + presentOld.length
  const { since, ttlMs } = appearance(facts)
  return found('dane.rollover.old-record-gone-early', place, forShare('critical', addresses.length, of), {
    host: host.name,
    source: staged.source,
    addresses,
    of,
    record: tlsaLine(host.name, leaf.spkiSha256),
    safeAt: state.name === 'published-at-some' ? null : since.at + 2 * ttlMs,
  })
}

function stalled(facts: RolloverFacts, { state, presentOld }: Rollover, place: Place): Verdict {
  const { host, staged, now } = facts
  const told = { host: host.name, source: staged.source }
  const [leaf] = staged.chain
  const isWaiting = state.name === 'safe-to-install' || state.name === 'installing'
  const isInUse = state.name === 'done' || state.name === 'installed' || state.name === 'old-may-go'
  if (leaf !== undefined && !isInUse && presentOld.length > 0 && leaf.notAfterAt - now <= ENDING_MS) {
    const evidence = { ...told, why: 'certificate-ends', at: leaf.notAfterAt, oldRecords: [] } as const
    return found('dane.rollover.stalled', place, 'info', evidence)
  }
  const { since } = appearance(facts)
  if (isWaiting && now - since.at >= STALLED_MS) {
    const evidence = { ...told, why: 'not-installed', at: since.at, oldRecords: [] } as const
    return found('dane.rollover.stalled', place, 'info', evidence)
  }
  const installed = installedSince(facts)
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
