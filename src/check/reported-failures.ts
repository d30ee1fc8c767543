import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { FindingCode, Severity } from '../model/finding.ts'
import type { FailureKind } from '../model/reported-cause.ts'
import type { Facts } from './facts.ts'
import { ownDetail } from './own-detail.ts'
import { type OwnLook, ownFindingOf, ownLook, ownView } from './own-view.ts'
import { isFresh, kindName, type ReportedDays, type ReporterDay } from './reported-days.ts'
import { reportedFailure, runOfDays } from './reported-failure.ts'
import { hasNews, isLive, isOver } from './reported-life.ts'
import { agrees, failureOf, isAboveBaseline, knownOf, severityOfDay } from './reported-threshold.ts'
import type { PolicyMode } from './severity.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const CODE: FindingCode = 'tlsrpt.reported.failures'
/** Hosts and types told of one domain at a time. */
const MOST_KINDS = 20

/** Everything the rules need to know of one kind of failure. */
interface Case {
  readonly kind: FailureKind
  readonly facts: Facts
  readonly own: Verdict
  readonly look: OwnLook
  /** All reports, and those that arrived in time to be news. */
  readonly days: ReportedDays
  readonly timely: ReportedDays
}

/**
 * Failures that senders report (RFC 8460 §4.3), one finding for each result type and MX host: opened, kept and ended by
 * the rules of reliability S19 to S21 and §12.4. `own` is what the other checks make of the same look.
 */
export function checkReportedFailures(facts: Facts, own: Verdict): Verdict {
  const { all: days, timely } = facts.reported
  return together(
    kindsOf(days).map((kind) =>
      judgeKind({ kind, facts, own, look: ownLook(kind, facts, own), days, timely }),
    ),
  )
}

/** The kinds that known reporters name, the most frequent ones first. */
function kindsOf(days: ReportedDays): readonly FailureKind[] {
  const failures = [...days.values()]
    .flat()
    .flatMap(({ known, failures }) => (known ? [...failures.values()] : []))
  const kinds = [...Map.groupBy(failures, kindName).values()].map((same) => ({
    kind: { resultType: same[0]?.resultType ?? null, mx: same[0]?.mx ?? null },
    sessions: same.reduce((total, { sessions }) => total + sessions, 0),
  }))
  return kinds
    .toSorted((one, other) => other.sessions - one.sessions)
    .slice(0, MOST_KINDS)
    .map(({ kind }) => kind)
}

function judgeKind(one: Case): Verdict {
  const { kind, facts, own, look, days } = one
  const { domain } = facts.snapshot
  const subject = kindName(kind)
  const live = isLive(facts, CODE, subject)
  const lastBadAt = live ? lastBadDay(one) : openingDay(one)
  if (lastBadAt === null) return CLEAR
  const reporters = failing(one, knownOf(days, lastBadAt)).map(({ reporter }) => reporter)
  if (isOver(lastBadAt, reporters, days, look, facts.now)) return CLEAR
  const ownFinding = ownFindingOf(kind, own)
  if (ownFinding !== null) return undecided([CODE], domain, subject, moot(`told as ${ownFinding.code}`))
  if (live && (!isFresh(lastBadAt, facts.now) || hasNews(lastBadAt, reporters, days))) {
    return undecided([CODE], domain, subject, moot('reports of later days will tell'))
  }
  return tell(one, lastBadAt)
}

function tell(one: Case, lastBadAt: UnixMs): Verdict {
  const { kind, facts, look, days } = one
  const { snapshot } = facts
  const day = knownOf(days, lastBadAt)
  const view = ownView(kind, lastBadAt, facts, look)
  const severity = severityOfDay(kind, day, modeOf(one, day)) ?? 'info'
  const policyTypes = failing(one, day).flatMap((reporter) => failureOf(reporter, kind)?.policyTypes ?? [])
  return found(
    CODE,
    { domain: snapshot.domain, subject: kindName(kind), at: snapshot.takenAt },
    // What we saw begin and end is worth knowing and no more.
    view === 'fixed-since' ? 'info' : severity,
    {
      failure: reportedFailure(kind, runOfDays(kind, lastBadAt, days), days, view),
      mode: modeOf(one, day),
      policyTypes: [...new Set(policyTypes)],
      ownDetail: ownDetail(kind, facts),
      lookedAt: snapshot.takenAt,
    },
  )
}

/** The newest day that may open an incident; null: none, and nothing is to be told. */
function openingDay(one: Case): UnixMs | null {
  const { kind, facts, timely } = one
  const opening = [...timely.keys()].filter(
    (dayAt) =>
      isFresh(dayAt, facts.now) &&
      severityOn(one, dayAt, timely) !== null &&
      isCorroborated(one, dayAt) &&
      isAboveBaseline(kind, dayAt, timely),
  )
  return opening.at(-1) ?? null
}

/** The newest day on which there was enough to be told; null: none in the window any more. */
function lastBadDay(one: Case): UnixMs | null {
  return [...one.days.keys()].findLast((dayAt) => severityOn(one, dayAt, one.days) !== null) ?? null
}

function severityOn(one: Case, dayAt: UnixMs, days: ReportedDays): Severity | null {
  const day = knownOf(days, dayAt)
  return severityOfDay(one.kind, day, modeOf(one, day))
}

/** S21: one sender alone is believed when it says so on two days running, or when our own look agrees. */
function isCorroborated(one: Case, dayAt: UnixMs): boolean {
  const { kind, facts, look, timely } = one
  const saying = knownOf(timely, dayAt).filter((reporter) => agrees(reporter, kind))
  if (saying.length >= 2) return true
  const before = knownOf(timely, dayAt - DAY_MS).filter((reporter) => agrees(reporter, kind))
  if (before.some(({ reporter }) => saying.some((other) => other.reporter === reporter))) return true
  const view = ownView(kind, dayAt, facts, look)
  return view === 'confirmed' || view === 'fixed-since'
}

/** DANE has no testing mode: TLSA records are enforced whatever the policy says (RFC 7672 §2.2). */
function modeOf(one: Case, day: readonly ReporterDay[]): PolicyMode | null {
  const types = failing(one, day).flatMap((reporter) => failureOf(reporter, one.kind)?.policyTypes ?? [])
  const isOnlyDane = types.length > 0 && types.every((type) => type === 'tlsa')
  return isOnlyDane ? 'enforce' : one.facts.modeInForce
}

function failing({ kind }: Case, day: readonly ReporterDay[]): readonly ReporterDay[] {
  return day.filter((reporter) => failureOf(reporter, kind) !== null)
}
