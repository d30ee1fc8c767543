import { expect, test } from 'vitest'
import { simulate } from './simulate.ts'
import { figuresOf } from './verdict.ts'

/** Two days of twelve domains; `npx node test/simulation/run.ts` plays whole months. */
const SHORT = { domains: 12, days: 2, faults: 8, everyMinutes: 60, bigStep: false, loss: 'packets' } as const

test('in two days of weather every real fault is told once, in time, and nothing else is', async () => {
  const figures = figuresOf(await simulate({ ...SHORT, seed: 1 }))
  expect(figures).toMatchObject({
    falseNotices: [],
    faults: 8,
    untold: [],
    blindPeriods: 1,
    blindUntidy: [],
    unresolved: [],
    repeated: [],
  })
  expect(figures.medianLatencyMinutes).toBeLessThanOrEqual(75)
})
