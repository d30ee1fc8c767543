import { expect, test } from 'vitest'
import { stepLine } from '../../../src/notify/step-line.ts'
import { incident, T0, wording } from './message-builder.ts'

test.each([
  ['example.com', 'six hours'],
  [null, 'a day'],
])('what comes and goes at %s says that more follows after %s of quiet (R37, R84)', (domain, quiet) => {
  const told = { kind: 'incident', reason: 'flapping', incident: incident({ domain }), at: T0 } as const
  expect(stepLine(told, wording())).toContain(`steady for ${quiet}:`)
})
