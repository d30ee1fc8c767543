import type { UnixMs } from '../lib/time.ts'
import { DAY_MS } from '../lib/time.ts'
import type { OwnView, ReportedFailure } from '../model/report-window.ts'
import type { FailureKind } from '../model/reported-cause.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { FailureDetail } from '../protocol/tlsrpt/report.ts'
import type { CountedFailure, ReportedDays, ReporterDay } from './reported-days.ts'
import { failureOf } from './reported-threshold.ts'

const MOST_REPORTERS = 20
const MOST_EXAMPLES = 5

/** The days in a row, up to this one, on which anybody reported the kind. */
export function runOfDays(kind: FailureKind, lastDayAt: UnixMs, days: ReportedDays): readonly UnixMs[] {
  const run: UnixMs[] = []
  for (let dayAt = lastDayAt; isReported(kind, days.get(dayAt) ?? []); dayAt -= DAY_MS) run.unshift(dayAt)
  return run
}

/** The failures of one kind on these days, of all reporters together; those whose word counts first, then by number. */
export function reportedFailure(
  kind: FailureKind,
  run: readonly UnixMs[],
  days: ReportedDays,
  view: OwnView,
): ReportedFailure {
  const list = run.flatMap((dayAt) => days.get(dayAt) ?? [])
  const failures = list.map((one) => failureOf(one, kind)).filter((failure) => failure !== null)
  const failing = new Set(list.filter((one) => failureOf(one, kind) !== null).map(({ reporter }) => reporter))
  const reporters = [...failing].map((reporter) => reporterTotals(reporter, kind, list))
  return {
    resultType: kind.resultType,
    mx: kind.mx,
    firstDayAt: run[0] ?? 0,
    lastDayAt: run.at(-1) ?? 0,
    reporters: reporters
      .toSorted(
        (one, other) => Number(other.known) - Number(one.known) || other.failedSessions - one.failedSessions,
      )
      .slice(0, MOST_REPORTERS),
    receivingIps: examples(failures, ({ receivingIp }) => receivingIp),
    sendingMtaIps: examples(failures, ({ sendingMtaIp }) => sendingMtaIp),
    reasonCodes: examples(failures, ({ failureReasonCode }) => failureReasonCode),
    ownView: view,
  }
}

function isReported(kind: FailureKind, day: readonly ReporterDay[]): boolean {
  return day.some((one) => failureOf(one, kind) !== null)
}

function reporterTotals(
  reporter: DomainName,
  kind: FailureKind,
  list: readonly ReporterDay[],
): ReportedFailure['reporters'][number] {
  const own = list.filter((one) => one.reporter === reporter)
  const failedSessions = sum(own.map((one) => failureOf(one, kind)?.sessions ?? 0))
  return {
    reporter,
    organization: own.at(-1)?.organization ?? null,
    failedSessions,
    ofSessions: Math.max(failedSessions, sum(own.map(({ sessions }) => sessions))),
    known: own.some(({ known }) => known),
  }
}

function examples(
  failures: readonly CountedFailure[],
  pick: (detail: FailureDetail) => string | null,
): readonly string[] {
  const values = failures.flatMap(({ details }) => details.map(pick)).filter((value) => value !== null)
  return [...new Set(values)].slice(0, MOST_EXAMPLES)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
