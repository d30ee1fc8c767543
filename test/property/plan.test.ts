import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../src/lib/time.ts'
import { makePlan, type PlanGoal } from '../../src/plan/make-plan.ts'
import { nextLookMs, planNews } from '../../src/plan/plan-news.ts'
import { doneIf, HARMLESS, type StepRule, schedule } from '../../src/plan/step-rule.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import { version } from '../unit/check/broken.ts'
import {
  absent,
  answer,
  healthy,
  MX1,
  MX2,
  mxHost,
  mxRecords,
  NOW,
  policyBody,
  serving,
} from '../unit/check/snapshot-builder.ts'
import { planWorld } from '../unit/plan/plan-world-builder.ts'

const rules: fc.Arbitrary<readonly StepRule[]> = fc
  .array(
    fc.record({
      done: fc.constantFrom(doneIf(true), doneIf(false), { is: 'unknown', because: 'silence' } as const),
      isBegun: fc.boolean(),
      delayMs: fc.option(fc.integer({ min: -DAY_MS, max: 30 * DAY_MS })),
      isFixed: fc.boolean(),
      isBlocked: fc.boolean(),
      isHarmless: fc.boolean(),
      needs: fc.array(fc.integer({ min: 0, max: 8 })),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((list) =>
    list.map(
      ({ done, isBegun, delayMs, isFixed, isBlocked, isHarmless, needs }, index): StepRule => ({
        id: `${index}`,
        title: `step ${index}`,
        lines: [],
        doneWhen: 'it is',
        done,
        isBegun,
        blocks: isBlocked ? [{ code: null, subject: null, detail: 'a wall' }] : [],
        waits: (after) =>
          delayMs === null ? [] : [{ kind: 'queues', until: (isFixed ? NOW : after) + delayMs }],
        ifEarly: isHarmless ? HARMLESS : { needs: needs.map(String), hurt: 'somebody', remedy: [] },
      }),
    ),
  )

test('the times of the steps never decrease, and exactly one step has its turn', () => {
  fc.assert(
    fc.property(rules, (list) => {
      const { steps, state } = schedule(list, NOW)
      const times = steps.flatMap(({ earliestAt }) => (earliestAt === null ? [] : [earliestAt]))
      expect(times).toEqual(times.toSorted((one, other) => one - other))
      for (const at of times) expect(at).toBeGreaterThanOrEqual(NOW)
      const turns = steps.filter(({ state: { name } }) => name !== 'done' && name !== 'later')
      expect(turns.length).toBe(state === 'done' ? 0 : 1)
      expect(steps.every(({ waits }) => waits.every(({ until }) => until > NOW))).toBe(true)
    }),
  )
})

test('news of a plan held against itself is none, and a look is never sooner than five minutes', () => {
  fc.assert(
    fc.property(rules, (list) => {
      const plan = {
        kind: 'publish',
        domain: 'a.example' as DomainName,
        madeAt: NOW,
        unknowns: [],
        ...schedule(list, NOW),
      } as const
      expect(planNews(plan, plan)).toEqual([])
      expect(nextLookMs(plan, NOW)).toBeGreaterThanOrEqual(300_000)
      expect(nextLookMs(plan, NOW)).toBeLessThanOrEqual(900_000)
    }),
  )
})

const GOALS: readonly PlanGoal[] = [
  { kind: 'publish' },
  { kind: 'enforce' },
  { kind: 'retire' },
  { kind: 'change-mx', hosts: [MX1 as DomainName, MX2 as DomainName] },
  { kind: 'change-mx', hosts: ['mx9.example.com' as DomainName] },
]

test('any past of any domain gives a plan whose times never decrease', () => {
  const past = fc.array(
    fc.record({
      mode: fc.constantFrom('enforce', 'testing', 'none'),
      maxAge: fc.integer({ min: 0, max: 31_557_600 }),
      mx: fc.subarray([MX1, MX2, 'mx9.example.com', '*.example.com'], { minLength: 1 }),
      seenMs: fc.integer({ min: 0, max: 60 * DAY_MS }),
      id: fc.constantFrom('a', 'b', '20261101T000000Z'),
    }),
    { maxLength: 4 },
  )
  const snapshots = fc.record({
    isRecordThere: fc.boolean(),
    mode: fc.constantFrom('enforce', 'testing', 'none'),
    mx: fc.subarray([MX1, MX2, 'mx9.example.com'], { minLength: 1 }),
    live: fc.subarray([MX1, MX2, 'mx9.example.com'], { minLength: 1 }),
  })
  fc.assert(
    fc.property(
      past,
      snapshots,
      fc.constantFrom(...GOALS),
      fc.integer({ min: 0, max: 60 }),
      (lines, now, goal, days) => {
        const snapshot = {
          ...serving(policyBody({ mode: now.mode, mx: now.mx })),
          stsRecord: now.isRecordThere ? answer(['v=STSv1; id=20261101T000000Z']) : absent(),
          mx: mxRecords(...now.live),
          hosts: now.live.map((name, index) => mxHost(name, [`192.0.2.${index + 1}`])),
        }
        const versions = lines.map(({ mode, maxAge, mx, seenMs, id }) =>
          version(policyBody({ mode, maxAge, mx }), {
            recordId: id,
            lastSeenAt: NOW - seenMs,
            firstSeenAt: NOW - seenMs - HOUR_MS,
          }),
        )
        const { steps } = makePlan(planWorld(snapshot, { versions, knownSince: NOW - days * DAY_MS }), goal)
        const times = steps.flatMap(({ earliestAt }) => (earliestAt === null ? [] : [earliestAt]))
        expect(times).toEqual(times.toSorted((one, other) => one - other))
      },
    ),
  )
})

test.each<[string, PlanGoal, Parameters<typeof planWorld>[0]]>([
  ['publish', { kind: 'publish' }, healthy()],
  ['enforce', { kind: 'enforce' }, serving(policyBody({ maxAge: 2_592_000 }))],
  ['change-mx', { kind: 'change-mx', hosts: [MX1 as DomainName, MX2 as DomainName] }, healthy()],
  [
    'retire',
    { kind: 'retire' },
    healthy({
      stsRecord: absent(),
      policyHost: { ...healthy().policyHost, addresses: absent(), fetches: [] },
    }),
  ],
])('the plan of a finished world is done: %s', (_, goal, snapshot) => {
  const long = { firstSeenAt: NOW - 300 * DAY_MS, lastSeenAt: NOW - HOUR_MS }
  const versions = goal.kind === 'retire' ? [] : [version(bodyOf(snapshot), long)]
  const plan = makePlan(planWorld(snapshot, { versions, knownSince: NOW - 400 * DAY_MS }), goal)
  expect([plan.state, plan.tooEarly, plan.unknowns]).toEqual(['done', [], []])
})

function bodyOf({ policyHost }: Parameters<typeof planWorld>[0]): string {
  const [fetch] = policyHost.fetches
  return fetch?.response.outcome === 'seen' ? fetch.response.value.body : ''
}
