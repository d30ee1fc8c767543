import { HOUR_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import type { PolicyVersion } from '../model/policy-version.ts'
import { coversMx } from '../protocol/mta-sts/mx-match.ts'
import type { Facts } from './facts.ts'
import { ID_CHANGE_MATTERS_MS, sameMeaning, suggestedId, WEAKENED_MATTERS_MS } from './ledger.ts'
import { noPolicy } from './mta-sts-policy.ts'
import { otherVersions, policyVersionOf } from './policy-version.ts'
import { CLEAR, found, moot, type Place, together, undecided, type Verdict } from './verdict.ts'

const ID_CODES: readonly FindingCode[] = [
  'mta-sts.policy.changed-without-id',
  'mta-sts.policy.id-changed-without-text',
]
const WEAKENED: FindingCode = 'mta-sts.policy.weakened'
const SETTLED_MS = 2 * HOUR_MS

/**
 * What the ledger says about the policy's past (RFC 8461 §3.1, §8.1): each finding holds exactly as long as senders may
 * still hold the earlier text, so that it needs no memory of its own.
 */
export function checkPolicyContinuity(facts: Facts): Verdict {
  const { snapshot, versions, served, published, record } = facts
  const { domain } = snapshot
  if (published === false) return CLEAR
  const current = policyVersionOf(snapshot, versions)
  if (current === null) {
    const because = published === true ? noPolicy(served) : published
    return together([
      undecided(ID_CODES, domain, null, because),
      undecided([WEAKENED], domain, 'any', because),
    ])
  }
  const place: Place = { domain, subject: null, at: served?.at ?? snapshot.takenAt }
  const earlier = otherVersions(current, versions)
  return together([
    record.state === 'valid'
      ? together([changedWithoutId(facts, place, current, earlier), idOnly(facts, place, current, earlier)])
      : undecided(
          ID_CODES,
          domain,
          null,
          record.state === 'undecided' ? record.because : moot('there is no valid record'),
        ),
    weakened(facts, place, current, earlier),
  ])
}

function changedWithoutId(
  facts: Facts,
  place: Place,
  current: PolicyVersion,
  earlier: readonly PolicyVersion[],
): Verdict {
  const { now, snapshot } = facts
  const { recordId } = current
  const stale = earlier.filter(
    (version) =>
      recordId !== null &&
      version.recordId === recordId &&
      version.horizonAt > now &&
      !sameMeaning(version, current),
  )
  const [before] = stale
  if (before === undefined || recordId === null) return CLEAR
  const hosts = snapshot.hosts.filter((host) => host.target === 'host').map((host) => host.name)
  const refused = hosts.filter((host) =>
    stale.some((version) => version.mode === 'enforce' && !coversMx(version.mxPatterns, host)),
  )
  return found('mta-sts.policy.changed-without-id', place, refused.length > 0 ? 'critical' : 'warning', {
    recordId,
    before: before.body,
    after: current.body,
    changedAt: changedAt(before, current),
    cachedUntil: Math.max(...stale.map((version) => version.horizonAt)),
    recordSettlesAt: settlesAt(facts),
    suggestedId: suggestedId(now),
    refused,
  })
}

/** Reliability §12.3: a record may need twice its TTL, at most two hours, to be the same everywhere. */
function settlesAt({ snapshot }: Facts): UnixMs {
  const { stsRecord, takenAt } = snapshot
  if (stsRecord.outcome !== 'seen') return takenAt
  return stsRecord.at + Math.min(2 * stsRecord.value.ttlSeconds * SECOND_MS, SETTLED_MS)
}

function idOnly(
  facts: Facts,
  place: Place,
  current: PolicyVersion,
  earlier: readonly PolicyVersion[],
): Verdict {
  const [before] = earlier
  if (before === undefined || before.recordId === null || current.recordId === null) return CLEAR
  if (before.bodySha256 !== current.bodySha256 || before.recordId === current.recordId) return CLEAR
  const at = changedAt(before, current)
  if (facts.now >= at + ID_CHANGE_MATTERS_MS) return CLEAR
  // The id that a text changed without is published late: exactly what was asked for.
  const isOverdue = earlier.some(
    (version) =>
      version.recordId === before.recordId && version.horizonAt > at && !sameMeaning(version, current),
  )
  // An id from before the last one comes out of a cache, or back on purpose: no new id at any rate.
  const isOld = earlier.some(
    (version) => version.recordId === current.recordId && version.firstSeenAt < before.firstSeenAt,
  )
  if (isOverdue || isOld) return CLEAR
  return found('mta-sts.policy.id-changed-without-text', place, 'info', {
    before: before.recordId,
    after: current.recordId,
    changedAt: at,
  })
}

function weakened(
  facts: Facts,
  place: Place,
  current: PolicyVersion,
  earlier: readonly PolicyVersion[],
): Verdict {
  const before = earlier.find((version) => !sameMeaning(version, current))
  if (before === undefined) return CLEAR
  const at = changedAt(before, current)
  const matters = Math.min(before.horizonAt, at + WEAKENED_MATTERS_MS)
  if (facts.now >= matters) return CLEAR
  return together(
    weakenings(before, current).map(({ aspect, was, is }) => {
      if (aspect === 'mode' && facts.domain.expect !== 'any' && isBelow(current.mode, facts.domain.expect)) {
        return undecided(
          [WEAKENED],
          place.domain,
          aspect,
          moot('told as the mode being weaker than expected'),
        )
      }
      return found(
        'mta-sts.policy.weakened',
        { ...place, subject: aspect },
        before.mode === 'enforce' ? 'warning' : 'info',
        { aspect, before: was, after: is, changedAt: at, cachedUntil: before.horizonAt },
      )
    }),
  )
}

interface Weakening {
  readonly aspect: 'mode' | 'max-age' | 'mx-patterns'
  readonly was: string
  readonly is: string
}

function weakenings(before: PolicyVersion, after: PolicyVersion): readonly Weakening[] {
  // A weaker mode explains what changed besides: RFC 8461 §8.3 asks for a small max_age on the way out.
  if (isBelow(after.mode, before.mode)) return [{ aspect: 'mode', was: before.mode, is: after.mode }]
  const list: Weakening[] = []
  if (after.maxAgeSeconds < before.maxAgeSeconds / 2) {
    list.push({ aspect: 'max-age', was: `${before.maxAgeSeconds}`, is: `${after.maxAgeSeconds}` })
  }
  const wider = after.mxPatterns.filter(
    (pattern) => pattern.startsWith('*.') && !before.mxPatterns.includes(pattern),
  )
  if (wider.length > 0) {
    list.push({ aspect: 'mx-patterns', was: before.mxPatterns.join(' '), is: after.mxPatterns.join(' ') })
  }
  return list
}

const STRENGTH = { none: 0, testing: 1, enforce: 2 } as const

function isBelow(mode: PolicyVersion['mode'], than: PolicyVersion['mode']): boolean {
  return STRENGTH[mode] < STRENGTH[than]
}

function changedAt(before: PolicyVersion, current: PolicyVersion): number {
  // A text that came back was first seen before the one it replaced.
  return Math.max(current.firstSeenAt, before.lastSeenAt)
}
