import { horizonAfter, sameMeaning } from '../check/ledger.ts'
import { SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { Change } from '../model/change.ts'
import type { DnsAnswer } from '../model/dns.ts'
import type { Observation } from '../model/observation.ts'
import type { PlanWait } from '../model/plan.ts'
import type { AppliedPolicy, PolicyVersion } from '../model/policy-version.ts'
import { type PlanWorld, servedBy } from './plan-world.ts'

/** What is remembered of the domain, as waits: which copies live until when, and which answers. */

/** How long a policy may still be held: from when the next one took its place, not from when it was last seen. */
interface Held {
  readonly policy: AppliedPolicy
  readonly until: UnixMs
  readonly isAssumed: boolean
}

/**
 * The wait for the copies that do not suit (`isBad`), when nothing but what is served at `after` is given out from then
 * on. Empty when there are none.
 */
export function heldWaits(
  world: PlanWorld,
  isBad: (policy: AppliedPolicy) => boolean,
  after: UnixMs,
): readonly PlanWait[] {
  const bad = [...heldVersions(world, after), ...assumedVersion(world)].filter(({ policy }) => isBad(policy))
  const last = bad.toSorted((one, other) => other.until - one.until)[0]
  if (last === undefined) return []
  const { policy, until, isAssumed } = last
  const { mode, mxPatterns } = policy
  const lookingUntil = renewedAt(world, last, after)
  return [
    {
      kind: 'held-policies',
      until,
      mode,
      mxPatterns,
      lookingUntil,
      isAssumed,
    },
  ]
}

function heldVersions(world: PlanWorld, after: UnixMs): readonly Held[] {
  const served = servedBy(world)
  return world.versions.map((version) => {
    const isServed = served !== null && sameMeaning(version, served)
    const lastServedAt = isServed ? after : replacedAt(version, world.versions)
    const until = Math.max(version.horizonAt, horizonAfter(lastServedAt, version.maxAgeSeconds))
    return { policy: version, until, isAssumed: false }
  })
}

/** When another policy was first seen in its place; when it was last seen, if none was. */
function replacedAt(version: PolicyVersion, versions: readonly PolicyVersion[]): UnixMs {
  const later = versions.map(({ firstSeenAt }) => firstSeenAt).filter((at) => at > version.lastSeenAt)
  return later.length === 0 ? version.lastSeenAt : Math.min(...later)
}

/**
 * A policy in mode enforce that suits nothing, served until looks began, with the greatest max_age that was seen since: the
 * worst that a domain may have behind it which nobody watched for long enough.
 */
function assumedVersion({ versions, knownSince }: PlanWorld): readonly Held[] {
  if (versions.length === 0) return []
  const maxAgeSeconds = Math.max(...versions.map((version) => version.maxAgeSeconds))
  const policy: AppliedPolicy = { mode: 'enforce', maxAgeSeconds, mxPatterns: [] }
  return [{ policy, until: horizonAfter(knownSince, maxAgeSeconds), isAssumed: true }]
}

/** Until when the policies that nobody saw are taken to be held; null when that is over. */
export function assumedUntil(world: PlanWorld): UnixMs | null {
  const [held] = assumedVersion(world)
  return held === undefined || held.until <= world.now ? null : held.until
}

/** From then on no cache gives the id that the copy was fetched under; while it is still published, counted from `after`. */
function renewedAt({ facts, versions }: PlanWorld, { policy }: Held, after: UnixMs): UnixMs {
  const ttlMs = ttlOf(facts.snapshot.stsRecord) * SECOND_MS
  const id = facts.record.state === 'valid' ? facts.record.value.id : null
  const isCurrent = versions.some((version) => version.recordId === id && sameMeaning(version, policy))
  const since = versions.filter(({ recordId }) => recordId !== null && recordId === id)
  if (isCurrent || since.length === 0) return after + ttlMs
  return Math.min(...since.map(({ firstSeenAt }) => firstSeenAt)) + ttlMs
}

/** When this was last seen changing; null when it was not while looks are remembered. */
export function lastChange(
  { changes }: PlanWorld,
  part: Change['part'],
  isIt: (change: Change) => boolean = () => true,
): UnixMs | null {
  return changes.findLast((change) => change.part === part && isIt(change))?.at ?? null
}

/** Seconds; what is not there has no time to live, but its absence is cached for about as long as anything. */
export function ttlOf(answer: Observation<DnsAnswer<unknown>>): number {
  return answer.outcome === 'seen' ? answer.value.ttlSeconds : USUAL_TTL_SECONDS
}

const USUAL_TTL_SECONDS = 3_600
