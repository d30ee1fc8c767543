import { gatherFacts } from '../../../src/check/facts.ts'
import { judge } from '../../../src/check/judge.ts'
import { otherVersions, policyVersionOf } from '../../../src/check/policy-version.ts'
import type { PolicyVersion } from '../../../src/model/policy-version.ts'
import type { MxHost, Snapshot } from '../../../src/model/snapshot.ts'
import type { PlanWorld } from '../../../src/plan/plan-world.ts'
import { context, NOW, watched } from '../check/snapshot-builder.ts'

interface Parts extends Partial<Omit<PlanWorld, 'facts' | 'judgement' | 'newHosts'>> {
  /** Looked at because the plan names them; those of the snapshot unless given. */
  readonly hosts?: readonly MxHost[]
  readonly now?: number
}

/** The world of one look, as the command makes it. Nothing is remembered unless given. */
export function planWorld(
  snapshot: Snapshot,
  { hosts = snapshot.hosts, versions: before = [], ...parts }: Parts = {},
): PlanWorld {
  const now = parts.now ?? NOW
  const current = policyVersionOf(snapshot, before)
  const versions: readonly PolicyVersion[] =
    current === null ? before : [current, ...otherVersions(current, before)]
  const judging = context({ versions: before, now })
  return {
    now,
    facts: gatherFacts(snapshot, watched(), { ...judging, versions }),
    judgement: judge(snapshot, watched(), judging),
    versions,
    knownSince: now,
    changes: [],
    readiness: null,
    newHosts: { hosts, judgement: judge({ ...snapshot, hosts }, watched(), judging) },
    rollover: null,
    begunAt: now,
    ...parts,
  }
}
