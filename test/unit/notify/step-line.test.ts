import { expect, test } from 'vitest'
import { stepLine } from '../../../src/notify/step-line.ts'
import { incident, T0, wording } from './message-builder.ts'

test('a reminder says that it is one, and since when', () => {
  const told = { kind: 'incident', reason: 'reminder', incident: incident(), at: T0 + 3_600_000 } as const
  expect(stepLine(told, wording())).toMatch(
    /^Reminder at 2026-11-23 15:05 UTC, open since 2026-11-23 14:05 UTC \(60 minutes\): example\.com: MX /,
  )
})

test.each([
  ['example.com', 'six hours'],
  [null, 'a day'],
])('what comes and goes at %s says that more follows after %s of quiet (R37, R84)', (domain, quiet) => {
  const told = { kind: 'incident', reason: 'flapping', incident: incident({ domain }), at: T0 } as const
  expect(stepLine(told, wording())).toContain(`steady for ${quiet}:`)
})
