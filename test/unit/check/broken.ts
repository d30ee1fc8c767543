import type { JudgeContext } from '../../../src/check/judge.ts'
import { horizonAfter } from '../../../src/check/ledger.ts'
import type { WatchedDomain } from '../../../src/config/watch-config.ts'
import { sha256 } from '../../../src/lib/sha256.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { PolicyVersion } from '../../../src/model/policy-version.ts'
import type { PolicyFetch, Snapshot } from '../../../src/model/snapshot.ts'
import { parseStsPolicy } from '../../../src/protocol/mta-sts/policy.ts'
import { absent, EXAMPLE, fetchAt, NOW, POLICY_HOST, policyBody, withFetches } from './snapshot-builder.ts'

/** One way for a domain to be broken, and every finding that it must give: `severity code subject`. */
export interface BrokenDomain {
  readonly name: string
  readonly snapshot: Snapshot
  readonly findings: readonly string[]
  readonly domain?: Partial<WatchedDomain>
  readonly context?: Partial<JudgeContext>
}

/** A ledger line, last seen a day ago unless told otherwise. */
export function version(body: string, edit: Partial<PolicyVersion> = {}): PolicyVersion {
  const { value } = parseStsPolicy(body)
  if (value === null) throw new Error('the test needs a valid policy')
  const lastSeenAt = edit.lastSeenAt ?? NOW - DAY_MS
  return {
    domain: EXAMPLE,
    recordId: '20261101T000000Z',
    bodySha256: sha256(body),
    body,
    mode: value.mode,
    maxAgeSeconds: value.maxAgeSeconds,
    mxPatterns: value.mxPatterns,
    firstSeenAt: lastSeenAt - 30 * DAY_MS,
    lastSeenAt,
    horizonAt: horizonAfter(lastSeenAt, value.maxAgeSeconds),
    ...edit,
  }
}

/** Senders hold the healthy policy. */
export const HELD = { versions: [version(policyBody())] }

export const UNSERVED = { name: POLICY_HOST, addresses: absent(), fetches: [] }

/** What the probe notes for a response that it did not ask for. */
export const moot = {
  outcome: 'skipped',
  because: 'the certificate is not valid for the policy host',
} as const

/** The policy host with these edits at its first and second address. */
export function fetches(edit: Partial<PolicyFetch>, one: Partial<PolicyFetch> = edit): Snapshot {
  return withFetches(fetchAt('192.0.2.80', edit), fetchAt('192.0.2.81', one))
}
