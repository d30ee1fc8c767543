import type { UnixMs } from '../lib/time.ts'
import { type FailureKind, isAtMxHost, isOfDane, ownCodesOf } from '../model/reported-cause.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { TlsFacts } from '../model/tls.ts'
import { type DaneOutcome, daneOutcome } from './dane-outcome.ts'
import type { Facts } from './facts.ts'
import { hiddenBehind, reachedOf, type Step } from './mx-session.ts'

const MOST_SHOWN = 3

/** What this look saw at the place that a failure is reported of, in one line without a full stop. */
export function ownDetail(kind: FailureKind, facts: Facts): string {
  const codes = ownCodesOf(kind.resultType)
  if (codes.length === 0) return 'nothing of this kind is looked at here'
  return codes.some(isAtMxHost) ? hostDetail(kind, facts) : policyDetail(facts)
}

function hostDetail({ mx, resultType }: FailureKind, facts: Facts): string {
  const { hosts } = facts.snapshot
  if (facts.snapshot.mx.outcome === 'failed') return 'the MX hosts could not be looked up'
  const meant = mx === null ? hosts : hosts.filter(({ name }) => name === mx)
  if (meant.length === 0) return mx === null ? 'there is no MX host' : `${mx} is no MX host of the domain now`
  const lines = meant.flatMap((host) =>
    isOfDane(resultType) ? [daneLine(host, facts)] : sessionLines(host, facts, mx === null),
  )
  return lines.length === 0 ? 'the host could not be asked' : shortened(lines)
}

function daneLine(host: MxHost, facts: Facts): string {
  if (facts.domain.dane === 'ignore') return `${host.name}: DANE is not looked at here (dane: ignore)`
  const { verdict, detail } = daneOutcome(facts, host)
  return `${host.name}: ${DANE_WORDS[verdict]} (${detail})`
}

const DANE_WORDS: Readonly<Record<DaneOutcome['verdict'], string>> = {
  authenticated: 'a TLSA record names what it shows',
  'tls-only': 'TLS without authentication',
  refused: 'DANE refuses it',
  unreachable: 'senders that do DANE defer',
  'not-used': 'DANE is not used',
  undecided: 'not told',
}

function sessionLines(host: MxHost, { vantage }: Facts, isNamed: boolean): readonly string[] {
  return reachedOf(host, vantage.smtp).map(
    ({ address, step }) => `${isNamed ? `${host.name} ` : ''}${address} ${stepLine(step)}`,
  )
}

function stepLine(step: Step): string {
  if (step.at === 'established') return tlsLine(step.tls)
  if (step.at === 'starttls') return `STARTTLS ${step.trouble}: ${step.detail}`
  if (step.at === 'handshake-unknown' || step.at === 'unrouted') return `not told: ${step.fault.detail}`
  return `not told: ${hiddenBehind(step)?.detail ?? 'no answer'}`
}

function tlsLine({ chain: [leaf], webPkiError }: TlsFacts): string {
  if (leaf === undefined) return 'offers STARTTLS'
  const names = leaf.dnsNames.slice(0, MOST_SHOWN).join(', ') || 'no name'
  const trust = webPkiError === null ? 'trusted' : `not trusted (${webPkiError})`
  return `offers STARTTLS, certificate for ${names} until ${day(leaf.notAfterAt)}, ${trust}`
}

function policyDetail({ served, snapshot }: Facts): string {
  if (served === null) return `${snapshot.policyHost.name} could not be asked`
  if (served.policy !== null) return `the policy is served (mode ${served.policy.mode})`
  const failures = served.failures.map(({ address, detail }) => `${address} ${detail}`)
  if (failures.length > 0) return shortened(failures)
  if (served.refusedCertificates.length > 0)
    return `the certificate of ${snapshot.policyHost.name} is refused`
  if (served.texts.length > 0) return 'the text served is no valid policy, or not the same everywhere'
  return served.unknown?.detail ?? 'the policy could not be fetched'
}

function shortened(lines: readonly string[]): string {
  const rest = lines.length - MOST_SHOWN
  const shown = lines.slice(0, MOST_SHOWN).map((line) => line.replace(/\.$/, ''))
  return `${shown.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`
}

function day(at: UnixMs): string {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? new Date(at).toISOString().slice(0, 10) : 'unknown'
}
