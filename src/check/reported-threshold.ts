import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { Severity } from '../model/finding.ts'
import type { FailureKind } from '../model/reported-cause.ts'
import { type CountedFailure, kindName, type ReportedDays, type ReporterDay } from './reported-days.ts'
import type { PolicyMode } from './severity.ts'

/** How grave are the failures of one kind on one day (reliability §12.4)? Only known reporters count. */

export const WARNING_FAILURES = 10
export const WARNING_RATIO = 0.01
export const CRITICAL_FAILURES = 100
export const CRITICAL_RATIO = 0.1
export const CRITICAL_REPORTERS = 2
/** A host with less than this share of a type's failures has no message of its own. */
const HOST_SHARE = 0.1
/** Below this multiple of the usual number nothing new is told. */
export const BASELINE_FACTOR = 2
export const BASELINE_DAYS = 14
/** With fewer days there is no "usual". */
export const BASELINE_MIN_DAYS = 7

/** Types that say which part is broken, so that few sessions are enough. */
const CERTAIN_TYPE = /^(?:sts|tlsa|certificate)-/

/** The failures of this kind among those of a reporter on a day; null: none. */
export function failureOf({ failures }: ReporterDay, kind: FailureKind): CountedFailure | null {
  return failures.get(kindName(kind)) ?? null
}

/** Does the reporter report this kind, or the same type without saying where? */
export function agrees({ failures }: ReporterDay, { resultType, mx }: FailureKind): boolean {
  return [...failures.values()].some(
    (one) => one.resultType === resultType && (one.mx === mx || one.mx === null || mx === null),
  )
}

export function knownOf(days: ReportedDays, dayAt: UnixMs): readonly ReporterDay[] {
  return (days.get(dayAt) ?? []).filter(({ known }) => known)
}

/**
 * The severity of that day; null: too few to be told. The numbers are those of the result type at all hosts together: a
 * fault that is spread over five hosts is no smaller for it.
 */
export function severityOfDay(
  kind: FailureKind,
  day: readonly ReporterDay[],
  mode: PolicyMode | null,
): Severity | null {
  const ofType = day.filter((one) => ofTypeIn(one, kind.resultType).length > 0)
  const failures = sum(ofType.map((one) => typeFailures(one, kind.resultType)))
  const atHost = kindFailures(day, kind)
  if (atHost === 0 || atHost < failures * HOST_SHARE) return null
  const ratio = failures / Math.max(1, sum(day.map(({ sessions }) => sessions)))
  const isMany = failures >= CRITICAL_FAILURES && ratio >= CRITICAL_RATIO
  const isCertain =
    CERTAIN_TYPE.test(kind.resultType ?? '') &&
    failures >= WARNING_FAILURES &&
    ofType.length >= CRITICAL_REPORTERS
  const isEnforced = mode === 'enforce'
  if (isMany || (isCertain && isEnforced)) return isEnforced ? 'critical' : 'warning'
  if (failures < WARNING_FAILURES || ratio < WARNING_RATIO) return null
  return isEnforced ? 'warning' : 'info'
}

export function kindFailures(day: readonly ReporterDay[], kind: FailureKind): number {
  return sum(day.map((one) => failureOf(one, kind)?.sessions ?? 0))
}

/** Is this more than what has become usual in the two weeks before? */
export function isAboveBaseline(kind: FailureKind, dayAt: UnixMs, days: ReportedDays): boolean {
  const before = [...days.keys()]
    .filter((at) => at < dayAt && dayAt - at <= BASELINE_DAYS * DAY_MS)
    .map((at) => knownOf(days, at))
    .filter((known) => known.length > 0)
  if (before.length < BASELINE_MIN_DAYS) return true
  const usual = median(before.map((known) => kindFailures(known, kind)))
  return kindFailures(knownOf(days, dayAt), kind) >= BASELINE_FACTOR * usual
}

/** Sessions of one reporter that failed with this type, at whichever host: never more than all its sessions. */
function typeFailures(one: ReporterDay, resultType: string | null): number {
  return Math.min(sum(ofTypeIn(one, resultType).map(({ sessions }) => sessions)), one.sessions)
}

function ofTypeIn({ failures }: ReporterDay, resultType: string | null): readonly CountedFailure[] {
  return [...failures.values()].filter((one) => one.resultType === resultType)
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other)
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0
  return (lower + upper) / 2
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
