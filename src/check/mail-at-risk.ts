import { DAY_MS } from '../lib/time.ts'
import type { Finding } from '../model/finding.ts'
import type { MailAtRisk } from '../model/mail-at-risk.ts'
import { appliedMode, enforcingSessions, riskSince, shareAtRisk } from './enforcing-sessions.ts'
import type { Facts } from './facts.ts'
import { isKnownReporter } from './known-senders.ts'
import type { PolicyMode } from './severity.ts'

/** Certificates of one renewal end together, if not at the same minute. */
const TOGETHER_MS = DAY_MS

/** Which senders a broken host keeps away, and how much of it is broken. */
interface Breakage {
  readonly host: string
  /** The mode of the MTA-STS policy that refuses it; null: none does. */
  readonly sts: PolicyMode | null
  /** Would senders that verify by TLSA records refuse it too? */
  readonly dane: boolean
  /** Other addresses of the host are in order. */
  readonly isPartial: boolean
}

/**
 * The findings about MX hosts, each with the share of reported sessions that rests on it. `all`: every finding of the look, those
 * that the domain ignores too: a host that nobody wants to hear of is broken all the same.
 */
export function withMailAtRisk(
  findings: readonly Finding[],
  all: readonly Finding[],
  facts: Facts,
): readonly Finding[] {
  if (facts.reports.policies.length === 0) return findings
  return findings.map((finding) => {
    const breakage = breakageOf(finding)
    const atRisk = breakage === null ? null : mailAtRisk(finding, breakage, all, facts)
    return atRisk === null ? finding : { ...finding, atRisk }
  })
}

/** Null: no mail rests on it, or reports do not tell how much. */
function mailAtRisk(
  finding: Finding,
  breakage: Breakage,
  all: readonly Finding[],
  facts: Facts,
): MailAtRisk | null {
  const { host, sts, dane } = breakage
  const since = riskSince(facts.now)
  const policies = facts.reports.policies.filter(
    ({ dayAt, reporter }) =>
      dayAt >= since && isKnownReporter(reporter, facts.reports.reporters.get(reporter)),
  )
  const effect = isDeferred(finding, breakage, all, facts) ? 'defer' : 'other-host'
  const enforced = enforcingSessions(
    policies,
    (one) =>
      (sts === 'enforce' && appliedMode(one, facts.modeInForce) === 'enforce') ||
      // RFC 8460 §1.1: the policy domain of a tlsa policy is the MX host, so that these are told by host.
      (dane && one.policy.policyType === 'tlsa' && one.mx === host),
  )
  const share = shareAtRisk(enforced, effect)
  if (share !== null || sts !== 'testing') return share
  const stated = enforcingSessions(policies, (one) => {
    const mode = appliedMode(one, facts.modeInForce)
    return mode === 'enforce' || mode === 'testing'
  })
  return shareAtRisk(stated, 'report-only')
}

/** Is no MX host left that may still pass? One that could not be looked at may. */
function isDeferred(
  finding: Finding,
  breakage: Breakage,
  all: readonly Finding[],
  { snapshot }: Facts,
): boolean {
  if (breakage.isPartial) return false
  return snapshot.hosts.every(
    ({ name }) => name === breakage.host || all.some((other) => keepsAway(other, name, finding, breakage)),
  )
}

/** Does this other finding keep the same senders away from its host, at the time in question? */
function keepsAway(other: Finding, host: string, finding: Finding, { sts, dane }: Breakage): boolean {
  if (other.subject !== host) return false
  if (isOutOfReach(other)) return true
  if (other.code === 'mx.certificate.expiring') {
    if (finding.code !== 'mx.certificate.expiring') return false
    const endsAt = finding.evidence.certificate.notAfterAt
    if (other.evidence.certificate.notAfterAt > endsAt + TOGETHER_MS) return false
  }
  const breakage = breakageOf(other)
  if (breakage === null || breakage.isPartial) return false
  return (sts === null || breakage.sts !== null) && (!dane || breakage.dane)
}

function isOutOfReach(finding: Finding): boolean {
  switch (finding.code) {
    case 'mx.target.address-literal':
    case 'mx.target.malformed':
    case 'mx.target.unresolvable':
      return true
    case 'mx.host.unreachable':
      return finding.evidence.failures.length >= finding.evidence.of
    default:
      return false
  }
}

/** Null: senders deliver all the same. */
function breakageOf(finding: Finding): Breakage | null {
  switch (finding.code) {
    case 'mx.certificate.expired':
    case 'mx.certificate.expiring':
    case 'mx.certificate.name-mismatch':
    case 'mx.certificate.untrusted':
    case 'mx.certificate.missing-intermediate': {
      const { host, mode, addresses, of } = finding.evidence
      return refusing({ host, sts: mode, dane: false, isPartial: addresses.length < of })
    }
    case 'mx.starttls.missing':
    case 'mx.starttls.refused':
    case 'mx.starttls.injection':
    case 'mx.tls.failed': {
      const { host, mode, failures, of } = finding.evidence
      return refusing({ host, sts: mode, dane: true, isPartial: failures.length < of })
    }
    case 'mta-sts.policy.mx-uncovered': {
      const { mx, mode } = finding.evidence
      return refusing({ host: mx, sts: mode, dane: false, isPartial: false })
    }
    default:
      return ofDane(finding)
  }
}

/** Usage 3 looks at neither names nor dates (RFC 7672 §3.1.1), so that what breaks DANE has findings of its own. */
function ofDane({ code, subject, severity, evidence }: Finding): Breakage | null {
  if (!code.startsWith('dane.') || subject === null || severity === 'info') return null
  const isPartial = 'addresses' in evidence && 'of' in evidence && evidence.addresses.length < evidence.of
  // A warning about the whole host weakens it; nobody refuses it.
  if (severity === 'warning' && !isPartial) return null
  return { host: subject, sts: null, dane: true, isPartial }
}

function refusing(breakage: Breakage): Breakage | null {
  const { sts, dane } = breakage
  const isApplied = sts === 'enforce' || sts === 'testing'
  return isApplied || dane ? { ...breakage, sts: isApplied ? sts : null } : null
}
