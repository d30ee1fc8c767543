import { HOUR_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { Fault } from '../model/fault.ts'
import type { HostHistory, Rollover, RolloverState, Run, Since } from '../model/rollover.ts'
import type { MxHost, MxSession } from '../model/snapshot.ts'
import type { StagedKey } from '../model/staged-key.ts'
import type { CertificateFacts } from '../model/tls.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { faultOf } from './fault-class.ts'
import { recordsOfOthers, vouchForStaged } from './staged-match.ts'
import { moot } from './verdict.ts'

/** What an authoritative server said of the host's TLSA records; null: it gave no answer. */
export interface ServerTlsa {
  readonly server: string
  readonly records: readonly string[] | null
  readonly ttlSeconds: number | null
}

/** What a change of a host's key is judged by. */
export interface RolloverFacts {
  readonly host: MxHost
  readonly staged: StagedKey
  readonly history: HostHistory
  /** Is it known what DNSSEC says: has the resolver shown that it validates (RFC 7672 §2.1.1)? */
  readonly isValidating: boolean
  /** Each authoritative server; empty: none was asked. */
  readonly servers: readonly ServerTlsa[]
  readonly now: UnixMs
}

/** When the staged record appeared, and how long resolvers may hold what was there before. */
export interface Appearance {
  readonly since: Since
  readonly ttlMs: number
}

/** What a resolver says is what is left of a TTL, so that less than this is not believed to be all of it. */
const TTL_MIN_SECONDS = 15 * 60
const TTL_MAX_MS = 7 * 24 * HOUR_MS

/**
 * How far the change of a host's key has come. A resolver may hold the set of before for one TTL after the last server got the new
 * one; twice that is the margin (RFC 7671 §8.1). The instant at which a record appeared is that of the first look that saw
 * it, which is never too early.
 */
export function rolloverOf(facts: RolloverFacts): Rollover {
  const { host, staged } = facts
  const { presentNew, presentOld } = presented(host, staged)
  return {
    host: host.name,
    staged,
    state: stateOf(facts),
    record: tlsaLine(host, staged.key.sha256),
    presentNew,
    presentOld,
  }
}

/** The recommended form (RFC 7671 §5.1): usage 3, selector 1, SHA-256. */
export function tlsaLine({ name, tlsaBase }: MxHost, spkiSha256: string): string {
  return `_25._tcp.${tlsaBase ?? name}. IN TLSA 3 1 1 ${spkiSha256}`
}

/** The addresses that present the staged key, and those that present another; the others could not be looked at. */
export function presented(host: MxHost, staged: StagedKey) {
  const seen = host.sessions.flatMap((session) => {
    const key = chainAt(session)?.[0]?.spkiSha256 ?? null
    return key === null ? [] : [{ address: session.address, isNew: key === staged.key.sha256 }]
  })
  const addressesOf = (isNew: boolean): readonly IpAddress[] =>
    seen.filter((one) => one.isNew === isNew).map(({ address }) => address)
  return { presentNew: addressesOf(true), presentOld: addressesOf(false) }
}

/** The chain that the address shows to senders that do DANE; null: none was seen. */
export function chainAt({ smtp, dane }: MxSession): readonly CertificateFacts[] | null {
  for (const look of [dane, smtp]) {
    if (look.outcome === 'seen' && look.value.startTls.outcome === 'established')
      return look.value.startTls.tls.chain
  }
  return null
}

/** The sessions with addresses that this machine has a route to: nobody here can look at the others. */
function lookedAt({ sessions }: MxHost): readonly MxSession[] {
  return sessions.filter(
    ({ smtp }) =>
      smtp.outcome !== 'skipped' && !(smtp.outcome === 'failed' && smtp.fault.kind === 'no-route'),
  )
}

function stateOf(facts: RolloverFacts): RolloverState {
  const { host, staged, servers } = facts
  const { tlsa } = host
  const because = faultOf(host.addresses) ?? (tlsa.outcome === 'failed' ? tlsa.fault : null)
  if (because !== null) return { name: 'unknown', because }
  const security = tlsa.outcome === 'seen' ? tlsa.value.security : securityOf(host)
  if (security === 'insecure' && !facts.isValidating) return { name: 'unknown', because: NOT_VALIDATING }
  // Without DNSSEC nobody looks at the records (RFC 7672 §2.2).
  if (tlsa.outcome !== 'seen' || security === 'insecure') return { name: 'not-under-dane' }
  const { records } = tlsa.value
  if (!vouchForStaged(records, staged)) return { name: 'missing' }
  const lacking = lackingServers(servers, staged)
  if (lacking.length > 0) return { name: 'published-at-some', lacking, of: servers.length }
  return publishedState(facts, records)
}

const NOT_VALIDATING = moot('the resolver does not show that it validates DNSSEC')

function securityOf({ addresses, tlsa }: MxHost) {
  if (tlsa.outcome === 'absent') return tlsa.security
  return addresses.outcome === 'seen' ? addresses.value.security : 'insecure'
}

function lackingServers(servers: readonly ServerTlsa[], staged: StagedKey): readonly string[] {
  return servers
    .filter(({ records }) => records !== null && !vouchForStaged(records, staged))
    .map(({ server }) => server)
}

/** The record is everywhere: how old it is, and which key is presented. */
function publishedState(facts: RolloverFacts, records: readonly string[]): RolloverState {
  const { host, staged, now } = facts
  const { since, ttlMs } = appearance(facts)
  const { presentNew } = presented(host, staged)
  const isWhole = presentNew.length > 0 && presentNew.length === lookedAt(host).length
  const oldRecords = recordsOfOthers(records, staged)
  const safeAt = since.at + 2 * ttlMs
  // A record that was there at our first look may be as old as it likes; one that we saw appear is not.
  const isOld = now >= safeAt || !since.isExact
  if (isWhole && oldRecords.length === 0 && isOld) return { name: 'done' }
  if (now < safeAt) return { name: 'spreading', since, ttlSeconds: ttlMs / SECOND_MS, safeAt }
  if (presentNew.length === 0) return { name: 'safe-to-install', safeAt }
  if (!isWhole) return { name: 'installing' }
  const installed = installedSince(facts)
  const oldMayGoAt = installed.at + 2 * ttlMs
  if (now < oldMayGoAt) return { name: 'installed', since: installed.at, oldMayGoAt }
  return { name: 'old-may-go', oldMayGoAt, oldRecords }
}

/** Since when the staged record is there without a gap, by our own looks and the one of now. */
export function appearance({ host, staged, history, servers, now }: RolloverFacts): Appearance {
  const vouching = (run: HostHistory['tlsa'][number]) => vouchForStaged(run.value.records, staged)
  const seenAt = host.tlsa.outcome === 'skipped' ? now : host.tlsa.at
  const since = runBack(history.tlsa, vouching, seenAt)
  // The set that was replaced is the one that resolvers hold.
  const replaced = history.tlsa.findLastIndex((run) => !vouching(run))
  const ttls = [
    ...history.tlsa.slice(Math.max(0, replaced)).map(({ value }) => value.ttlSeconds ?? 0),
    ...servers.map(({ ttlSeconds }) => ttlSeconds ?? 0),
    host.tlsa.outcome === 'seen' ? host.tlsa.value.ttlSeconds : 0,
  ]
  const ttlMs = Math.min(TTL_MAX_MS, Math.max(TTL_MIN_SECONDS, ...ttls) * SECOND_MS)
  return { since, ttlMs }
}

/** Since when every address presents the staged key. */
export function installedSince({ host, staged, history, now }: RolloverFacts): Since {
  const ofAddresses = lookedAt(host).map(({ address, smtp }) => {
    const seenAt = smtp.outcome === 'skipped' ? now : smtp.at
    return runBack(history.keys.get(address) ?? [], ({ value }) => value === staged.key.sha256, seenAt)
  })
  const at = Math.max(0, ...ofAddresses.map((since) => since.at))
  return { at, isExact: ofAddresses.some((since) => since.at === at && since.isExact) }
}

/** Are these the records that the look saw, in whatever order? */
export function hasSameRecords({ tlsa }: MxHost, records: readonly string[]): boolean {
  return tlsa.outcome === 'seen' && tlsa.value.records.toSorted().join() === records.toSorted().join()
}

/** How far back the newest runs agree with what is seen at `seenAt`. */
function runBack<T>(runs: readonly Run<T>[], agrees: (run: Run<T>) => boolean, seenAt: UnixMs): Since {
  let at = seenAt
  for (const run of runs.toReversed()) {
    if (!agrees(run)) return { at, isExact: true }
    at = Math.min(at, run.firstAt)
  }
  return { at, isExact: false }
}

/** Why nothing can be said of the key that the host presents; null: at least one address showed it. */
export function whyNotPresented(host: MxHost, staged: StagedKey): Fault | null {
  const { presentNew, presentOld } = presented(host, staged)
  if (presentNew.length + presentOld.length > 0) return null
  for (const { smtp } of host.sessions) {
    const fault = faultOf(smtp)
    if (fault !== null) return fault
  }
  return moot('no address presented a certificate')
}
