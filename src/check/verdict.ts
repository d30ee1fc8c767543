import type { UnixMs } from '../lib/time.ts'
import type { Fault } from '../model/fault.ts'
import type { Evidence, Finding, FindingCode, Severity, Undecided } from '../model/finding.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/** What one check has to say. Codes that it looks after and does not name are clear. */
export interface Verdict {
  readonly findings: readonly Finding[]
  readonly undecided: readonly Undecided[]
}

export const CLEAR: Verdict = { findings: [], undecided: [] }

/** What a finding is about and when the newest observation behind it was made. */
export interface Place {
  readonly domain: DomainName
  readonly subject: string | null
  readonly at: UnixMs
}

export function found<C extends FindingCode>(
  code: C,
  place: Place,
  severity: Severity,
  evidence: Evidence[C],
): Verdict {
  const { domain, subject, at } = place
  // The union over all codes cannot be built from a generic code; the parameters tie code and evidence together.
  const finding = {
    code,
    domain,
    subject,
    severity,
    observedAt: at,
    reported: [],
    atRisk: null,
    evidence,
  } as Finding
  return { findings: [finding], undecided: [] }
}

/** None of the codes could be told for this subject. */
export function undecided(
  codes: readonly FindingCode[],
  domain: DomainName,
  subject: Undecided['subject'],
  because: Fault,
): Verdict {
  return { findings: [], undecided: codes.map((code) => ({ code, domain, subject, because })) }
}

export function together(verdicts: readonly Verdict[]): Verdict {
  return {
    findings: verdicts.flatMap((verdict) => verdict.findings),
    undecided: verdicts.flatMap((verdict) => verdict.undecided),
  }
}

/** Not to be told apart because of something that is told already: one root cause is told once. */
export function moot(detail: string): Fault {
  return { kind: 'moot', blame: 'remote', detail }
}
