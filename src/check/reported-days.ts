import { DAY_MS, HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { ReportedPolicy, ReporterHistory, ReportWindow } from '../model/report-window.ts'
import type { FailureKind } from '../model/reported-cause.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import type { FailureDetail } from '../protocol/tlsrpt/report.ts'
import { isKnownReporter } from './known-senders.ts'

/** What senders say, by day and reporter, with no session counted twice. */

/** Reports of a day that ended longer ago than this open nothing (reliability §12.4). */
export const FRESH_MS = 72 * HOUR_MS
/** No sender has more sessions with one domain in a day. */
export const IMPLAUSIBLE_SESSIONS = 1_000_000_000

export interface ReporterDay {
  readonly reporter: DomainName
  readonly organization: string | null
  readonly known: boolean
  /** Successful and failed. Sessions that stand under several policy types are counted once (RFC 8460 §4). */
  readonly sessions: number
  /** By the name of their kind. */
  readonly failures: ReadonlyMap<string, CountedFailure>
}

/** Sessions of one reporter that failed in one way on one day, one entry a kind. */
export interface CountedFailure extends FailureKind {
  readonly sessions: number
  readonly policyTypes: readonly string[]
  readonly details: readonly FailureDetail[]
}

/** By day, then reporter. */
export type ReportedDays = ReadonlyMap<UnixMs, readonly ReporterDay[]>

/** The window of a domain, sorted once for all checks. */
export interface Reported {
  readonly all: ReportedDays
  /** Only what arrived in time to be news. */
  readonly timely: ReportedDays
}

/** Of reporters that are not known only the last days are kept: nothing rests on them (S20). */
export function sortReported({ policies, reporters }: ReportWindow, now: UnixMs): Reported {
  const relevant = policies.filter(
    ({ dayAt, reporter }) => isFresh(dayAt, now) || isKnownReporter(reporter, reporters.get(reporter)),
  )
  const all = reportedDays(relevant, reporters)
  const timely = relevant.filter(isTimely)
  return { all, timely: timely.length === relevant.length ? all : reportedDays(timely, reporters) }
}

export function dayEnd(dayAt: UnixMs): UnixMs {
  return dayAt + DAY_MS
}

export function isFresh(dayAt: UnixMs, now: UnixMs): boolean {
  return now - dayEnd(dayAt) <= FRESH_MS
}

/** Did it arrive while its day was still worth a message? */
export function isTimely({ dayAt, receivedAt }: ReportedPolicy): boolean {
  return receivedAt - dayEnd(dayAt) <= FRESH_MS
}

/** The name of a kind: subject of its finding. */
export function kindName({ resultType, mx }: FailureKind): string {
  return `${resultType ?? 'unspecified'} ${mx ?? ''}`.trim()
}

/** Sorts the policies of a window by day and reporter; implausible ones are left out. */
export function reportedDays(
  policies: readonly ReportedPolicy[],
  reporters: ReadonlyMap<DomainName, ReporterHistory>,
): ReportedDays {
  const days = Map.groupBy(policies.filter(isPlausible), ({ dayAt }) => dayAt)
  return new Map(
    [...days]
      .toSorted(([one], [other]) => one - other)
      .map(([dayAt, ofDay]) => [
        dayAt,
        [...Map.groupBy(ofDay, ({ reporter }) => reporter)].map(([reporter, own]) =>
          reporterDay(reporter, isKnownReporter(reporter, reporters.get(reporter)), own),
        ),
      ]),
  )
}

function isPlausible({ policy }: ReportedPolicy): boolean {
  const { successfulSessions, failedSessions, failureDetails } = policy
  if (successfulSessions + failedSessions > IMPLAUSIBLE_SESSIONS) return false
  return failureDetails.every((detail) => detail.failedSessions <= IMPLAUSIBLE_SESSIONS)
}

function reporterDay(reporter: DomainName, known: boolean, own: readonly ReportedPolicy[]): ReporterDay {
  const failures = Map.groupBy(own.flatMap(failuresOf), ({ name }) => name)
  return {
    reporter,
    organization: own.at(-1)?.organization ?? null,
    known,
    sessions: countOnce(
      own.map(({ policy }) => ({
        policyType: policy.policyType,
        sessions: policy.successfulSessions + policy.failedSessions,
      })),
    ),
    failures: new Map([...failures].map(([name, same]) => [name, merged(same)])),
  }
}

interface Failure extends FailureKind {
  readonly name: string
  readonly policyType: string | null
  readonly sessions: number
  readonly detail: FailureDetail | null
}

/** One entry a detail; failures without details are of a kind that is not given. */
function failuresOf({ policy, mx }: ReportedPolicy): readonly Failure[] {
  const { policyType, failedSessions, failureDetails } = policy
  if (failureDetails.length === 0) {
    const kind = { resultType: null, mx }
    const failure = { ...kind, name: kindName(kind), policyType, sessions: failedSessions, detail: null }
    return failedSessions === 0 ? [] : [failure]
  }
  // Thousands of details name few hosts.
  const hosts = new Map<string, DomainName | null>()
  const hostOf = (text: string): DomainName | null => {
    const known = hosts.get(text)
    if (known !== undefined) return known
    const host = parseDomainName(text)
    hosts.set(text, host)
    return host
  }
  return failureDetails
    .filter((detail) => detail.failedSessions > 0)
    .map((detail) => {
      const kind = { resultType: detail.resultType, mx: mx ?? hostOf(detail.receivingMxHostname ?? '') }
      return { ...kind, name: kindName(kind), policyType, sessions: detail.failedSessions, detail }
    })
}

function merged(same: readonly Failure[]): CountedFailure {
  const policyTypes = same.map(({ policyType }) => policyType).filter((type) => type !== null)
  return {
    resultType: same[0]?.resultType ?? null,
    mx: same[0]?.mx ?? null,
    sessions: countOnce(same),
    policyTypes: [...new Set(policyTypes)],
    details: same.map(({ detail }) => detail).filter((detail) => detail !== null),
  }
}

/** Sums within a policy type and takes the largest: another type may count the same sessions again (RFC 8460 §4). */
function countOnce(
  counts: readonly { readonly policyType: string | null; readonly sessions: number }[],
): number {
  const sums = new Map<string | null, number>()
  for (const { policyType, sessions } of counts) {
    sums.set(policyType, (sums.get(policyType) ?? 0) + sessions)
  }
  return Math.max(0, ...sums.values())
}
