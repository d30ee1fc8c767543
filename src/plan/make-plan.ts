import type { Plan, PlanKind } from '../model/plan.ts'
import type { StagedKey } from '../model/staged-key.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { assumedUntil } from './past.ts'
import { planChangeMx } from './plan-change-mx.ts'
import { planEnforce } from './plan-enforce.ts'
import { planPublish } from './plan-publish.ts'
import { planRetire } from './plan-retire.ts'
import { planRollTlsa } from './plan-roll-tlsa.ts'
import { type PlanWorld, servedBy } from './plan-world.ts'
import { type StepRule, schedule } from './step-rule.ts'

/** What a plan is to bring about. */
export type PlanGoal =
  | { readonly kind: Exclude<PlanKind, 'change-mx' | 'roll-tlsa'> }
  | { readonly kind: 'change-mx'; readonly hosts: readonly DomainName[] }
  | { readonly kind: 'roll-tlsa'; readonly staged: StagedKey }

/** The plan for this goal in this world. Pure: the same world gives the same plan. */
export function makePlan(world: PlanWorld, goal: PlanGoal): Plan {
  const scheduled = schedule(rulesOf(world, goal), world.now)
  return {
    kind: goal.kind,
    domain: world.facts.snapshot.domain,
    madeAt: world.now,
    ...scheduled,
    unknowns: scheduled.state === 'done' ? [] : unknownsOf(world, goal),
  }
}

function rulesOf(world: PlanWorld, goal: PlanGoal): readonly StepRule[] {
  switch (goal.kind) {
    case 'publish':
      return planPublish(world)
    case 'enforce':
      return planEnforce(world)
    case 'change-mx':
      return planChangeMx(world, goal.hosts)
    case 'retire':
      return planRetire(world)
    case 'roll-tlsa':
      return planRollTlsa(world, goal.staged)
  }
}

function unknownsOf(world: PlanWorld, { kind }: PlanGoal): readonly string[] {
  const restsOnPast = kind === 'change-mx' || kind === 'retire'
  const sentences = []
  if (restsOnPast && assumedUntil(world) !== null) {
    sentences.push(
      'Which policies were served before the first look is not known. It is assumed that one of them suits no step, and that its max_age was not longer than that of the policies seen; if it was longer, wait for that.',
    )
  }
  if (kind === 'enforce' && world.readiness === null && servedBy(world)?.mode !== 'enforce') {
    sentences.push(
      'No TLS reports of this domain are kept here, so nobody knows what mode enforce would refuse. Put the domain on the watch list and read its reports first.',
    )
  }
  const { rollover } = world
  if (rollover?.state.name === 'spreading' && !rollover.state.since.isExact) {
    sentences.push(
      'When the record of the next key appeared was not seen; it is taken to be at the first look.',
    )
  }
  return sentences
}
