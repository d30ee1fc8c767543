import type { UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { StsPolicy } from '../protocol/mta-sts/policy.ts'
import type { Finding, FindingCode } from './finding.ts'
import type { FailureKind } from './reported-cause.ts'

/** Days with at least one report, and reporters or sessions, that it takes to say anything. */
export const ENOUGH_DAYS = 7
export const ENOUGH_REPORTERS = 2
export const ENOUGH_SESSIONS = 100
/**
 * ready: mode enforce would refuse next to nothing. not-ready: something would be refused, or there is no policy to switch.
 * already-enforced: the numbers say what it costs.
 */
export type ReadinessVerdict = 'ready' | 'not-ready' | 'too-little-data' | 'already-enforced'

/** Is its cause mended, as our own look and later reports say? */
export type Mended =
  /** Our look is clean, and so are later reports; or the host takes no mail of the domain any more. */
  | 'mended'
  /** Our look finds the same. */
  | 'lasting'
  /** Our look is clean; no later report says so yet. */
  | 'not-reproduced'
  | 'unknown'

export interface ReadinessFailure extends FailureKind {
  readonly sessions: number
  readonly reporters: readonly DomainName[]
  /** Only of senders that are not known yet: shown, decides nothing. */
  readonly isUnproven: boolean
  readonly lastDayAt: UnixMs
  readonly mended: Mended
  /** by-enforce: refused in mode enforce. already: refused today, by DANE. no: delivered all the same. */
  readonly refused: 'by-enforce' | 'already' | 'no'
}

/** What mode enforce would do to a domain, or does, told from reports and our own look. */
export interface Readiness {
  readonly domain: DomainName
  readonly verdict: ReadinessVerdict
  /** The mode that senders apply today. */
  readonly mode: 'enforce' | 'testing' | 'none' | null
  /** The policy as it is served; null: none, or not the same everywhere. */
  readonly policy: StsPolicy | null
  readonly sinceDayAt: UnixMs
  readonly daysWithReports: number
  readonly reporters: readonly DomainName[]
  readonly sessions: number
  /** The most sessions first. */
  readonly failures: readonly ReadinessFailure[]
  /** Sessions a day that mode enforce refuses, or would; of days with reports. */
  readonly refusedPerDay: number
  /** Reports name a host only when it fails, or under DANE. */
  readonly mxNamed: readonly string[]
  readonly mxNeverNamed: readonly string[]
  /** What our own look finds now and mode enforce would make worse. */
  readonly blockers: readonly Finding[]
  /** What it could not tell. */
  readonly untold: readonly FindingCode[]
}
