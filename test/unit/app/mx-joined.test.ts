import { expect, it } from 'vitest'
import { loadMxJoined } from '../../../src/app/mx-joined.ts'
import { DAY_MS, HOUR_MS } from '../../../src/lib/time.ts'
import type { Change } from '../../../src/model/change.ts'
import type { Store } from '../../../src/store/store.ts'
import { version } from '../check/broken.ts'
import { EXAMPLE, MX1, MX2, NOW, policyBody } from '../check/snapshot-builder.ts'

function asked(changes: readonly Change[]) {
  const questions: number[] = []
  const snapshots = {
    changes: async (_: unknown, since: number) => {
      questions.push(since)
      return changes
    },
  }
  return { store: { snapshots } as unknown as Pick<Store, 'snapshots'>, questions }
}

const OLD = version(policyBody({ mx: [MX1] }), { recordId: 'old', lastSeenAt: NOW - 2 * DAY_MS })
const CURRENT = version(policyBody(), { lastSeenAt: NOW })
const joins = (at: number, added: readonly string[], part: Change['part'] = 'mx'): Change => ({
  domain: EXAMPLE,
  at,
  part,
  subject: null,
  summary: '',
  removed: [],
  added,
  notable: true,
  settles: null,
})

it('tells the last time that each host joined, since the oldest policy that is held was last served', async () => {
  const { store, questions } = asked([
    joins(1, [`10 ${MX2}.`, `20 ${MX1}.`]),
    joins(2, [`10 ${MX2}.`]),
    joins(3, ['3 1 1 ab'], 'tlsa'),
  ])
  expect([...(await loadMxJoined(EXAMPLE, [CURRENT, OLD], NOW, store))]).toEqual([
    [MX2, 2],
    [MX1, 1],
  ])
  expect(questions).toEqual([OLD.lastSeenAt - HOUR_MS])
})

it.each([
  ['there is one policy', [CURRENT]],
  ['the mx lines are the same', [CURRENT, { ...OLD, mxPatterns: [MX2, MX1] }]],
  ['the other one has ended', [CURRENT, { ...OLD, horizonAt: NOW }]],
])('asks nothing when %s', async (_, versions) => {
  const { store, questions } = asked([])
  expect((await loadMxJoined(EXAMPLE, versions, NOW, store)).size).toBe(0)
  expect(questions).toEqual([])
})
