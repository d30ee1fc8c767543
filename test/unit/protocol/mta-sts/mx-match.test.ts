import { expect, it } from 'vitest'
import { coversMx, isLegalMxPattern, matchesMxPattern } from '../../../../src/protocol/mta-sts/mx-match.ts'

it.each([
  ['a.example', true],
  ['1and1.example', true],
  [`*.${'a'.repeat(63)}.example`, true],
  [`${'a.'.repeat(126)}b`, true],
  [`*.${'a.'.repeat(127)}b`, true],
  [`${'a.'.repeat(127)}bc`, false],
  ['', false],
  ['*.', false],
  ['*.*.example', false],
  ['-a.example', false],
  ['a.example ', false],
  ['a.example\n', false],
  ['münchen.example', false],
])('%j is a legal pattern: %s', (pattern, legal) => {
  expect(isLegalMxPattern(pattern)).toBe(legal)
})

it('never matches by an illegal pattern, even where the texts are equal', () => {
  for (const name of ['a_b.example', 'mail.example.com.', '[192.0.2.1]', '*']) {
    expect(matchesMxPattern(name, name)).toBe(false)
  }
})

it('covers a host by any one of the patterns', () => {
  expect(coversMx(['a.example', '*.b.example'], 'mx.b.example')).toBe(true)
  expect(coversMx(['a.example', '*.b.example'], 'b.example')).toBe(false)
  expect(coversMx([], 'b.example')).toBe(false)
})
