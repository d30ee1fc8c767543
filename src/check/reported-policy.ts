import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import type { AppliedPolicy, PolicyVersion } from '../model/policy-version.ts'
import type { ReportedPolicy } from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { coversMx } from '../protocol/mta-sts/mx-match.ts'
import { parseStsPolicy } from '../protocol/mta-sts/policy.ts'
import type { Facts } from './facts.ts'
import { isKnownReporter } from './known-senders.ts'
import { horizonAfter, sameMeaning } from './ledger.ts'
import { policyVersionOf } from './policy-version.ts'
import { isFresh, isTimely } from './reported-days.ts'
import { isLive, QUIET_MS } from './reported-life.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const CODE: FindingCode = 'tlsrpt.reported.outdated-policy'
/** A sender may have begun its day with a text that was replaced the day before. */
export const REPLACED_MS = DAY_MS

/** A text that a sender applied and should not have. */
interface Outdated {
  readonly reporter: DomainName
  readonly dayAt: UnixMs
  readonly applied: AppliedPolicy
  readonly replaced: { readonly at: UnixMs; readonly horizonAt: UnixMs } | null
  readonly refused: readonly string[]
}

/**
 * The policy texts that known senders say they applied (RFC 8460 §4.4) against the cache-horizon ledger. To apply an older
 * text while its max_age runs is how caches work (RFC 8461 §3.3) and no news, unless it refuses an MX host of today; to
 * apply it after that, or one that was never served, is.
 */
export function checkReportedPolicies(facts: Facts): Verdict {
  const { policies, reporters } = facts.reports
  const stated = policies.filter(
    (one) =>
      one.policy.policyType === 'sts' &&
      one.policy.policyString.length > 0 &&
      isTimely(one) &&
      isKnownReporter(one.reporter, reporters.get(one.reporter)),
  )
  const ledger = ledgerOf(facts)
  return together(
    [...Map.groupBy(stated, ({ reporter }) => reporter)].map(([reporter, own]) =>
      judgeReporter(reporter, own, ledger, facts),
    ),
  )
}

function judgeReporter(
  reporter: DomainName,
  own: readonly ReportedPolicy[],
  ledger: readonly PolicyVersion[],
  facts: Facts,
): Verdict {
  const { domain, takenAt } = facts.snapshot
  const newestDayAt = Math.max(...own.map(({ dayAt }) => dayAt))
  const outdated = own
    .filter(({ dayAt }) => dayAt === newestDayAt)
    .map((one) => outdatedOf(one, ledger, facts))
    .filter((one) => one !== null)
    .toSorted((one, other) => other.refused.length - one.refused.length)
  const [gravest] = outdated
  if (gravest === undefined) return CLEAR
  if (!isFresh(newestDayAt, facts.now)) {
    return isLive(facts, CODE, reporter) && facts.now - newestDayAt < QUIET_MS
      ? undecided([CODE], domain, reporter, moot('its next report will tell'))
      : CLEAR
  }
  const severity = gravest.refused.length > 0 ? 'warning' : 'info'
  return found(CODE, { domain, subject: reporter, at: takenAt }, severity, gravest)
}

/** Everything served, today's text included, most recently served last. */
function ledgerOf({ snapshot, versions }: Facts): readonly PolicyVersion[] {
  const current = policyVersionOf(snapshot, versions)
  const all = current === null ? versions : [...versions, current]
  return all.toSorted((one, other) => one.lastSeenAt - other.lastSeenAt)
}

/** Null: the text is the current one, rightly cached, or nothing can be proven. */
function outdatedOf(
  { policy, reporter, dayAt }: ReportedPolicy,
  ledger: readonly PolicyVersion[],
  facts: Facts,
): Outdated | null {
  const applied = readApplied(policy.policyString)
  const newest = ledger.at(-1)
  if (applied === null || newest === undefined) return null
  const refused = refusedBy(applied, facts)
  const servedLast = ledger.findLast((version) => sameMeaning(version, applied))
  if (servedLast === undefined) {
    return wasWatched(applied, dayAt, facts) ? { reporter, dayAt, applied, replaced: null, refused } : null
  }
  const following = ledger.filter(
    (version) => version.lastSeenAt > servedLast.lastSeenAt && !sameMeaning(version, applied),
  )
  if (following.length === 0) return null
  const at = Math.max(
    servedLast.lastSeenAt,
    Math.min(
      ...following.map(({ firstSeenAt }) => firstSeenAt).filter((seen) => seen >= servedLast.lastSeenAt),
    ),
  )
  if (!Number.isFinite(at) || dayAt < at + REPLACED_MS) return null
  const horizonAt = horizonAfter(at, servedLast.maxAgeSeconds)
  if (dayAt < horizonAt && refused.length === 0) return null
  return { reporter, dayAt, applied, replaced: { at, horizonAt }, refused }
}

/**
 * Were we there so early that every copy of a text from before has ended? Only then is one that we do not know one that was
 * never served, or not for as long as it takes us to look.
 */
function wasWatched({ maxAgeSeconds }: AppliedPolicy, dayAt: UnixMs, { reports }: Facts): boolean {
  const { firstLookAt } = reports
  return firstLookAt !== null && horizonAfter(firstLookAt, maxAgeSeconds) <= dayAt
}

function refusedBy({ mode, mxPatterns }: AppliedPolicy, { snapshot }: Facts): readonly string[] {
  if (mode !== 'enforce') return []
  const live = snapshot.hosts.filter(
    ({ target, addresses }) => target === 'host' && addresses.outcome === 'seen',
  )
  return live.map(({ name }) => name).filter((name) => !coversMx(mxPatterns, name))
}

/** As a set of fields: senders reorder the lines, and one ends each with a CR. Null when it is no whole policy. */
function readApplied(lines: readonly string[]): AppliedPolicy | null {
  const body = lines.map((line) => `${line.replace(/\r$/, '')}\n`).join('')
  const { value } = parseStsPolicy(body)
  return value && { mode: value.mode, maxAgeSeconds: value.maxAgeSeconds, mxPatterns: [...value.mxPatterns] }
}
