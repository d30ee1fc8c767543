import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLegalMxPattern, matchesMxPattern } from '../../src/protocol/mta-sts/mx-match.ts'
import { formatStsPolicy, parseStsPolicy, type StsPolicy } from '../../src/protocol/mta-sts/policy.ts'
import { parseStsRecord } from '../../src/protocol/mta-sts/record.ts'
import type { Parsed } from '../../src/protocol/problem.ts'
import { parseTlsrptRecord } from '../../src/protocol/tlsrpt/record.ts'
import { matchesDnsId } from '../../src/protocol/x509/identity.ts'

/** Texts near the grammars: random pieces of what they are made of, among anything. */
const piece = fc.oneof(
  fc.constantFrom(
    'version: STSv1',
    'mode: enforce',
    'mx: *.a.example',
    'max_age: 604800',
    '\r\n',
    '\n',
    ' ',
    '\t',
  ),
  fc.constantFrom(
    'v=STSv1',
    'v=TLSRPTv1',
    ';',
    '=',
    'id=',
    'rua=',
    'mailto:',
    'https://',
    '@',
    ',',
    '!',
    '%',
    '[',
    '#',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.string({ maxLength: 8 }),
)
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)
const pattern = fc
  .tuple(fc.boolean(), fc.array(label, { minLength: 1, maxLength: 4 }))
  .map(([isWild, labels]) => `${isWild ? '*.' : ''}${labels.join('.')}`)
const policy: fc.Arbitrary<StsPolicy> = fc.record({
  version: fc.constant('STSv1'),
  mode: fc.constantFrom('enforce', 'testing', 'none'),
  maxAgeSeconds: fc.integer({ min: 0, max: 31_557_600 }),
  mxPatterns: fc.array(pattern, { minLength: 1, maxLength: 5 }),
})

function expectWellFormed({ value, problems }: Parsed<unknown>): void {
  expect(value === null).toBe(problems.some(({ severity }) => severity === 'error'))
  for (const { code, message, rfc } of problems) {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(rfc).toMatch(/^RFC \d{4} §\d+(\.\d+)*$/)
    expect(message).toMatch(/^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$/)
  }
}

describe('any text at all', () => {
  it('gets a verdict from every parser: no value exactly when there is an error, and messages safe to show', () => {
    fc.assert(
      fc.property(text, (input) => {
        expectWellFormed(parseStsPolicy(input))
        expectWellFormed(parseStsRecord([input]))
        expectWellFormed(parseStsRecord([`v=STSv1;${input}`]))
        expectWellFormed(parseTlsrptRecord([`v=TLSRPTv1;rua=${input}`, input]))
      }),
      { numRuns: 2_000 },
    )
  })

  it('matches no host as an illegal pattern', () => {
    fc.assert(fc.property(text, (input) => !matchesMxPattern(input, input) || isLegalMxPattern(input)))
  })
})

describe('what was read', () => {
  it('can be written and read again: format is the inverse of parse', () => {
    fc.assert(
      fc.property(policy, (one) => {
        expect(parseStsPolicy(formatStsPolicy(one)).value).toEqual(one)
      }),
    )
  })

  it('a policy in any accepted spelling means the same once rewritten', () => {
    const line = fc.constantFrom(
      'version:STSv1',
      'mode: none\t',
      'max_age: \t0060',
      'mx: MX.a.example',
      'note: ü',
      'mode: x',
    )
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const { value } = parseStsPolicy(lines.join(end))
        if (value !== null) expect(parseStsPolicy(formatStsPolicy(value)).value).toEqual(value)
      }),
    )
  })

  it('every URI of a TLSRPT record is a record of its own with the same reading', () => {
    const uri = fc.constantFrom(
      'mailto:a%2Cb@x.example',
      'https://r.example/?a=b',
      'tel:1',
      'HTTPS://[2001:db8::1]:1/',
    )
    fc.assert(
      fc.property(fc.array(uri, { minLength: 1 }), (uris) => {
        const together = parseTlsrptRecord([`v=TLSRPTv1; rua=${uris.join(' , ')};`]).value?.rua
        const alone = uris.flatMap((one) => parseTlsrptRecord([`v=TLSRPTv1;rua=${one}`]).value?.rua ?? [])
        expect(together).toEqual(alone)
      }),
    )
  })

  it('the root dot and the case of a host change nothing, and a wildcard takes exactly one label', () => {
    fc.assert(
      fc.property(label, fc.array(label, { minLength: 2, maxLength: 3 }), (first, rest) => {
        const parent = rest.join('.')
        fc.pre(/[a-z]/.test(parent))
        const verdict = (host: string) => matchesDnsId([`*.${parent}`], host)
        expect(verdict(`${first}.${parent}`)).toBe(true)
        expect(verdict(`${first}.${parent}.`.toUpperCase())).toBe(true)
        expect(verdict(parent)).toBe(false)
        expect(verdict(`${first}.${first}.${parent}`)).toBe(false)
      }),
    )
  })
})

describe('64 KiB of the worst', () => {
  const size = 65_536
  const unit = (filler: string) => filler.repeat(Math.ceil(size / filler.length))

  it.each([
    '\n',
    '\r\n',
    ' ',
    '\t',
    'a',
    ':',
    ';',
    '=',
    ',',
    '%',
    '!',
    '@',
    '"',
    '<',
    '\0',
    'ü',
    '\ufeff',
    'a:b\n',
    ' ; ',
    '[',
    '*.',
    'a.',
    '!1',
    'mo de:',
    '%4',
    'mx:a,b\n',
    'moed: x\n',
    'https:',
    'mailto:a@b,',
    '\ud800',
  ])('of %j is read in well under a second', (filler) => {
    const input = unit(filler)
    const startedAt = performance.now()
    parseStsPolicy(input)
    parseStsPolicy(`version: STSv1\nmode: ${input}\nmx: ${input}x\nmax_age: ${input}`)
    parseStsRecord([input, `v=STSv1;${input}`])
    parseStsRecord([`v=STSv1${input}`])
    parseTlsrptRecord([`v=TLSRPTv1;rua=${input}`])
    parseTlsrptRecord([`v=TLSRPTv1;rua=mailto:${input}x`])
    parseTlsrptRecord([`v=TLSRPTv1;rua=https://${input}x`])
    matchesMxPattern(`*.${input}`, `a.${input}`)
    matchesDnsId([input], input)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  })
})
