import { describe, expect, it } from 'vitest'
import { generatePolicy, policyIdOf } from '../../../../src/protocol/mta-sts/generate-policy.ts'
import { parseStsPolicy } from '../../../../src/protocol/mta-sts/policy.ts'
import { parseStsRecord } from '../../../../src/protocol/mta-sts/record.ts'

const PLAN = { mode: 'testing', maxAgeSeconds: 604_800, mx: ['mx1.example.com'] } as const

describe('generatePolicy', () => {
  it('writes a policy without a single complaint', () => {
    const body = generatePolicy({ ...PLAN, mx: ['mx2.example.com', '*.example.net', 'mx1.example.com'] })
    expect(body).toBe(
      'version: STSv1\r\nmode: testing\r\nmx: *.example.net\r\nmx: mx1.example.com\r\nmx: mx2.example.com\r\nmax_age: 604800\r\n',
    )
    expect(parseStsPolicy(body).problems).toEqual([])
  })

  it('gives the same text whatever the order, the case, the root dot and the repetitions', () => {
    const one = generatePolicy({ ...PLAN, mx: ['mx1.example.com', 'mx2.example.com'] })
    const other = generatePolicy({ ...PLAN, mx: ['MX2.example.com.', 'mx1.Example.com', 'mx2.example.com'] })
    expect(other).toBe(one)
  })

  it('writes A-labels', () => {
    expect(generatePolicy({ ...PLAN, mx: ['*.bücher.example'] })).toContain('mx: *.xn--bcher-kva.example\r\n')
  })

  it('writes mode none without hosts', () => {
    const body = generatePolicy({ mode: 'none', maxAgeSeconds: 86_400, mx: [] })
    expect(parseStsPolicy(body).value?.mode).toBe('none')
  })

  it.each([
    ['no host', { ...PLAN, mx: [] }],
    ['an address', { ...PLAN, mx: ['192.0.2.1'] }],
    ['an underscore', { ...PLAN, mx: ['mx_1.example.com'] }],
    ['a second line', { ...PLAN, mx: ['a.example\nmode: none'] }],
    ['a wildcard in a wildcard', { ...PLAN, mx: ['*.*.example.com'] }],
    ['a negative max_age', { ...PLAN, maxAgeSeconds: -1 }],
    ['a max_age above the maximum', { ...PLAN, maxAgeSeconds: 31_557_601 }],
  ])('refuses %s', (_what, plan) => {
    expect(() => generatePolicy(plan)).toThrow(RangeError)
  })

  it('takes the greatest max_age', () => {
    expect(generatePolicy({ ...PLAN, maxAgeSeconds: 31_557_600 })).toContain('max_age: 31557600\r\n')
  })
})

describe('policyIdOf', () => {
  const body = generatePolicy(PLAN)

  it('is a legal id', () => {
    const id = policyIdOf(body)
    expect(id).toMatch(/^[A-Za-z0-9]{20}$/)
    expect(parseStsRecord([`v=STSv1; id=${id};`])).toEqual({ value: { id }, problems: [] })
  })

  it('is the same for the same text, and another for any other', () => {
    const others = [
      generatePolicy({ ...PLAN, mode: 'enforce' }),
      generatePolicy({ ...PLAN, maxAgeSeconds: 604_801 }),
      generatePolicy({ ...PLAN, mx: ['mx2.example.com'] }),
      body.replaceAll('\r\n', '\n'),
      body.trimEnd(),
    ]
    expect(policyIdOf(generatePolicy(PLAN))).toBe(policyIdOf(body))
    expect(new Set([body, ...others].map(policyIdOf)).size).toBe(6)
  })
})
