/** The mass-failure brake (R30): many unrelated domains going bad at once is more likely about us than about them. */

import { MINUTE_MS, type UnixMs } from '../lib/time.ts'
import { type Finding, type FindingCode, findingKey, type Judgement } from '../model/finding.ts'
import type { Incident } from '../model/incident.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { targetNetwork } from './target-network.ts'

/** What one look contributes: what went bad and is not told yet, and where that was. */
export interface CheckSummary {
  readonly domain: DomainName
  readonly at: UnixMs
  readonly newlyBad: readonly FindingCode[]
  /** /24 and /48 networks of what failed. */
  readonly networks: readonly string[]
  /** Hosts that failed. */
  readonly hosts: readonly string[]
}

/** The newest summary of each domain looked at in the last ten minutes, and since when the brake holds. */
export interface BrakeState {
  readonly summaries: readonly CheckSummary[]
  readonly heldSince: UnixMs | null
}

export const BRAKE_OFF: BrakeState = { summaries: [], heldSince: null }

const WINDOW_MS = 10 * MINUTE_MS
const EXTRA_ROUND_MS = 15 * MINUTE_MS
/** No look takes longer (R23). */
const LOOK_MS = 6 * MINUTE_MS
const MIN_DOMAINS = 5
const MIN_SHARE = 0.3
const MIN_NETWORKS = 5
/** Once on, it goes off only well below its limits, so that domains recovering one by one do not make it flicker. */
const RELEASE = 0.5

/**
 * What a fault on our side (path, resolver, clock, interception) could make many domains look like. What they publish
 * is not among it: a new `expect` for all of them is no mass failure.
 */
const COULD_BE_US: ReadonlySet<FindingCode> = new Set([
  'mta-sts.record.missing',
  'mta-sts.policy.unfetchable',
  'policy-host.certificate.expired',
  'policy-host.certificate.name-mismatch',
  'policy-host.certificate.untrusted',
  'policy-host.certificate.missing-intermediate',
  'mx.record.missing',
  'mx.target.unresolvable',
  'mx.host.unreachable',
  'mx.host.refuses-monitor',
  'mx.starttls.missing',
  'mx.starttls.refused',
  'mx.starttls.injection',
  'mx.tls.failed',
  'mx.certificate.expired',
  'mx.certificate.name-mismatch',
  'mx.certificate.untrusted',
  'mx.certificate.missing-intermediate',
  'tlsrpt.record.missing',
  'dnssec.zone.bogus',
  'domain.undecided',
])

/**
 * Sums up a look. `incidents` are the domain's remembered ones: what they have told already is not new.
 * `knownSince` is when the domain was first looked at, null when that is now: what was bad from the start did not turn.
 */
export function summarise(
  judgement: Judgement,
  incidents: readonly Incident[],
  snapshot: Snapshot,
  knownSince: UnixMs | null,
): CheckSummary {
  const byKey = new Map(incidents.map((incident) => [incident.key, incident]))
  const fresh = judgement.findings.filter((finding) => {
    const incident = byKey.get(findingKey(finding.code, finding.domain, finding.subject))
    return COULD_BE_US.has(finding.code) && !isTold(incident) && hasTurned(finding, incident, knownSince)
  })
  const hosts = fresh.map((finding) => hostOf(finding, snapshot)).filter((host) => host !== null)
  return {
    domain: snapshot.domain,
    at: judgement.observedAt,
    newlyBad: fresh.map(({ code }) => code),
    hosts: [...new Set(hosts)],
    networks: [...new Set(fresh.flatMap((finding) => networksOf(hostOf(finding, snapshot), snapshot)))],
  }
}

function isTold(incident: Incident | undefined): boolean {
  return incident?.phase.name === 'open' || incident?.phase.name === 'recovering'
}

function hasTurned(finding: Finding, incident: Incident | undefined, knownSince: UnixMs | null): boolean {
  if (knownSince === null) return false
  return (incident?.firstSeenAt ?? finding.observedAt) > knownSince + LOOK_MS
}

/** The host a finding was met at; null when only the DNS of the domain was asked. */
function hostOf({ code, subject }: Finding, { policyHost }: Snapshot): string | null {
  const isAtPolicyHost = code.startsWith('mta-sts.policy.') || code.startsWith('policy-host.')
  return subject ?? (isAtPolicyHost ? policyHost.name : null)
}

/** Every domain whose own DNS, and every host without an address, stands for a network of its own. */
function networksOf(host: string | null, { domain, policyHost, hosts }: Snapshot): readonly string[] {
  if (host === null) return [domain]
  const sessions = hosts.filter(({ name }) => name === host).flatMap((mx) => mx.sessions)
  const places = host === policyHost.name ? policyHost.fetches : sessions
  return places.length === 0 ? [host] : places.map(({ address }) => targetNetwork(address))
}

/** The state with one more look; turns the brake on and off. */
export function recordCheck(state: BrakeState, summary: CheckSummary, now: UnixMs): BrakeState {
  const others = state.summaries.filter(({ domain }) => domain !== summary.domain)
  return refreshBrake({ ...state, summaries: [...others, summary] }, now)
}

/** The state as time passes: old looks drop out, and the brake may go off. */
export function refreshBrake(state: BrakeState, now: UnixMs): BrakeState {
  const summaries = state.summaries.filter(({ at }) => now - at < WINDOW_MS)
  const isHeld = massFailure({ ...state, summaries }).kind === 'brake'
  return { summaries, heldSince: isHeld ? (state.heldSince ?? now) : null }
}

/** quiet: nothing unusual. provider: many domains, one cause over there. brake: too many unrelated ones at once. */
export type MassFailure =
  | { readonly kind: 'quiet' }
  | { readonly kind: 'provider'; readonly shared: string; readonly domains: readonly DomainName[] }
  | { readonly kind: 'brake'; readonly domains: readonly DomainName[]; readonly of: number }

export function massFailure({ summaries, heldSince }: BrakeState): MassFailure {
  const failing = summaries.filter(({ newlyBad }) => newlyBad.length > 0)
  const limit = heldSince === null ? 1 : RELEASE
  const isMany =
    failing.length >= MIN_DOMAINS * limit && failing.length >= summaries.length * MIN_SHARE * limit
  if (failing.length === 0 || !isMany) return { kind: 'quiet' }
  const domains = failing.map(({ domain }) => domain)
  const shared = sharedCause(failing)
  if (shared !== null) return { kind: 'provider', shared, domains }
  const networks = new Set(failing.flatMap((summary) => summary.networks))
  if (networks.size < MIN_NETWORKS * limit) return { kind: 'quiet' }
  return { kind: 'brake', domains, of: summaries.length }
}

/** One host, one provider name or one network that every failing domain has in common. */
function sharedCause(failing: readonly CheckSummary[]): string | null {
  const [first, ...others] = failing.map((summary) => new Set(causesOf(summary)))
  if (first === undefined || others.length === 0) return null
  return [...first].find((cause) => others.every((causes) => causes.has(cause))) ?? null
}

function causesOf({ hosts, networks }: CheckSummary): readonly string[] {
  const providers = hosts.map((host) => host.split('.').slice(1)).filter((labels) => labels.length >= 2)
  return [...hosts, ...providers.map((labels) => `*.${labels.join('.')}`), ...networks]
}

/**
 * Must this finding's incident wait? While the brake holds, what a broken path of ours would cause waits as long as
 * it holds; everything else waits one extra round.
 */
export function isHeldBack({ heldSince }: BrakeState, finding: Finding, now: UnixMs): boolean {
  if (heldSince === null || finding.domain === null) return false
  return isPathFinding(finding) || now - heldSince < EXTRA_ROUND_MS
}

function isPathFinding(finding: Finding): boolean {
  switch (finding.code) {
    case 'mta-sts.policy.unfetchable':
      return finding.evidence.cause === 'connect' || finding.evidence.cause === 'timeout'
    case 'mx.host.unreachable':
    case 'mx.host.refuses-monitor':
    // A filter between us and the Internet strips STARTTLS everywhere at once.
    case 'mx.starttls.missing':
    case 'mx.tls.failed':
    case 'domain.undecided':
      return true
    default:
      return false
  }
}
