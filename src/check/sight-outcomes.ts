import type { UnixMs } from '../lib/time.ts'
import type { DnsAnswer } from '../model/dns.ts'
import type { FaultKind } from '../model/fault.ts'
import type { Observation } from '../model/observation.ts'
import type { MxHost, Snapshot } from '../model/snapshot.ts'
import type { SightProtocol } from '../model/vantage.ts'
import { targetNetwork } from './target-network.ts'

/** What one observation says about our own sight, not about the domain. */
export interface SightOutcome {
  readonly protocol: SightProtocol
  /** Which way it went: a /24 or /48; for the DNS the zone asked about. */
  readonly target: string
  readonly at: UnixMs
  /** proof: only the real far side answers so. hint: an answer that a lying resolver gives too. silence: none. */
  readonly says: 'proof' | 'hint' | 'silence'
}

/**
 * Everything in a snapshot that proves or questions our sight; what says neither (no IPv6 here, …) is left out, and so
 * is the silence of one address when another of its network answered in the same look.
 */
export function sightOutcomes(snapshot: Snapshot): readonly SightOutcome[] {
  const all = [
    ...dnsOutcomes(snapshot),
    ...dnssecOutcomes(snapshot),
    ...httpsOutcomes(snapshot),
    ...snapshot.hosts.flatMap(smtpOutcomes),
  ]
  const answering = new Set(all.filter(({ says }) => says === 'proof').map(wayOf))
  return all.filter((outcome) => outcome.says !== 'silence' || !answering.has(wayOf(outcome)))
}

function wayOf({ protocol, target }: SightOutcome): string {
  return `${protocol}|${target}`
}

function dnsOutcomes(snapshot: Snapshot): readonly SightOutcome[] {
  const own = zoneOf(snapshot.domain)
  return [
    dnsOutcome(own, snapshot.stsRecord, 'proof'),
    dnsOutcome(own, snapshot.tlsrptRecord, 'proof'),
    dnsOutcome(own, snapshot.mx, 'proof'),
    // A captive portal gives an address to every name, hence a hint only.
    dnsOutcome(own, snapshot.policyHost.addresses, 'hint'),
    ...snapshot.ruaDomains.map(({ name, mx }) => dnsOutcome(zoneOf(name), mx, 'proof')),
    ...snapshot.hosts.map(({ name, addresses }) => dnsOutcome(zoneOf(name), addresses, 'hint')),
  ].flat()
}

function dnsOutcome(
  zone: string,
  observation: Observation<unknown>,
  seen: 'proof' | 'hint',
): readonly SightOutcome[] {
  if (observation.outcome === 'skipped') return []
  const { at } = observation
  if (observation.outcome === 'seen') return [{ protocol: 'dns', target: zone, at, says: seen }]
  if (observation.outcome === 'absent') return [{ protocol: 'dns', target: zone, at, says: 'hint' }]
  // A validating resolver that finds a signature false has looked; every other fault may be the resolver's own.
  const says = observation.fault.kind === 'dns-bogus' ? 'hint' : 'silence'
  return [{ protocol: 'dns', target: zone, at, says }]
}

/** Every validated answer proves that somebody we trust validates; one that is not may be about an unsigned zone. */
function dnssecOutcomes(snapshot: Snapshot): readonly SightOutcome[] {
  const { domain, stsRecord, tlsrptRecord, mx, policyHost, ruaDomains, hosts } = snapshot
  return [
    ...[stsRecord, tlsrptRecord, mx, policyHost.addresses].map((one) => dnssecOutcome(domain, one)),
    ...ruaDomains.map((one) => dnssecOutcome(one.name, one.mx)),
    ...hosts.flatMap(({ name, addresses, tlsa }) => [
      dnssecOutcome(name, addresses),
      dnssecOutcome(name, tlsa),
    ]),
  ].flat()
}

function dnssecOutcome(name: string, look: Observation<DnsAnswer<unknown>>): readonly SightOutcome[] {
  const isValidated =
    (look.outcome === 'seen' && look.value.security === 'secure') ||
    (look.outcome === 'absent' && look.security === 'secure')
  return isValidated ? [{ protocol: 'dnssec', target: zoneOf(name), at: look.at, says: 'proof' }] : []
}

/** The last two labels: close enough to tell names that other servers answer for. */
function zoneOf(name: string): string {
  return name.split('.').slice(-2).join('.')
}

function httpsOutcomes({ policyHost }: Snapshot): readonly SightOutcome[] {
  return policyHost.fetches.flatMap(({ address, tls }) =>
    connectionOutcome('https', targetNetwork(address), tls),
  )
}

function smtpOutcomes({ sessions }: MxHost): readonly SightOutcome[] {
  return sessions.flatMap(({ address, smtp }) => connectionOutcome('smtp', targetNetwork(address), smtp))
}

function connectionOutcome(
  protocol: SightProtocol,
  target: string,
  observation: Observation<unknown>,
): readonly SightOutcome[] {
  if (observation.outcome === 'skipped' || observation.outcome === 'absent') return []
  const { at } = observation
  if (observation.outcome === 'seen') return [{ protocol, target, at, says: 'proof' }]
  const says = saidByFault(observation.fault.kind)
  return says === null ? [] : [{ protocol, target, at, says }]
}

/** However unhappy, an answer is an answer: it came from over there. */
const ANSWERS: ReadonlySet<FaultKind> = new Set([
  'greeting-4xx',
  'greeting-5xx',
  'greeting-malformed',
  'ehlo-failed',
  'smtp-timeout',
  'smtp-malformed',
  'tls-alert',
  'tls-malformed',
  'client-limit',
  'http-malformed',
  'http-too-large',
  'http-content-encoding',
])

// A firewall on our own side also refuses, resets and lets connections open without a word.
const SILENCES: ReadonlySet<FaultKind> = new Set([
  'connect-refused',
  'connect-timeout',
  'connect-reset',
  'greeting-timeout',
  'smtp-closed',
  'tls-timeout',
  'tls-closed',
])

function saidByFault(kind: FaultKind): 'proof' | 'silence' | null {
  if (ANSWERS.has(kind)) return 'proof'
  return SILENCES.has(kind) ? 'silence' : null
}
