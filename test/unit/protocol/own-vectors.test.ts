import { describe, expect, it } from 'vitest'
import { isLegalMxPattern, matchesMxPattern } from '../../../src/protocol/mta-sts/mx-match.ts'
import { parseStsPolicy } from '../../../src/protocol/mta-sts/policy.ts'
import { parseStsRecord } from '../../../src/protocol/mta-sts/record.ts'
import type { Parsed } from '../../../src/protocol/problem.ts'
import { parseTlsrptRecord } from '../../../src/protocol/tlsrpt/record.ts'
import { ownCases } from '../../vectors/cases.ts'

/** The value, after a look at what every reading promises: errors exactly when there is no value. */
function readValue<T>({ value, problems }: Parsed<T>): T | null {
  expect(problems.some(({ severity }) => severity === 'error')).toBe(value === null)
  return value
}

describe('our own policy cases', () => {
  it.each(ownCases.policy)('$id', ({ input, valid, expect: expected }) => {
    const value = readValue(parseStsPolicy(input))
    expect(value !== null).toBe(valid)
    if (value === null) return
    const { mode, maxAgeSeconds: max_age, mxPatterns: mx } = value
    expect({ mode, max_age, mx }).toEqual(expected)
  })
})

describe('our own _mta-sts cases', () => {
  it.each(ownCases.sts_txt)('$id', ({ records, expect: expected = null }) => {
    expect(readValue(parseStsRecord(records))?.id ?? null).toBe(expected)
  })
})

describe('our own _smtp._tls cases', () => {
  it.each(ownCases.tlsrpt_txt)('$id', ({ records, expect: expected = null }) => {
    expect(readValue(parseTlsrptRecord(records))?.rua.map(({ raw }) => raw) ?? null).toEqual(expected)
  })
})

describe('our own MX match cases', () => {
  const titled = ownCases.mx_match.map((one) => ({ ...one, title: JSON.stringify([one.pattern, one.host]) }))
  it.each(titled)('$title', ({ pattern, host, match, pattern_valid: legal = true }) => {
    expect(isLegalMxPattern(pattern)).toBe(legal)
    expect(matchesMxPattern(pattern, host)).toBe(match)
  })
})
