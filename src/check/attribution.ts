import { DAY_MS, HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { Attribution } from '../model/received-report.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { PolicyResult, TlsReport } from '../protocol/tlsrpt/report.ts'
import { reportDays } from '../protocol/tlsrpt/report-date.ts'
import type { ReportHints } from '../protocol/tlsrpt/report-mail.ts'

/** What is watched, as far as a report can name it. */
export interface WatchedNames {
  readonly domains: ReadonlySet<DomainName>
  /** The watched domains that have this MX host. */
  domainsWithMx(host: DomainName): readonly DomainName[]
}

export type AttributionRefusal =
  /** Nothing in it is about a watched domain (S19). */
  | 'unknown-domain'
  /** More than eight days (S7). */
  | 'range-too-long'
  /** It ends more than a day after its arrival. */
  | 'range-in-the-future'
  /** It begins more than 400 days before its arrival (S23). */
  | 'range-too-old'

export type AttributionReading =
  | {
      readonly outcome: 'attributed'
      /** Only the policies that concern watched domains. */
      readonly report: TlsReport
      /** One for each of its policies. */
      readonly attributions: readonly Attribution[]
      readonly otherPolicies: number
    }
  | { readonly outcome: 'refused'; readonly reason: AttributionRefusal }

export const LONGEST_RANGE_MS = 8 * DAY_MS
export const LATEST_END_MS = 24 * HOUR_MS
export const OLDEST_START_MS = 400 * DAY_MS

/**
 * Says of each policy of a report which watched domain it concerns and under which day it is filed, and leaves out those that
 * concern none (S19). Refuses the report when none is left, or when its range cannot be (S7, S23).
 */
export function attributePolicies(
  report: TlsReport,
  hints: ReportHints,
  watched: WatchedNames,
  receivedAt: UnixMs,
): AttributionReading {
  const range = rangeOf(report, hints, receivedAt)
  const reason = whyImpossible(range, receivedAt)
  if (reason !== null) return { outcome: 'refused', reason }
  const dayAt = Date.parse(reportDays(range.startAt, range.endAt).first)
  const placed = report.policies.flatMap((policy) => {
    const place = placeOf(policy, hints, watched)
    return place === null ? [] : [{ policy, attribution: { ...place, dayAt } }]
  })
  if (placed.length === 0) return { outcome: 'refused', reason: 'unknown-domain' }
  return {
    outcome: 'attributed',
    report: { ...report, policies: placed.map(({ policy }) => policy) },
    attributions: placed.map(({ attribution }) => attribution),
    otherPolicies: report.policies.length - placed.length,
  }
}

interface Range {
  readonly startAt: UnixMs
  readonly endAt: UnixMs
}

/** The report's own range; else the mail's hints, else the day before it arrived. Half a range is a point. */
function rangeOf(report: TlsReport, hints: ReportHints, receivedAt: UnixMs): Range {
  const today = receivedAt - (receivedAt % DAY_MS)
  const startAt = report.startAt ?? report.endAt ?? hints.startAt ?? hints.endAt ?? today - DAY_MS
  const endAt = report.endAt ?? report.startAt ?? hints.endAt ?? startAt
  return { startAt, endAt: Math.max(startAt, endAt) }
}

function whyImpossible({ startAt, endAt }: Range, receivedAt: UnixMs): AttributionRefusal | null {
  if (endAt - startAt > LONGEST_RANGE_MS) return 'range-too-long'
  if (endAt > receivedAt + LATEST_END_MS) return 'range-in-the-future'
  if (startAt < receivedAt - OLDEST_START_MS) return 'range-too-old'
  return null
}

/** Whom a policy concerns; null: nobody who is watched. */
function placeOf(
  policy: PolicyResult,
  hints: ReportHints,
  watched: WatchedNames,
): Omit<Attribution, 'dayAt'> | null {
  const named = policy.policyDomain
  if (policy.policyType === 'tlsa') return placeOfTlsa(policy, hints, watched)
  return named !== null && watched.domains.has(named) ? { domain: named, mx: null } : null
}

// RFC 8460 §1.1: for DANE the policy domain is the TLSA base domain, an MX host; Microsoft writes the mail domain.
function placeOfTlsa(
  policy: PolicyResult,
  { policyDomain: hinted }: ReportHints,
  watched: WatchedNames,
): Omit<Attribution, 'dayAt'> | null {
  const named = policy.policyDomain
  if (named !== null && watched.domains.has(named)) {
    return { domain: named, mx: watched.domainsWithMx(named).includes(named) ? named : null }
  }
  if (hinted !== null && watched.domains.has(hinted)) return { domain: hinted, mx: named }
  if (named === null) return null
  const [only, ...others] = watched.domainsWithMx(named)
  if (only === undefined) return null
  return { domain: others.length === 0 ? only : null, mx: named }
}
