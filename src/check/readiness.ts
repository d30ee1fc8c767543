import type { WatchedDomain } from '../config/watch-config.ts'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import { type FindingCode, isOpenQuestion, type Judgement } from '../model/finding.ts'
import {
  ENOUGH_DAYS,
  ENOUGH_REPORTERS,
  ENOUGH_SESSIONS,
  type Mended,
  type Readiness,
  type ReadinessFailure,
  type ReadinessVerdict,
} from '../model/readiness.ts'
import type { FailureKind } from '../model/reported-cause.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { type Facts, gatherFacts, type JudgeContext } from './facts.ts'
import { ownLook } from './own-view.ts'
import { kindName, type ReportedDays, reportedDays } from './reported-days.ts'
import { hasNews, isOver } from './reported-life.ts'

/** More than this share of sessions with an unmended failure, and it is not the time yet. */
export const MOST_UNMENDED = 0.001

/** What there is to replay reports with. */
export interface ReplayContext extends JudgeContext {
  /** Of this look, without what our own trouble explains: a blind monitor knows of no blockers. */
  readonly judgement: Judgement
}

/**
 * Replays the reports of the last `days` days against mode enforce. The reports in the context may go back further than
 * the window that incidents are judged by.
 */
export function readiness(
  snapshot: Snapshot,
  domain: WatchedDomain,
  context: ReplayContext,
  days: number,
): Readiness {
  const sinceDayAt = Math.floor(context.now / DAY_MS) * DAY_MS - days * DAY_MS
  const policies = context.reports.policies.filter(({ dayAt }) => dayAt >= sinceDayAt)
  const facts = gatherFacts(snapshot, domain, context)
  const { judgement } = context
  const byDay = reportedDays(policies, context.reports.reporters)
  const known = [...byDay.values()].flat().filter((one) => one.known)
  const failures = failuresOf(byDay, facts, judgement)
  const named = new Set([...failures, ...policies].map(({ mx }) => mx))
  const live = snapshot.hosts.filter(({ target }) => target === 'host').map(({ name }) => name)
  const refused = failures.filter((one) => one.refused === 'by-enforce' && !one.isUnproven)
  const daysWithReports = [...byDay.values()].filter((list) => list.some((one) => one.known)).length
  const told: Omit<Readiness, 'verdict'> = {
    domain: snapshot.domain,
    mode: facts.modeInForce,
    policy: facts.served?.policy ?? null,
    sinceDayAt,
    daysWithReports,
    reporters: [...new Set(known.map(({ reporter }) => reporter))],
    sessions: sum(known.map(({ sessions }) => sessions)),
    failures,
    refusedPerDay: sum(refused.map(({ sessions }) => sessions)) / Math.max(1, daysWithReports),
    mxNamed: live.filter((name) => named.has(name as DomainName)),
    mxNeverNamed: live.filter((name) => !named.has(name as DomainName)),
    blockers: judgement.findings.filter(({ code }) => hurts(code)),
    untold: untoldOf(judgement),
  }
  return { ...told, verdict: verdictOf(told) }
}

function verdictOf(told: Omit<Readiness, 'verdict'>): ReadinessVerdict {
  const { mode, policy, blockers, untold, failures, sessions, reporters, daysWithReports } = told
  if (mode === 'enforce') return 'already-enforced'
  if (blockers.length > 0 || mode !== 'testing' || policy === null) {
    return blockers.length === 0 && untold.length > 0 ? 'too-little-data' : 'not-ready'
  }
  const decisive = failures.filter((one) => one.refused === 'by-enforce' && !one.isUnproven)
  const unmended = sum(decisive.filter(({ mended }) => mended !== 'mended').map((one) => one.sessions))
  const isLasting = decisive.some(({ mended }) => mended === 'lasting')
  if (isLasting || unmended > sessions * MOST_UNMENDED) return 'not-ready'
  const isEnough =
    daysWithReports >= ENOUGH_DAYS && (reporters.length >= ENOUGH_REPORTERS || sessions >= ENOUGH_SESSIONS)
  return isEnough && untold.length === 0 ? 'ready' : 'too-little-data'
}

function failuresOf(days: ReportedDays, facts: Facts, own: Judgement): readonly ReadinessFailure[] {
  const all = [...days].flatMap(([dayAt, list]) =>
    list.flatMap((one) => [...one.failures.values()].map((failure) => ({ dayAt, one, failure }))),
  )
  const kinds = Map.groupBy(all, ({ failure }) => kindName(failure))
  return [...kinds.values()]
    .flatMap((same) => {
      const last = same.at(-1)
      if (last === undefined) return []
      const { resultType, mx } = last.failure
      const reporters = [...new Set(same.map(({ one }) => one.reporter))]
      return [
        {
          resultType,
          mx,
          sessions: sum(same.map(({ failure }) => failure.sessions)),
          reporters,
          isUnproven: same.every(({ one }) => !one.known),
          lastDayAt: last.dayAt,
          mended: mendedOf({ resultType, mx }, last.dayAt, reporters, days, { facts, own }),
          refused: refusedOf(
            resultType,
            same.flatMap(({ failure }) => failure.policyTypes),
          ),
        },
      ]
    })
    .toSorted((one, other) => other.sessions - one.sessions)
}

function mendedOf(
  kind: FailureKind,
  lastDayAt: UnixMs,
  reporters: readonly DomainName[],
  days: ReportedDays,
  { facts, own }: { readonly facts: Facts; readonly own: Judgement },
): Mended {
  const look = ownLook(kind, facts, own)
  if (look === 'bad') return 'lasting'
  if (look === 'gone') return 'mended'
  if (isOver(lastDayAt, reporters, days, look, facts.now)) return 'mended'
  if (look === 'clean') return hasNews(lastDayAt, reporters, days) ? 'mended' : 'not-reproduced'
  return 'unknown'
}

// RFC 8461 §5: who cannot get a valid policy delivers without; RFC 7672 §2.2: who finds TLSA records refuses anyway.
function refusedOf(resultType: string | null, policyTypes: readonly string[]): ReadinessFailure['refused'] {
  if (resultType?.startsWith('sts-')) return 'no'
  const isDane = /^(?:tlsa|dnssec|dane)-/.test(resultType ?? '')
  const isOnlyDane = policyTypes.length > 0 && policyTypes.every((type) => type === 'tlsa')
  return isDane || isOnlyDane ? 'already' : 'by-enforce'
}

/** Would mode enforce make this finding of ours cost mail, or keep senders from the policy? */
export function hurts(code: FindingCode): boolean {
  if (/^mx\.(?:starttls|tls)\./.test(code)) return true
  if (/\.certificate\.(?:expired|name-mismatch|untrusted|missing-intermediate)$/.test(code)) return true
  return HURTING.has(code)
}

const HURTING: ReadonlySet<FindingCode> = new Set([
  'mta-sts.policy.mx-uncovered',
  'mta-sts.policy.unfetchable',
  'mta-sts.policy.invalid',
  'mta-sts.policy.differs-by-address',
  'mta-sts.record.missing',
  'mta-sts.record.invalid',
  'mta-sts.record.multiple',
])

function untoldOf({ undecided }: Judgement): readonly FindingCode[] {
  const open = undecided.filter((one) => hurts(one.code) && isOpenQuestion(one))
  return [...new Set(open.map(({ code }) => code))]
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
