import { display } from '../lib/display.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { RemedyLine } from '../model/description.ts'
import type { EarlyStep, Plan, PlanBlock, PlanKind, PlanStep, PlanWait } from '../model/plan.ts'
import { durationText } from './text-time.ts'
import { type DescribeContext, hostName, instant, moment, nameList, safe } from './words.ts'

/** A plan for people: plain text, untrusted parts made safe. */
export interface PlanText {
  readonly title: string
  readonly unknowns: readonly string[]
  readonly tooEarly: readonly EarlyText[]
  readonly steps: readonly StepText[]
}

export interface StepText {
  readonly mark: 'done' | 'next' | 'waiting' | 'blocked' | 'undecided'
  readonly title: string
  /** "waiting until 14:05 UTC" */
  readonly state: string
  /** Why it waits, a sentence each. */
  readonly waits: readonly string[]
  /** How, with exact lines; none once it is done. */
  readonly lines: readonly RemedyLine[]
  readonly doneWhen: string
}

export interface EarlyText {
  readonly title: string
  readonly hurt: string
  readonly remedy: readonly RemedyLine[]
}

const GOALS: Readonly<Record<PlanKind, string>> = {
  publish: 'publish MTA-STS',
  enforce: 'go to mode enforce',
  'change-mx': 'change the MX hosts',
  retire: 'retire MTA-STS',
  'roll-tlsa': 'roll the TLSA records',
}

export function describePlan(plan: Plan, context: DescribeContext): PlanText {
  const done = plan.steps.filter(({ state }) => state.name === 'done').length
  return {
    title: `${hostName(plan.domain)}: ${GOALS[plan.kind]}, ${done} of ${plan.steps.length} steps done`,
    unknowns: plan.unknowns.map(safe),
    tooEarly: plan.tooEarly.map((early) => describeEarly(early, context)),
    steps: plan.steps.map((step, index) => describeStep(step, index, plan, context)),
  }
}

/** A step that came too early: the consequence, who is hurt until when, and the way back. */
export function describeEarly(
  { title, hurt, until, remedy }: EarlyStep,
  context: DescribeContext,
): EarlyText {
  const how = until === null ? 'Until the step before it is done.' : `Until ${instant(until, context)}.`
  return {
    title: safe(`Done too early: ${title}`),
    hurt: safe(`${hurt} ${how}`),
    remedy: remedy.map(safeLine),
  }
}

export function describeStep(step: PlanStep, index: number, plan: Plan, context: DescribeContext): StepText {
  const { state } = step
  return {
    mark: state.name === 'later' ? 'waiting' : state.name,
    title: safe(step.title),
    state: safe(stateText(step, index, plan, context)),
    waits: step.waits.map((wait) => safe(waitText(wait, context))),
    lines: state.name === 'done' ? [] : step.lines.map(safeLine),
    doneWhen: safe(step.doneWhen),
  }
}

function stateText({ state }: PlanStep, index: number, { madeAt }: Plan, context: DescribeContext): string {
  switch (state.name) {
    case 'done':
      return 'done'
    case 'next':
      return 'next: safe now'
    case 'waiting':
      return `waiting until ${moment(state.until, context)}`
    case 'later':
      return state.until > madeAt
        ? `after step ${index}, not before ${moment(state.until, context)}`
        : `after step ${index}`
    case 'blocked':
      return `blocked by ${state.by.map(blockText).join(', ')}`
    case 'undecided':
      return `could not be found out: ${display(state.because, 160)}`
  }
}

function blockText({ code, subject, detail }: PlanBlock): string {
  if (code === null) return detail ?? 'something else'
  return subject === null ? code : `${code} (${hostName(subject)})`
}

function waitText(wait: PlanWait, context: DescribeContext): string {
  const until = instant(wait.until, context)
  switch (wait.kind) {
    case 'held-policies':
      return heldText(wait, context)
    case 'old-answer':
      return wait.of === 'tlsa'
        ? `Caches and a server that is behind may give the old TLSA records until ${until} (twice the TTL of ${wait.ttlSeconds} seconds).`
        : `The old ${wait.of === 'mx' ? 'MX answer' : 'TXT record'} may be cached until ${until} (TTL ${wait.ttlSeconds} seconds).`
    case 'queues':
      return `Senders may have mail in their queues for the old hosts until ${until} (RFC 5321 §4.5.4.1).`
    case 'trial':
      return `A max_age of ${durationText(wait.maxAgeSeconds * SECOND_MS)} is tried until ${until}: whatever is wrong shows before it is raised.`
  }
}

function heldText(wait: Extract<PlanWait, { kind: 'held-policies' }>, context: DescribeContext): string {
  const { until, mode, mxPatterns, lookingUntil, isAssumed } = wait
  const last = `until ${instant(until, context)}`
  if (isAssumed) return `Copies of policies from before the first look are assumed to live ${last}.`
  const which = mxPatterns.length === 0 ? '' : ` with mx ${nameList(mxPatterns, 4)} alone`
  const looking =
    lookingUntil < until
      ? ` Senders that look at the record before they use a copy have the new policy from ${instant(lookingUntil, context)} on; others do not.`
      : ''
  return `Copies of the policy${which} (mode ${mode}) live ${last}.${looking}`
}

function safeLine({ kind, text }: RemedyLine): RemedyLine {
  return { kind, text: safe(text) }
}
