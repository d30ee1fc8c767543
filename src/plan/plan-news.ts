import { MINUTE_MS, type UnixMs } from '../lib/time.ts'
import type { EarlyStep, Plan, PlanStep } from '../model/plan.ts'

/** What a later look at a plan brings that is worth telling. */
export type PlanNews =
  | {
      readonly kind: 'done' | 'undone' | 'next' | 'blocked'
      readonly step: PlanStep
      readonly number: number
    }
  | { readonly kind: 'too-early'; readonly early: EarlyStep }
  | { readonly kind: 'finished' }

/** What changed between two looks; of a first look, what is too early already. */
export function planNews(before: Plan | null, plan: Plan): readonly PlanNews[] {
  const early = plan.tooEarly
    .filter(({ step }) => !before?.tooEarly.some((one) => one.step === step))
    .map((one): PlanNews => ({ kind: 'too-early', early: one }))
  if (before === null) return early
  const steps = plan.steps.flatMap((step, index): readonly PlanNews[] => {
    const was = before.steps.find(({ id }) => id === step.id)?.state.name ?? null
    const kind = stepNews(was, step.state.name)
    return kind === null ? [] : [{ kind, step, number: index + 1 }]
  })
  const finished = plan.state === 'done' && before.state !== 'done'
  return [...early, ...steps, ...(finished ? [{ kind: 'finished' } as const] : [])]
}

type StateName = PlanStep['state']['name']

/** What a look could not tell is no news, and neither is what was so before it. */
function stepNews(was: StateName | null, is: StateName): 'done' | 'undone' | 'next' | 'blocked' | null {
  if (was === is) return null
  if (is === 'done') return 'done'
  if (was === 'done' && is !== 'undecided') return 'undone'
  return is === 'next' || is === 'blocked' ? is : null
}

/** RFC 8461 §3.3: at least five minutes between two attempts to fetch a policy. */
const SOONEST_MS = 5 * MINUTE_MS
/** A step done too early should not go unseen for longer. */
const LATEST_MS = 15 * MINUTE_MS

/** How long to wait before the next look: until the step's time comes, within bounds; five minutes when somebody may act. */
export function nextLookMs(plan: Plan, now: UnixMs): number {
  const waiting = plan.steps.flatMap(({ state }) => (state.name === 'waiting' ? [state.until] : []))[0]
  if (waiting === undefined) return SOONEST_MS
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, waiting - now))
}
