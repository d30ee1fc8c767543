import { expect, test } from 'vitest'
import { DRILLS } from '../../src/lab/drills/drills.ts'
import { FINDING_CODES } from '../../src/model/finding-codes.ts'

test('every finding of a domain has a drill', () => {
  const drilled = new Set(DRILLS.map(({ finding }) => finding))
  const untried = FINDING_CODES.filter((code) => !drilled.has(code) && !code.startsWith('monitor.'))
  expect(untried).toEqual([])
})

test('every drill has a name of its own, and opens what it is named after', () => {
  expect(new Set(DRILLS.map(({ name }) => name)).size).toBe(DRILLS.length)
  expect(DRILLS.filter(({ opens, finding }) => !opens.some(({ code }) => code === finding))).toEqual([])
})
