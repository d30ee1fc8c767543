import type { Facts } from '../check/facts.ts'
import type { UnixMs } from '../lib/time.ts'
import type { Change } from '../model/change.ts'
import type { Judgement } from '../model/finding.ts'
import type { PolicyVersion } from '../model/policy-version.ts'
import type { Readiness } from '../model/readiness.ts'
import type { Rollover } from '../model/rollover.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { StsPolicy } from '../protocol/mta-sts/policy.ts'

/** What a plan is made from: one look, what it means, and what is remembered from before it. */
export interface PlanWorld {
  readonly now: UnixMs
  readonly facts: Facts
  readonly judgement: Judgement
  /** The ledger, with the policy that this look saw. */
  readonly versions: readonly PolicyVersion[]
  /** Since when looks at the domain are remembered; that of this look when nothing is. */
  readonly knownSince: UnixMs
  /** What was seen changing, oldest first. */
  readonly changes: readonly Change[]
  /** Null: no reports are kept of this domain. */
  readonly readiness: Readiness | null
  /** A look at the hosts that the plan names, and what it means for them as MX hosts. */
  readonly newHosts: { readonly hosts: readonly MxHost[]; readonly judgement: Judgement }
  /** How far the key of the plan's host has come; null in other plans, and for a host that is no MX. */
  readonly rollover: Rollover | null
  /** When somebody began to follow the plan: what happened before is history. */
  readonly begunAt: UnixMs
}

/** The policy served everywhere, if it is valid. */
export function servedBy({ facts }: PlanWorld): StsPolicy | null {
  return facts.served?.policy ?? null
}

/** The hosts that the MX record names, in order; null when that could not be seen. */
export function liveMx({ facts }: PlanWorld): readonly string[] | null {
  const { mx, hosts } = facts.snapshot
  if (mx.outcome !== 'seen' && mx.outcome !== 'absent') return null
  return hosts.map(({ name }) => name)
}
