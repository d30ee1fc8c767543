import { HOUR_MS, MINUTE_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import type { PolicyVersion } from '../model/policy-version.ts'
import { coversMx } from '../protocol/mta-sts/mx-match.ts'
import type { Facts } from './facts.ts'
import { horizonAfter, sameMeaning, suggestedId } from './ledger.ts'
import { CLEAR, found, moot, together, undecided, type Verdict } from './verdict.ts'

const NOT_HELD: readonly FindingCode[] = ['mta-sts.policy.mx-not-in-held-policy']
const RETIRED: readonly FindingCode[] = ['mta-sts.policy.retired-too-early']
/** By then a host that came before its line in the policy is told as uncovered. */
const TOLD_AS_UNCOVERED_MS = 5 * MINUTE_MS

/** Steps of a change that were right in themselves but came while senders hold copies of a policy that they do not suit. */
export function checkPrematureSteps(facts: Facts): Verdict {
  return together([retired(facts), hostsBeforeCopies(facts)])
}

/**
 * The policy in mode enforce that is held longest, when mode none was the last that was served and the record is gone:
 * its holders cannot learn any more that MTA-STS has ended (RFC 8461 §8.3). Null otherwise.
 */
export function retiredTooEarly({ record, served, versions, held }: Facts): PolicyVersion | null {
  const last = served?.policy?.mode ?? versions[0]?.mode ?? null
  if (record.state !== 'missing' || last !== 'none') return null
  return heldLongest(held.filter(({ mode }) => mode === 'enforce'))
}

function retired(facts: Facts): Verdict {
  const { snapshot, record, served, now } = facts
  const { domain, stsRecord, takenAt } = snapshot
  if (record.state === 'undecided') return undecided(RETIRED, domain, null, record.because)
  const version = retiredTooEarly(facts)
  if (version === null) return CLEAR
  const at = stsRecord.outcome === 'skipped' ? takenAt : stsRecord.at
  return found('mta-sts.policy.retired-too-early', { domain, subject: null, at }, 'warning', {
    patterns: version.mxPatterns,
    cachedUntil: version.horizonAt,
    policyServed: served?.policy != null,
    suggestedId: suggestedId(now),
  })
}

function hostsBeforeCopies(facts: Facts): Verdict {
  const { snapshot, served, record } = facts
  const { domain, hosts } = snapshot
  const enforcing = facts.held.filter(({ mode }) => mode === 'enforce')
  if (enforcing.length === 0 || record.state === 'missing') return CLEAR
  const policy = served?.policy ?? null
  if (policy === null)
    return undecided(NOT_HELD, domain, 'any', moot('told as what is wrong with the policy'))
  if (record.state !== 'valid') {
    const because =
      record.state === 'undecided' ? record.because : moot('told as what is wrong with the record')
    return undecided(NOT_HELD, domain, 'any', because)
  }
  // Under the same id it is told as the text that changed without a new one.
  const earlier = enforcing.filter((one) => one.recordId !== record.value.id && !sameMeaning(one, policy))
  const names = hosts.filter(({ target }) => target === 'host').map(({ name }) => name)
  return together(
    names
      .filter((name) => policy.mode === 'none' || coversMx(policy.mxPatterns, name))
      .map((name) =>
        hostBeforeCopies(
          facts,
          name,
          earlier.filter((one) => !coversMx(one.mxPatterns, name)),
        ),
      ),
  )
}

function hostBeforeCopies(facts: Facts, mx: string, refusing: readonly PolicyVersion[]): Verdict {
  const { snapshot, now } = facts
  const version = heldLongest(refusing)
  const joinedAt = joined(facts, mx)
  if (version === null || joinedAt === null || wasUncovered(facts, mx, joinedAt)) return CLEAR
  const settlesAt = recordSettlesAt(facts)
  if (joinedAt >= surelyCachedUntil(facts, version)) return CLEAR
  const at = snapshot.mx.outcome === 'seen' ? snapshot.mx.at : snapshot.takenAt
  return found(
    'mta-sts.policy.mx-not-in-held-policy',
    { domain: snapshot.domain, subject: mx, at },
    // Later on only senders that trust a copy without a look at the record refuse the host.
    now < settlesAt ? 'critical' : 'warning',
    {
      mx,
      patterns: version.mxPatterns,
      joinedAt,
      cachedUntil: Math.max(version.horizonAt, horizonAfter(version.lastSeenAt, version.maxAgeSeconds)),
      oldRecordUntil: settlesAt,
    },
  )
}

/**
 * RFC 8461 §8.1: until the record's TTL has passed nobody can know of the new policy. Counted from when the old id was last
 * seen, so that nobody is blamed for what happened between two looks.
 */
function surelyCachedUntil({ snapshot, versions }: Facts, old: PolicyVersion): UnixMs {
  const { stsRecord } = snapshot
  const seen = versions
    .filter(({ recordId }) => recordId === old.recordId)
    .map(({ lastSeenAt }) => lastSeenAt)
  const ttlSeconds = stsRecord.outcome === 'seen' ? stsRecord.value.ttlSeconds : 0
  return Math.max(old.lastSeenAt, ...seen) + Math.min(ttlSeconds * SECOND_MS, 2 * HOUR_MS)
}

/** Reliability §12.3: caches may give the record of before for twice its TTL, at most two hours, after the new id came. */
function recordSettlesAt({ snapshot, record, versions }: Facts): UnixMs {
  const { stsRecord, takenAt } = snapshot
  if (stsRecord.outcome !== 'seen' || record.state !== 'valid') return takenAt
  const sameId = versions.filter(({ recordId }) => recordId === record.value.id)
  const since = Math.min(stsRecord.at, ...sameId.map(({ firstSeenAt }) => firstSeenAt))
  return since + Math.min(2 * stsRecord.value.ttlSeconds * SECOND_MS, 2 * HOUR_MS)
}

/** When the host was seen becoming an MX; null when nobody saw it. */
function joined({ mxJoined, before, snapshot }: Facts, name: string): UnixMs | null {
  const known = mxJoined.get(name)
  if (known !== undefined) return known
  if (before === null || before.mx.outcome !== 'seen' || snapshot.mx.outcome !== 'seen') return null
  const had = before.mx.value.records.some(({ exchange }) => exchange === name)
  return had ? null : snapshot.mx.at
}

/** It was an MX before any policy covered it: that was told, and the copies are what is left of it. */
function wasUncovered({ versions, served, snapshot }: Facts, name: string, joinedAt: UnixMs): boolean {
  const covering = versions
    .filter((version) => coversMx(version.mxPatterns, name))
    .map((one) => one.firstSeenAt)
  const since = Math.min(...covering, served?.at ?? snapshot.takenAt)
  return since >= joinedAt + TOLD_AS_UNCOVERED_MS
}

function heldLongest(versions: readonly PolicyVersion[]): PolicyVersion | null {
  return versions.toSorted((one, other) => other.horizonAt - one.horizonAt)[0] ?? null
}
