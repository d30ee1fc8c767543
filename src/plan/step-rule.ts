import type { UnixMs } from '../lib/time.ts'
import type { RemedyLine } from '../model/description.ts'
import type { EarlyStep, Plan, PlanBlock, PlanState, PlanStep, PlanWait } from '../model/plan.ts'

/** Is a step done? `unknown`: this look could not tell. */
export type Done =
  | { readonly is: 'yes' }
  | { readonly is: 'no' }
  | { readonly is: 'unknown'; readonly because: string }

export const YES: Done = { is: 'yes' }
export const NO: Done = { is: 'no' }

export function doneIf(condition: boolean): Done {
  return condition ? YES : NO
}

/** One step as a plan lays it down, before it is known when its turn comes. */
export interface StepRule extends Pick<PlanStep, 'id' | 'title' | 'lines' | 'doneWhen'> {
  readonly done: Done
  /** What must have gone before it can be done. */
  readonly blocks: readonly PlanBlock[]
  /** What it waits for when the steps before it are done at `after` (now or later) at the earliest. */
  readonly waits: (after: UnixMs) => readonly PlanWait[]
  /** Not done, but enough of it to do the harm of a step done too early. */
  readonly isBegun: boolean
  readonly ifEarly: IfEarly
}

/** What it means when the step is done before its waits are over, or before the steps that it needs. */
export interface IfEarly {
  readonly needs: readonly string[]
  readonly hurt: string
  readonly remedy: readonly RemedyLine[]
}

/** A step that hurts nobody when it is done out of turn. */
export const HARMLESS: IfEarly = { needs: [], hurt: '', remedy: [] }
export const NO_WAIT = (): readonly PlanWait[] => []

/** Puts the rules in their order in time: what is done, what is next, what waits until when, what came too early. */
export function schedule(
  rules: readonly StepRule[],
  now: UnixMs,
): Pick<Plan, 'steps' | 'state' | 'tooEarly'> {
  const steps: PlanStep[] = []
  const tooEarly: EarlyStep[] = []
  let after = now
  let isFirst = true
  for (const rule of rules) {
    const waits = rule.waits(after).filter(({ until }) => until > now)
    const early = rule.done.is === 'yes' || rule.isBegun ? earlyStep(rule, steps, waits) : null
    if (early !== null) tooEarly.push(early)
    if (rule.done.is === 'yes') {
      steps.push(stepOf(rule, [], null, { name: 'done' }))
      continue
    }
    const earliestAt = Math.max(after, ...waits.map(({ until }) => until))
    steps.push(
      stepOf(
        rule,
        waits,
        earliestAt,
        isFirst ? turnOf(rule, earliestAt, now) : { name: 'later', until: earliestAt },
      ),
    )
    after = earliestAt
    isFirst = false
  }
  return { steps, state: stateOf(steps), tooEarly }
}

function isOpen({ state }: PlanStep): boolean {
  return state.name !== 'done' && state.name !== 'undecided'
}

function stepOf(
  { id, title, lines, doneWhen }: StepRule,
  waits: readonly PlanWait[],
  earliestAt: UnixMs | null,
  state: PlanStep['state'],
): PlanStep {
  return { id, title, lines, waits, earliestAt, doneWhen, state }
}

function turnOf({ done, blocks }: StepRule, earliestAt: UnixMs, now: UnixMs): PlanStep['state'] {
  if (blocks.length > 0) return { name: 'blocked', by: blocks }
  if (done.is === 'unknown') return { name: 'undecided', because: done.because }
  return earliestAt > now ? { name: 'waiting', until: earliestAt } : { name: 'next' }
}

/** What is only assumed to be held is no reason to blame anybody. */
function earlyStep(
  { id, title, ifEarly }: StepRule,
  before: readonly PlanStep[],
  waits: readonly PlanWait[],
): EarlyStep | null {
  if (ifEarly === HARMLESS) return null
  const known = waits.filter((wait) => wait.kind !== 'held-policies' || !wait.isAssumed)
  const isNeeded = before.some((step) => ifEarly.needs.includes(step.id) && isOpen(step))
  if (!isNeeded && known.length === 0) return null
  const until = known.length === 0 ? null : Math.max(...known.map((wait) => wait.until))
  return { step: id, title, hurt: ifEarly.hurt, until, remedy: ifEarly.remedy }
}

function stateOf(steps: readonly PlanStep[]): PlanState {
  const turn = steps.find(({ state }) => state.name !== 'done')?.state.name ?? 'done'
  return turn === 'later' ? 'waiting' : turn
}
