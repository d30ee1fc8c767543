import { describe, expect, it } from 'vitest'
import { countMembers, JSON_LIMITS, scanJson } from '../../../../src/protocol/tlsrpt/json-scan.ts'
import { readTlsReports } from '../../../../src/protocol/tlsrpt/report.ts'

it.each([
  ['{}', 2, 0],
  [' {"a":[1,{"b":2}]} ', 18, 2],
  ['[1][2]', 3, 0],
  ['{"a":"}\\"]"} rest', 12, 1],
  ['{"\\\\":"\\\\"}', 11, 1],
  ['{"a', 3, 0],
  ['17', 2, 0],
  ['', 0, 0],
  ['"a\\', 3, 0],
])('%j ends at %d with %d members', (text, end, members) => {
  expect(scanJson(text)).toEqual({ fault: null, end, members })
})

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const wide = (values: number) =>
  `[${Array(values - 1)
    .fill('0')
    .join(',')},0]`

describe('limits', () => {
  it.each([
    ['depth', nested(JSON_LIMITS.depth), nested(JSON_LIMITS.depth + 1)],
    ['values', wide(JSON_LIMITS.values), wide(JSON_LIMITS.values + 1)],
  ])('of %s hold exactly', (fault, within, beyond) => {
    expect(scanJson(within).fault).toBeNull()
    expect(scanJson(beyond)).toEqual({ fault })
  })

  it.each([
    ['20 MB of [', '['.repeat(20_000_000), 'json-too-deep'],
    ['20 MB of {},', `[${'{},'.repeat(6_600_000)}{}]`, 'json-too-many-values'],
    ['20 MB of {"policies":', '{"policies":'.repeat(1_600_000), 'json-too-deep'],
    ['more than 20 MiB', ' '.repeat(20 * 2 ** 20 + 1), 'report-too-large'],
    ['20 MB of blanks', ' '.repeat(20_000_000), 'not-json'],
    [
      '20 MB of line ends in a policy',
      `{"policies":[{"policy":{"policy-string":"${'\\n'.repeat(9_900_000)}x"}}]}`,
      'policy-string-not-array',
    ],
  ])('stop %s in well under a second', (_, text, code) => {
    const startedAt = performance.now()
    const { deviations } = readTlsReports(text)
    expect(performance.now() - startedAt).toBeLessThan(8_000)
    expect(deviations.map((deviation) => deviation.code)).toContain(code)
  })

  it('leave room for 1,000 policies of 100 failures', () => {
    const detail = { 'result-type': 'certificate-expired', a: 1, b: 2, c: 3, d: 4, 'failed-session-count': 1 }
    const policy = { policy: { 'policy-type': 'sts' }, 'failure-details': Array(100).fill(detail) }
    const { outcome, reports } = readTlsReports(JSON.stringify({ policies: Array(1_000).fill(policy) }))
    expect(outcome).toBe('accept_warn')
    expect(reports[0]?.policies).toHaveLength(1_000)
  })

  it.each([
    ['policies-too-many', { policies: Array(5_001).fill(0) }],
    [
      'details-too-many',
      { policies: Array(151).fill({ summary: {}, 'failure-details': Array(1_000).fill(0) }) },
    ],
  ])('refuse with %s', (code, value) => {
    const { outcome, deviations } = readTlsReports(JSON.stringify(value))
    expect(outcome).toBe('reject')
    expect(deviations.map((deviation) => deviation.code)).toContain(code)
  })
})

it.each(['{"a":1,"a":2}', '{"a":{"b":1},"c":[{"d":{"e":1,"e":1}}]}', '{"__proto__":1,"__proto__":2}'])(
  'a repeated name in %s shows as fewer members than were written',
  (text) => {
    const scan = scanJson(text)
    expect(scan.fault === null && scan.members - countMembers(JSON.parse(text))).toBe(1)
  },
)
