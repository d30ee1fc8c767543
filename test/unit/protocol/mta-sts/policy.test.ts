import { describe, expect, it } from 'vitest'
import { formatStsPolicy, parseStsPolicy, type StsPolicy } from '../../../../src/protocol/mta-sts/policy.ts'

const GOOD = ['version: STSv1', 'mode: enforce', 'mx: mx1.example.com', 'max_age: 604800']

/** The good policy with lines replaced by their key, and others added. */
function body(...changes: readonly string[]): string {
  const keyOf = (line: string) => line.split(':')[0]
  const kept = GOOD.map((line) => changes.find((change) => keyOf(change) === keyOf(line)) ?? line)
  const added = changes.filter((change) => !kept.includes(change))
  return [...kept, ...added].map((line) => `${line}\r\n`).join('')
}

/** `severity line code` of every problem. */
function told(text: string): string[] {
  return parseStsPolicy(text).problems.map(({ severity, line, code }) => `${severity} ${line} ${code}`)
}

function messageOf(text: string, code: string): string | undefined {
  return parseStsPolicy(text).problems.find((problem) => problem.code === code)?.message
}

describe('parseStsPolicy', () => {
  it('finds nothing in a plain policy, whatever the line ends', () => {
    for (const end of ['\r\n', '\n']) {
      expect(told(GOOD.join(end))).toEqual([])
      expect(told(GOOD.join(end) + end)).toEqual([])
    }
  })

  it('reports every problem with its line, the missing ones last', () => {
    expect(told('version: STSv2\n\nmode: Enforce\n mx: a_b.example\nmax_age: 1d\nmax_age: 1')).toEqual([
      'error 1 version-malformed',
      'error 2 blank-line',
      'error 3 mode-malformed',
      'error 4 leading-space',
      'error 4 mx-malformed',
      'error 5 max-age-malformed',
      'warning 6 key-repeated',
    ])
    expect(told('note: x')).toEqual([
      'error null version-missing',
      'error null mode-missing',
      'error null mx-missing',
      'error null max-age-missing',
    ])
  })

  it.each([
    ['an empty body', '', ['error null empty']],
    [
      'a lone CR as line end',
      GOOD.join('\r'),
      [
        'error 1 control-character',
        'error 1 version-malformed',
        'error null mode-missing',
        'error null mx-missing',
        'error null max-age-missing',
      ],
    ],
    ['a CR at the very end', `${GOOD.join('\n')}\r`, ['error 4 control-character']],
    [
      'CR CR LF',
      GOOD.join('\r\r\n'),
      ['error 1 control-character', 'error 2 control-character', 'error 3 control-character'],
    ],
    ['a blank line inside', `${GOOD[0]}\n\n${GOOD.slice(1).join('\n')}`, ['error 2 blank-line']],
    ['NUL', body('note: a\0b'), ['error 5 control-character']],
    ['a lone surrogate', body('note: caf\udce9'), ['error 5 not-utf8']],
    ['UTF-8 in an extension', body('note: grüße 😀 \u00a0'), []],
    ['a line separator in an extension', body('note: a\u2028mode: none'), ['warning 5 hidden-line-break']],
    ['a tab after the value', body('note: x\t'), []],
    ['an extension without white space', body('note:x'), []],
    ['no key', body(': x'), ['error 5 key-malformed']],
    ['a space in the key', body('my note: x'), ['error 5 key-malformed']],
    ['a no-break space after the mode', body('mode: enforce\u00a0'), ['error 2 mode-malformed']],
    ['other digits', body('max_age: ６０４８００'), ['error 4 max-age-malformed']],
    ['a sign', body('max_age: +604800'), ['error 4 max-age-malformed']],
    ['an empty repeated key', body(...GOOD, 'mode:'), ['error 5 value-missing', 'warning 5 key-repeated']],
    ['a repeated max_age beyond reason', `${body()}max_age: 99999999999\r\n`, ['warning 5 key-repeated']],
    ['the same pattern twice', `${body()}mx: MX1.example.com\r\n`, ['info 5 mx-duplicate']],
    ['a typo beside a good key', body('nmx: mx2.example.com'), ['warning 5 key-misspelt']],
    ['max_age of six days', body('max_age: 518400'), ['warning 4 max-age-short']],
    ['max_age of an hour', body('max_age: 3600'), ['warning 4 max-age-under-a-day']],
    ['a short max_age on the way out', body('mode: none', 'max_age: 60'), []],
    ['a pattern for a whole top-level domain', body('mx: *.com'), ['warning 3 mx-wide']],
    ['a single label', body('mx: localhost'), ['warning 3 mx-single-label']],
    ['an IPv4 address', body('mx: 192.0.2.1'), ['warning 3 mx-address']],
    ['an IPv6 address', body('mx: 2001:db8::1'), ['error 3 mx-malformed']],
    ['a bad pattern in mode none', body('mode: none', 'mx: a..b'), ['error 3 mx-malformed']],
    ['a web page', '\ufeff\n <html>\n<p>x', ['error 1 html']],
  ])('%s', (_, text, problems) => {
    expect(told(text)).toEqual(problems)
  })

  it.each([
    ['mx: mx1.example.com.', '"mx: mx1.example.com"'],
    ['mx: .example.com', '"mx: *.example.com"'],
    ['mx: mail.münchen.example', '"mx: mail.xn--mnchen-3ya.example"'],
    ['mx: a.example.com, b.example.com', '"mx: a.example.com", then "mx: b.example.com"'],
    ['mx: https://mx1.example.com/x', '"mx: mx1.example.com"'],
    ['mx: mx1.example.com:25', '"mx: mx1.example.com"'],
  ])('answers "%s" with the line to write', (line, advice) => {
    expect(messageOf(body(line), 'mx-malformed')).toContain(`Write ${advice}.`)
  })

  it('names the misspelt key when the right one is missing', () => {
    const text = body().replace('max_age', 'max-age')
    expect(messageOf(text, 'max-age-missing')).toContain('line 4 has "max-age"')
    expect(messageOf(text, 'key-misspelt')).toContain('write "max_age: 604800"')
  })

  it('does not take an ordinary extension for a typo', () => {
    for (const key of ['note', 'foo', 'ext1', 'contact', 'a', 'x-mode-hint'])
      expect(told(body(`${key}: x`))).toEqual([])
  })

  it('shows hostile text in messages only escaped', () => {
    const messages = parseStsPolicy(body('mode: \u202eecrofne')).problems.map(({ message }) => message)
    expect(messages.join('')).toContain('\\u{202e}')
    expect(messages.join('')).not.toContain('\u202e')
  })
})

describe('formatStsPolicy', () => {
  const policy: StsPolicy = {
    version: 'STSv1',
    mode: 'testing',
    maxAgeSeconds: 86400,
    mxPatterns: ['mx1.example.com', '*.example.net'],
  }

  it('writes one field a line, CRLF at every end', () => {
    expect(formatStsPolicy(policy)).toBe(
      'version: STSv1\r\nmode: testing\r\nmx: mx1.example.com\r\nmx: *.example.net\r\nmax_age: 86400\r\n',
    )
  })

  it.each<[string, Partial<StsPolicy>]>([
    ['no pattern outside mode none', { mxPatterns: [] }],
    ['an illegal pattern', { mxPatterns: ['mx1.example.com\r\nmode: none'] }],
    ['a fraction', { maxAgeSeconds: 0.5 }],
    ['a negative max_age', { maxAgeSeconds: -1 }],
    ['a max_age above the limit', { maxAgeSeconds: 31_557_601 }],
  ])('refuses to write %s', (_, change) => {
    expect(() => formatStsPolicy({ ...policy, ...change })).toThrow(RangeError)
  })
})
