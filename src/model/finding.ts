import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { DaneEvidence } from './evidence/dane-evidence.ts'
import type { DnssecEvidence } from './evidence/dnssec-evidence.ts'
import type { FaceEvidence } from './evidence/face-evidence.ts'
import type { HostEvidence } from './evidence/host-evidence.ts'
import type { MonitorEvidence } from './evidence/monitor-evidence.ts'
import type { PlanEvidence } from './evidence/plan-evidence.ts'
import type { RolloverEvidence } from './evidence/rollover-evidence.ts'
import type { StsEvidence } from './evidence/sts-evidence.ts'
import type { TlsrptEvidence } from './evidence/tlsrpt-evidence.ts'
import type { ZoneServerEvidence } from './evidence/zone-server-evidence.ts'
import type { Fault } from './fault.ts'
import type { MailAtRisk } from './mail-at-risk.ts'
import type { ReportedFailure } from './report-window.ts'

/** critical: mail is or within 72 h will be refused by senders that verify. warning: protection lost or weakened. */
export type Severity = 'info' | 'warning' | 'critical'

export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical']

/** One entry = one code = one page in docs/findings.md. `area.thing.state`. */
export interface Evidence
  extends StsEvidence,
    PlanEvidence,
    HostEvidence,
    FaceEvidence,
    DaneEvidence,
    RolloverEvidence,
    TlsrptEvidence,
    ZoneServerEvidence,
    DnssecEvidence,
    MonitorEvidence {}

export type FindingCode = keyof Evidence

/** A problem that was true of one look. It has no memory. */
export type Finding = {
  [C in FindingCode]: {
    readonly code: C
    /** null: the monitor itself. */
    readonly domain: DomainName | null
    /** What of the domain: a host, a pattern, a URI; null for the domain (or monitor) as a whole. */
    readonly subject: string | null
    readonly severity: Severity
    /** When the observation behind it was made: the same old observation never confirms a finding twice. */
    readonly observedAt: UnixMs
    /** What TLS reports of the last days say of the same thing; it never rests on them. */
    readonly reported: readonly ReportedFailure[]
    /** How much of the reported mail rests on it; null: none, or reports do not tell. */
    readonly atRisk: MailAtRisk | null
    readonly evidence: Evidence[C]
  }
}[FindingCode]

/** `code|domain|subject`: at most one live incident each. */
export type FindingKey = string & { readonly __brand: 'FindingKey' }

export function findingKey(code: FindingCode, domain: DomainName | null, subject: string | null): FindingKey {
  return `${code}|${domain ?? ''}|${subject ?? ''}` as FindingKey
}

/**
 * What follows from a look. A live incident whose key is neither among the findings nor undecided has cleared.
 */
export interface Judgement {
  readonly findings: readonly Finding[]
  readonly undecided: readonly Undecided[]
  /** When the look was made. */
  readonly observedAt: UnixMs
}

/** Findings that could not be told: they neither open nor resolve. Null stands for "any". */
export interface Undecided {
  readonly code: FindingCode
  readonly domain: DomainName | null
  readonly subject: string | 'any' | null
  readonly because: Fault
}

/** Whether something is really left to be found out: what is moot is told elsewhere. */
export function isOpenQuestion({ because }: Undecided): boolean {
  return because.kind !== 'moot'
}
