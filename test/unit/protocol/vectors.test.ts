import { describe, expect, it } from 'vitest'
import { isLegalMxPattern, matchesMxPattern } from '../../../src/protocol/mta-sts/mx-match.ts'
import { parseStsPolicy } from '../../../src/protocol/mta-sts/policy.ts'
import { parseStsRecord } from '../../../src/protocol/mta-sts/record.ts'
import type { Parsed } from '../../../src/protocol/problem.ts'
import { parseTlsrptRecord } from '../../../src/protocol/tlsrpt/record.ts'
import {
  matchCases,
  policyCases,
  policyText,
  stsRecordCases,
  tlsrptRecordCases,
} from '../../vectors/cases.ts'

/** Explained in test/vectors/README.md. */
const OTHER_SEVERITY = new Map([
  ['mx-own-wildcard', 'ok'],
  ['unrelated-only', 'error'],
  ['three-mailto', 'warn'],
  ['rua-http', 'warn'],
])

function worst({ problems }: Parsed<unknown>): 'ok' | 'warn' | 'error' {
  const severities = new Set(problems.map(({ severity }) => severity))
  if (severities.has('error')) return 'error'
  return severities.has('warning') ? 'warn' : 'ok'
}

interface Expected {
  readonly id: string
  readonly valid: boolean
  readonly monitor: 'ok' | 'warn' | 'error'
}

function expectVerdict(parsed: Parsed<unknown>, { id, valid, monitor }: Expected): void {
  expect({ valid: parsed.value !== null, worst: worst(parsed) }).toEqual({
    valid,
    worst: OTHER_SEVERITY.get(id) ?? monitor,
  })
}

describe('policy cases', () => {
  it.each(policyCases)('$id', (testCase) => {
    const parsed = parseStsPolicy(policyText(testCase))
    expectVerdict(parsed, testCase)
    if (testCase.expect === undefined) return
    const { mode, max_age: maxAgeSeconds, mx: mxPatterns } = testCase.expect
    expect(parsed.value).toEqual({ version: 'STSv1', mode, maxAgeSeconds, mxPatterns })
  })
})

describe('_mta-sts record cases', () => {
  it.each(stsRecordCases)('$id', (testCase) => {
    const parsed = parseStsRecord(testCase.records)
    expectVerdict(parsed, testCase)
    if (testCase.expect !== undefined) expect(parsed.value).toEqual({ id: testCase.expect })
  })
})

describe('_smtp._tls record cases', () => {
  it.each(tlsrptRecordCases)('$id', (testCase) => {
    const parsed = parseTlsrptRecord(testCase.records)
    expectVerdict(parsed, testCase)
    if (testCase.expect !== undefined)
      expect(parsed.value?.rua.map(({ raw }) => raw)).toEqual(testCase.expect)
  })
})

describe('MX match cases', () => {
  it.each(matchCases)('$pattern against "$host"', ({ pattern, host, match, pattern_valid: legal = true }) => {
    expect(isLegalMxPattern(pattern)).toBe(legal)
    expect(matchesMxPattern(pattern, host)).toBe(match)
  })
})
