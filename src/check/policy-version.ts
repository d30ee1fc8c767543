import { sha256 } from '../lib/sha256.ts'
import type { PolicyVersion } from '../model/policy-version.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { readRecord } from './facts.ts'
import { horizonAfter, stillHeld } from './ledger.ts'
import { servedPolicy } from './served-policy.ts'

/**
 * The ledger line of the policy that is served now: the known line with the same record id and text, seen once more, or
 * a new one. Null when no single valid policy was seen, or when nobody can have found it (no record, and no sender that
 * still holds an earlier one).
 */
export function policyVersionOf(
  snapshot: Snapshot,
  versions: readonly PolicyVersion[],
): PolicyVersion | null {
  // Only texts matter here; a path fault never hides one that another address gave.
  const served = servedPolicy(snapshot.policyHost, 'unproven')
  const [text] = served?.texts ?? []
  if (served === null || served.policy === null || text === undefined) return null
  const bodySha256 = sha256(text.body)
  const record = readRecord(snapshot)
  const recordId = record.state === 'valid' ? record.value.id : null
  const sameBody = versions.filter((version) => version.bodySha256 === bodySha256)
  const known =
    record.state === 'valid' ? sameBody.find((version) => version.recordId === recordId) : sameBody[0]
  const isFindable = record.state === 'valid' || record.state === 'undecided'
  // Holders of an earlier copy refresh it whatever the record says (RFC 8461 §3.3).
  if (!isFindable && stillHeld(versions, served.at).length === 0) return null
  const { mode, maxAgeSeconds, mxPatterns } = served.policy
  return {
    domain: snapshot.domain,
    recordId: known === undefined ? recordId : known.recordId,
    bodySha256,
    body: text.body,
    mode,
    maxAgeSeconds,
    mxPatterns,
    firstSeenAt: known?.firstSeenAt ?? served.at,
    lastSeenAt: Math.max(served.at, known?.lastSeenAt ?? 0),
    horizonAt: Math.max(horizonAfter(served.at, maxAgeSeconds), known?.horizonAt ?? 0),
  }
}

/** The ledger without the line of `current`, most recently served first. */
export function otherVersions(
  current: PolicyVersion,
  versions: readonly PolicyVersion[],
): readonly PolicyVersion[] {
  return versions
    .filter((version) => version.recordId !== current.recordId || version.bodySha256 !== current.bodySha256)
    .toSorted((one, other) => other.lastSeenAt - one.lastSeenAt)
}
