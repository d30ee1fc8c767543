import { describe, expect, it, test } from 'vitest'
import { policyViews } from '../../../../src/check/sender-views.ts'
import { mendPolicy } from '../../../../src/protocol/mta-sts/mended-policy.ts'
import { parseStsPolicy } from '../../../../src/protocol/mta-sts/policy.ts'
import { policyCases } from '../../../vectors/cases.ts'

const GOOD = 'version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmax_age: 604800\r\n'

describe('mendPolicy', () => {
  it('leaves a plain policy as it is', () => {
    expect(mendPolicy(GOOD, [])).toEqual({ body: GOOD, remarks: [] })
  })

  it.each([
    ['blank lines', GOOD.replaceAll('\r\n', '\r\n\r\n')],
    ['LF alone', GOOD.replaceAll('\r\n', '\n')],
    ['a byte order mark', `\ufeff${GOOD}`],
    ['white space', GOOD.replaceAll(':', ' :\t')],
    [
      'upper case',
      GOOD.replaceAll(/(?:version|mode|mx|max_age|enforce)(?=[:\r])/g, (word) => word.toUpperCase()),
    ],
    ['keys with a slip', GOOD.replace('max_age', 'max-age').replace('version', 'verison')],
    ['a root dot', GOOD.replace('mx1.example.com', 'mx1.example.com.')],
    ['comments', `# ours\r\n${GOOD}`],
    ['later values', `${GOOD}mode: none\r\nmax_age: 0\r\nmx: MX1.example.com\r\n`],
    ['a missing version', GOOD.replace('version: STSv1\r\n', '')],
  ])('writes anew what is meant: %s', (_, text) => {
    expect(mendPolicy(text, [])).toEqual({ body: GOOD, remarks: [] })
  })

  it.each([
    ['mx: a.example.com, b.example.com', 'mx: a.example.com\r\nmx: b.example.com'],
    ['mx: https://a.example.com/', 'mx: a.example.com'],
    ['mx: .example.com', 'mx: *.example.com'],
    ['mx: bücher.example', 'mx: xn--bcher-kva.example'],
  ])('reads %s', (line, lines) => {
    expect(mendPolicy(GOOD.replace('mx: mx1.example.com', line), [])?.body).toBe(
      GOOD.replace('mx: mx1.example.com', lines),
    )
  })

  it.each([
    ['mode: enforce\r\n', '', 'mode: testing', /no mode/],
    ['max_age: 604800\r\n', '', 'max_age: 604800', /no max_age/],
    ['604800', '86399', 'max_age: 604800', /instead of 86399/],
    ['604800', '31557601', 'max_age: 31557600', /instead of 31557601/],
    ['mx: mx1', 'mx: 192.0.2.1\r\nmx: *.com\r\nmx: mx1', 'mx: mx1.example.com', /192\.0\.2\.1.*left out/],
    ['max_age', 'x-ours: 1\r\nmax_age', 'max_age: 604800', /"x-ours" is left out/],
  ])('says what it decided: %j → %j', (before, after, line, remark) => {
    const mended = mendPolicy(GOOD.replace(before, after), [])
    expect(mended?.body).toContain(`${line}\r\n`)
    expect(mended?.remarks.join('\n')).toMatch(remark)
  })

  it('takes the hosts that it is given where the text names none', () => {
    const text = GOOD.replace('mx: mx1.example.com\r\n', '')
    expect(mendPolicy(text, ['mx1.example.com'])?.body).toBe(GOOD)
    expect(mendPolicy(text, [])).toBeNull()
    expect(mendPolicy('', [])).toBeNull()
    expect(mendPolicy('<html>', [])).toBeNull()
  })

  it('keeps a short life on the way out, but not none at all', () => {
    const none = (seconds: number) =>
      `version: STSv1\r\nmode: none\r\nmx: a.example\r\nmax_age: ${seconds}\r\n`
    expect(mendPolicy(none(60), [])?.body).toBe(none(60))
    expect(mendPolicy(none(0), [])?.body).toBe(none(86_400))
  })
})

test.each(policyCases.map((one) => [one.id, one] as const))('what is mended is read by all: %s', (_, one) => {
  const body = one.input ?? Buffer.from(one.input_b64 ?? '', 'base64').toString('utf8')
  const mended = mendPolicy(body, ['mx.example.net'])
  if (mended === null) throw new Error('a policy was to be written')
  expect(parseStsPolicy(mended.body).problems).toEqual([])
  expect(policyViews(mended.body).filter(({ outcome }) => outcome !== 'reads')).toEqual([])
  const { value } = parseStsPolicy(body)
  if (one.valid && value !== null && parseStsPolicy(body).problems.length === 0)
    expect(parseStsPolicy(mended.body).value).toEqual(value)
})
