import type { WatchedDomain } from '../config/watch-config.ts'
import type { Judgement } from '../model/finding.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { checkDomainUndecided } from './domain-undecided.ts'
import { type Facts, gatherFacts, type JudgeContext } from './facts.ts'
import { checkStsPolicy } from './mta-sts-policy.ts'
import { checkStsRecord } from './mta-sts-record.ts'
import { checkMxCoverage } from './mx-coverage.ts'
import { checkMxReach } from './mx-reach.ts'
import { checkMxRecords } from './mx-records.ts'
import { checkMxTls } from './mx-tls.ts'
import { checkPolicyContinuity } from './policy-continuity.ts'
import { checkPolicyHost } from './policy-host.ts'
import { checkTlsrptRecord } from './tlsrpt-record.ts'
import { together, type Verdict } from './verdict.ts'

export type { JudgeContext } from './facts.ts'

const CHECKS: readonly ((facts: Facts) => Verdict)[] = [
  checkStsRecord,
  checkStsPolicy,
  checkPolicyContinuity,
  checkPolicyHost,
  checkMxCoverage,
  checkMxRecords,
  checkMxReach,
  checkMxTls,
  checkTlsrptRecord,
  checkDomainUndecided,
]

/**
 * What a look at a domain means. Everything that rests on a failed observation is undecided, never clear; a key may be
 * both found and undecided (one address tells, another does not): then the finding counts. Codes that the domain
 * ignores are left out.
 */
export function judge(snapshot: Snapshot, domain: WatchedDomain, context: JudgeContext): Judgement {
  const facts = gatherFacts(snapshot, domain, context)
  const { findings, undecided } = together(CHECKS.map((check) => check(facts)))
  return {
    findings: findings.filter((finding) => !domain.ignore.has(finding.code)),
    undecided: undecided.filter((one) => !domain.ignore.has(one.code)),
    observedAt: snapshot.takenAt,
  }
}
