import type { WatchedDomain } from '../config/watch-config.ts'
import type { Judgement } from '../model/finding.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { checkDane } from './dane.ts'
import { checkDaneAnchors } from './dane-anchors.ts'
import { checkDnssec } from './dnssec.ts'
import { checkDomainUndecided } from './domain-undecided.ts'
import { type Facts, gatherFacts, type JudgeContext } from './facts.ts'
import { checkHostFaces } from './host-faces.ts'
import { withMailAtRisk } from './mail-at-risk.ts'
import { checkStsPolicy } from './mta-sts-policy.ts'
import { checkStsRecord } from './mta-sts-record.ts'
import { checkMxCoverage } from './mx-coverage.ts'
import { checkMxReach } from './mx-reach.ts'
import { checkMxRecords } from './mx-records.ts'
import { checkMxTls } from './mx-tls.ts'
import { withoutEnding } from './not-reloaded.ts'
import { checkPolicyContinuity } from './policy-continuity.ts'
import { checkPolicyHost } from './policy-host.ts'
import { checkPrematureSteps } from './premature.ts'
import { checkReportedAddresses } from './reported-address.ts'
import { checkReportedFailures } from './reported-failures.ts'
import { joinReported } from './reported-join.ts'
import { checkReportedPolicies } from './reported-policy.ts'
import { checkRollovers, withoutMismatch } from './rollover-findings.ts'
import { checkSilentReporters } from './silent-reporter.ts'
import { checkTlsrptRecord } from './tlsrpt-record.ts'
import { together, type Verdict } from './verdict.ts'
import { checkZoneServers } from './zone-servers.ts'

export type { JudgeContext } from './facts.ts'

const CHECKS: readonly ((facts: Facts) => Verdict)[] = [
  checkStsRecord,
  checkStsPolicy,
  checkPolicyContinuity,
  checkPolicyHost,
  checkMxCoverage,
  checkPrematureSteps,
  checkMxRecords,
  checkMxReach,
  checkMxTls,
  checkHostFaces,
  checkDaneAnchors,
  checkDane,
  checkRollovers,
  checkTlsrptRecord,
  checkZoneServers,
  checkDnssec,
  checkDomainUndecided,
]

/** What senders say; `own` is what the checks above make of the same look. */
const REPORT_CHECKS: readonly ((facts: Facts, own: Verdict) => Verdict)[] = [
  checkReportedFailures,
  checkReportedAddresses,
  checkReportedPolicies,
  checkSilentReporters,
]

/**
 * What a look at a domain means. Everything that rests on a failed observation is undecided, never clear; a key may be
 * both found and undecided (one address tells, another does not): then the finding counts. Codes that the domain
 * ignores are left out. Our own findings are told with what senders report of the same thing, which then has no finding of
 * its own.
 */
export function judge(snapshot: Snapshot, domain: WatchedDomain, context: JudgeContext): Judgement {
  const facts = gatherFacts(snapshot, domain, context)
  const own = judgeOwn(facts)
  const reported = unlessIgnored(together(REPORT_CHECKS.map((check) => check(facts, own))), domain)
  return {
    findings: [...own.findings, ...reported.findings],
    undecided: [...own.undecided, ...reported.undecided],
    observedAt: snapshot.takenAt,
  }
}

/**
 * The same without the findings that rest on reports alone, for whoever asks what one look shows: what reports say of its findings
 * is told with them.
 */
export function judgeLook(snapshot: Snapshot, domain: WatchedDomain, context: JudgeContext): Judgement {
  return { ...judgeOwn(gatherFacts(snapshot, domain, context)), observedAt: snapshot.takenAt }
}

function judgeOwn(facts: Facts): Verdict {
  const all = withoutMismatch(together(CHECKS.map((check) => check(facts))), facts.domain.ignore)
  const own = withoutEnding(unlessIgnored(all, facts.domain))
  return {
    findings: withMailAtRisk(joinReported(own.findings, facts), all.findings, facts),
    undecided: own.undecided,
  }
}

function unlessIgnored({ findings, undecided }: Verdict, { ignore }: WatchedDomain): Verdict {
  return {
    findings: findings.filter(({ code }) => !ignore.has(code)),
    undecided: undecided.filter(({ code }) => !ignore.has(code)),
  }
}
