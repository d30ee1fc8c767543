import { SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { PlanBlock, PlanWait } from '../model/plan.ts'
import type { ReadinessVerdict } from '../model/readiness.ts'
import type { StsPolicy } from '../protocol/mta-sts/policy.ts'
import { idStep } from './id-step.ts'
import { type PlanWorld, servedBy } from './plan-world.ts'
import {
  code,
  fileLines,
  hostBlocks,
  hostsPass,
  idIsNew,
  policyUnknown,
  recordLine,
  text,
} from './step-parts.ts'
import { type Done, doneIf, HARMLESS, NO, NO_WAIT, type StepRule } from './step-rule.ts'

/** RFC 8461 §10.2 wants weeks or more; it is raised only after every copy of the shorter one had its chance to fail. */
const RUNGS: readonly number[] = [604_800, 2_592_000]
const LEAST_SECONDS = 86_400

/** From mode testing to enforce, and then to a long max_age. */
export function planEnforce(world: PlanWorld): readonly StepRule[] {
  const { domain } = world.facts.snapshot
  const policy = servedBy(world)
  const isEnforced = policy?.mode === 'enforce'
  const first = enforced(
    policy,
    Math.min(Math.max(policy?.maxAgeSeconds ?? 0, LEAST_SECONDS), RUNGS[0] ?? LEAST_SECONDS),
  )
  const rungs = RUNGS.filter((seconds) => seconds > (isEnforced ? LEAST_SECONDS : first.maxAgeSeconds))
  return [
    {
      id: 'ready',
      title: 'Know that mode enforce costs no mail',
      lines: [
        text('Collect TLS reports in mode testing, and mend what they and our own look find.'),
        code(`stswatch readiness ${domain}`),
      ],
      doneWhen: '`stswatch readiness` says ready',
      // In mode enforce it is too late to ask; what is found at the hosts is what it costs.
      done: isEnforced ? hostsPass(world.judgement, null) : readyDone(world),
      blocks: isEnforced ? hostBlocks(world.judgement, null) : readyBlocks(world),
      waits: NO_WAIT,
      isBegun: false,
      ifEarly: HARMLESS,
    },
    {
      id: 'policy',
      title: 'Serve the policy in mode enforce',
      lines: fileLines(domain, first),
      doneWhen: 'every address serves one valid policy in mode enforce',
      done: enforcedDone(world, 0),
      blocks: [],
      waits: NO_WAIT,
      isBegun: false,
      ifEarly: {
        needs: ['ready'],
        hurt: 'Senders that hold this policy refuse the MX hosts at which something is found.',
        remedy: [
          text('Mend the hosts at once, or go back to mode testing and publish a new id:'),
          ...fileLines(domain, { ...first, mode: 'testing' }),
          recordLine(domain, world.now),
        ],
      },
    },
    idStep(world, 'record', { id: 'policy', isDone: isEnforced }),
    ...rungs.map((seconds) => rung(world, seconds, RUNGS[RUNGS.indexOf(seconds) - 1] ?? 0)),
  ]
}

function enforced(policy: StsPolicy | null, maxAgeSeconds: number): StsPolicy {
  return { version: 'STSv1', mode: 'enforce', maxAgeSeconds, mxPatterns: policy?.mxPatterns ?? [] }
}

function readyDone({ readiness }: PlanWorld): Done {
  if (readiness === null) return { is: 'unknown', because: 'no TLS reports of this domain are kept here' }
  return doneIf(READY.has(readiness.verdict))
}

const READY: ReadonlySet<ReadinessVerdict> = new Set(['ready', 'already-enforced'])

function readyBlocks({ readiness }: PlanWorld): readonly PlanBlock[] {
  if (readiness === null || READY.has(readiness.verdict)) return []
  const blocks = readiness.blockers.map(({ code: one, subject }) => ({ code: one, subject, detail: null }))
  if (blocks.length > 0) return blocks
  return [{ code: null, subject: null, detail: WHY[readiness.verdict] ?? '' }]
}

const WHY: Partial<Record<ReadinessVerdict, string>> = {
  'not-ready': 'reports tell of failures that are not mended, or no policy in mode testing is served',
  'too-little-data': 'there are too few TLS reports yet',
}

function enforcedDone(world: PlanWorld, leastSeconds: number): Done {
  const policy = servedBy(world)
  const unknown = policyUnknown(world)
  if (policy === null) return unknown === null ? NO : { is: 'unknown', because: unknown }
  return doneIf(policy.mode === 'enforce' && policy.maxAgeSeconds >= leastSeconds)
}

function rung(world: PlanWorld, seconds: number, lower: number): StepRule {
  const { domain } = world.facts.snapshot
  return {
    id: `max-age-${seconds}`,
    title: `Raise max_age to ${seconds / 86_400} days`,
    lines: [
      ...fileLines(domain, enforced(servedBy(world), seconds)),
      text('Then publish a new id:'),
      recordLine(domain, world.now),
    ],
    doneWhen: `the policy in mode enforce has a max_age of ${seconds} or more, under a new id`,
    done: bothDone(enforcedDone(world, seconds), () => idIsNew(world)),
    blocks: [],
    waits: (after) => trial(world, seconds, lower, after),
    isBegun: false,
    ifEarly: {
      needs: [],
      hurt: 'Mode enforce was not tried with a shorter max_age for long enough: if a host or the policy turns out to be wrong, senders refuse it for as long as they hold this one.',
      remedy: [
        text('Go back to the shorter max_age until it has been tried:'),
        ...fileLines(domain, enforced(servedBy(world), Math.max(lower, LEAST_SECONDS))),
        text('Then publish a new id:'),
        recordLine(domain, world.now),
      ],
    },
  }
}

function bothDone(one: Done, other: () => Done): Done {
  return one.is === 'yes' ? other() : one
}

/**
 * The rung below is tried for its own max_age, counted from when it was first seen. A first rung without one below is
 * where mode enforce began.
 */
function trial(world: PlanWorld, seconds: number, lower: number, after: UnixMs): readonly PlanWait[] {
  const enforcing = world.versions
    .filter(({ mode }) => mode === 'enforce')
    .toSorted((one, other) => one.firstSeenAt - other.firstSeenAt)
  const reached = enforcing.find(({ maxAgeSeconds }) => maxAgeSeconds >= seconds)
  const below = enforcing.find(({ maxAgeSeconds }) => maxAgeSeconds >= lower && maxAgeSeconds < seconds)
  if (servedBy(world)?.mode === 'enforce' && reached !== undefined) {
    // Whoever began to look later does not know how it came about.
    if (reached.firstSeenAt <= world.knownSince || (below === undefined && lower === 0)) return []
    const tried = below ?? { firstSeenAt: reached.firstSeenAt, maxAgeSeconds: lower }
    const until = tried.firstSeenAt + tried.maxAgeSeconds * SECOND_MS
    return reached.firstSeenAt < until ? [{ kind: 'trial', until, maxAgeSeconds: tried.maxAgeSeconds }] : []
  }
  const maxAgeSeconds = below?.maxAgeSeconds ?? Math.max(lower, LEAST_SECONDS)
  const isBegun = after === world.now && below !== undefined && servedBy(world)?.mode === 'enforce'
  const begunAt = isBegun ? below.firstSeenAt : after
  return [{ kind: 'trial', until: begunAt + maxAgeSeconds * SECOND_MS, maxAgeSeconds }]
}
