import type { UnixMs } from '../lib/time.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { PlanWait } from '../model/plan.ts'
import type { StsPolicy } from '../protocol/mta-sts/policy.ts'
import { idStep } from './id-step.ts'
import { heldWaits, lastChange, ttlOf } from './past.ts'
import { liveMx, type PlanWorld, servedBy } from './plan-world.ts'
import { code, fileLines, policyUnknown, recordLine, text } from './step-parts.ts'
import { type Done, doneIf, HARMLESS, NO, NO_WAIT, type StepRule, YES } from './step-rule.ts'

/** RFC 8461 §8.3: "a small max_age (e.g., one day)". */
const LAST_MAX_AGE_SECONDS = 86_400

/** From a policy to none: mode none first, and nothing is taken away while an earlier policy may be held (RFC 8461 §8.3). */
export function planRetire(world: PlanWorld): readonly StepRule[] {
  const { domain } = world.facts.snapshot
  const policy = servedBy(world)
  const last: StsPolicy = {
    version: 'STSv1',
    mode: 'none',
    maxAgeSeconds: LAST_MAX_AGE_SECONDS,
    mxPatterns: lastPatterns(world),
  }
  const isGone = world.facts.record.state === 'missing' && policy === null
  const wasNone = isGone && hadModeNone(world)
  return [
    {
      id: 'policy',
      title: 'Serve a policy in mode none',
      lines: [
        ...fileLines(domain, last),
        text('The mx lines are not needed; some senders refuse a policy without them.'),
      ],
      doneWhen: 'every address serves one valid policy in mode none',
      done: wasNone ? YES : modeNone(world, policy),
      blocks: [],
      waits: NO_WAIT,
      isBegun: false,
      ifEarly: HARMLESS,
    },
    announceStep(world, policy, wasNone),
    removeRecord(world, last),
    removeFile(world, last),
  ]
}

/** Once the record is gone, what counts is whether mode none had an id of its own. */
function announceStep(world: PlanWorld, policy: StsPolicy | null, wasNone: boolean): StepRule {
  const step = idStep(world, 'record', { id: 'policy', isDone: policy?.mode === 'none' })
  if (world.facts.record.state !== 'missing') return step
  return {
    ...step,
    done: doneIf((wasNone && world.versions.length === 0) || wasAnnounced(world)),
    ifEarly: HARMLESS,
  }
}

function wasAnnounced({ versions }: PlanWorld): boolean {
  const others = new Set(versions.filter(({ mode }) => mode !== 'none').map(({ recordId }) => recordId))
  return versions.some(({ mode, recordId }) => mode === 'none' && recordId !== null && !others.has(recordId))
}

/** The lines of before, which every reader has taken already. */
function lastPatterns(world: PlanWorld): readonly string[] {
  return servedBy(world)?.mxPatterns ?? world.versions[0]?.mxPatterns ?? liveMx(world) ?? []
}

/** Was mode none the last that was served, or was there never anything to retire? */
function hadModeNone({ versions }: PlanWorld): boolean {
  const last = versions.toSorted((one, other) => other.lastSeenAt - one.lastSeenAt)[0]
  return last === undefined || last.mode === 'none'
}

function modeNone(world: PlanWorld, policy: StsPolicy | null): Done {
  const unknown = policyUnknown(world)
  if (policy === null && unknown !== null) return { is: 'unknown', because: unknown }
  return doneIf(policy?.mode === 'none')
}

function removeRecord(world: PlanWorld, last: StsPolicy): StepRule {
  const { domain } = world.facts.snapshot
  const { record } = world.facts
  return {
    id: 'remove-record',
    title: 'Take the record away',
    lines: [text('Remove from the zone:'), code(`_mta-sts.${domain}. TXT`)],
    doneWhen: 'the DNS has no MTA-STS record',
    done:
      record.state === 'undecided'
        ? { is: 'unknown', because: record.because.detail }
        : doneIf(record.state === 'missing'),
    blocks: [],
    waits: (after) => heldWaits(world, ({ mode }) => mode !== 'none', after),
    isBegun: false,
    ifEarly: tooSoon(world, last, ['policy', 'record']),
  }
}

function removeFile(world: PlanWorld, last: StsPolicy): StepRule {
  const { domain } = world.facts.snapshot
  return {
    id: 'remove-file',
    title: 'Take the policy and its host away',
    lines: [
      code(`https://mta-sts.${domain}/.well-known/mta-sts.txt`),
      code(`mta-sts.${domain}. A, AAAA or CNAME`),
    ],
    doneWhen: 'no address serves a policy any more',
    done: fileGone(world),
    blocks: [],
    waits: (after) => [
      ...heldWaits(world, ({ mode }) => mode !== 'none', world.now),
      ...recordWait(world, after),
    ],
    isBegun: false,
    ifEarly: tooSoon(world, last, ['policy', 'record', 'remove-record']),
  }
}

function tooSoon(world: PlanWorld, last: StsPolicy, needs: readonly string[]): StepRule['ifEarly'] {
  const { domain } = world.facts.snapshot
  return {
    needs,
    hurt: 'Senders that hold an earlier policy go on with it, and cannot learn any more that it has ended: in mode enforce they refuse hosts that it does not cover.',
    remedy: [
      ...fileLines(domain, last),
      text('and publish the record again, with a new id:'),
      recordLine(domain, world.now),
    ],
  }
}

function fileGone({ facts }: PlanWorld): Done {
  const { addresses, fetches } = facts.snapshot.policyHost
  if (addresses.outcome === 'absent') return YES
  if (addresses.outcome === 'failed') return { is: 'unknown', because: addresses.fault.detail }
  if (facts.served === null) return NO
  if (facts.served.texts.length > 0) return NO
  if (facts.served.unknown !== null) return { is: 'unknown', because: facts.served.unknown.detail }
  return doneIf(fetches.length > 0)
}

/** Senders with the record in a cache ask for the file once more, and report that it is gone. */
function recordWait(world: PlanWorld, after: UnixMs): readonly PlanWait[] {
  if (world.facts.record.state === 'missing' && after === world.now) {
    const removedAt = lastChange(world, 'sts-record')
    if (removedAt === null) return []
    return [oldRecord(removedAt, USUAL_TTL_SECONDS)]
  }
  return [oldRecord(after, ttlOf(world.facts.snapshot.stsRecord))]
}

/** What the record's TTL was is not remembered once it is gone. */
const USUAL_TTL_SECONDS = 3_600

function oldRecord(at: UnixMs, ttlSeconds: number): PlanWait {
  return { kind: 'old-answer', of: 'sts-record', until: at + ttlSeconds * SECOND_MS, ttlSeconds }
}
