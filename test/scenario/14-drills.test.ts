import { expect, test } from 'vitest'
import { DRILLS } from '../../src/lab/drills/drills.ts'
import { FINDING_CODES } from '../../src/model/finding-codes.ts'

/** These are found in what others report, not by looking: 40-reports and 42-what-reports-tell. */
const REPORTED = /^tlsrpt\.report(?:ed|er)\./

test('every finding of a domain has a drill', () => {
  const drilled = new Set(DRILLS.map(({ finding }) => finding))
  const looked = FINDING_CODES.filter((code) => !code.startsWith('monitor.') && !REPORTED.test(code))
  const untried = looked.filter((code) => !drilled.has(code))
  expect(untried).toEqual([])
})

test('every drill has a name of its own, and opens what it is named after', () => {
  expect(new Set(DRILLS.map(({ name }) => name)).size).toBe(DRILLS.length)
  expect(DRILLS.filter(({ opens, finding }) => !opens.some(({ code }) => code === finding))).toEqual([])
})
