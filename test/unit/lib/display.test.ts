import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { display } from '../../../src/lib/display.ts'
import { POISON, SHOWABLE } from './poison.ts'

/** Whole code points, and lone surrogates too. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
)

describe('display', () => {
  test.each([
    ['a line break', 'a\r\nb', 'a\\r\\nb'],
    ['a tab', 'a\tb', 'a\\tb'],
    ['an escape sequence', '\u001b[31mred', '\\u{1b}[31mred'],
    ['the 8-bit escape', '\u009b31m', '\\u{9b}31m'],
    ['DEL and NUL', '\u007f\u0000', '\\u{7f}\\u{0}'],
    ['a right-to-left override', 'moc.\u202egpj', 'moc.\\u{202e}gpj'],
    ['an Arabic letter mark', '\u061c', '\\u{61c}'],
    ['a zero-width space', 'pay\u200bpal', 'pay\\u{200b}pal'],
    ['a soft hyphen', 'pay\u00adpal', 'pay\\u{ad}pal'],
    ['an invisible tag character', 'a\u{e0041}', 'a\\u{e0041}'],
    ['a line separator', '\u2028', '\\u{2028}'],
    ['a byte order mark', '\ufeffx', '\\u{feff}x'],
    ['half a pair', '\ud800x\udc00', '\\u{d800}x\\u{dc00}'],
  ])('shows %s instead of obeying it', (_, untrusted, shown) => {
    expect(display(untrusted)).toBe(shown)
  })

  test.each([
    ['plain text', 'v=STSv1; id=20260101T000000Z;'],
    ['other scripts', 'bücher 例え мир שלום'],
    ['whole pairs', 'a 😀 b'],
    ['nothing', ''],
  ])('leaves %s alone', (_, text) => {
    expect(display(text)).toBe(text)
  })

  test('takes the sting out of the poison string', () => {
    expect(display(POISON, 10_000)).toMatch(SHOWABLE)
  })

  test('cuts at the cap, in whole characters, with an ellipsis', () => {
    expect(display('😀'.repeat(10), 4)).toBe('😀😀😀…')
    expect(display('abcd', 4)).toBe('abcd')
    expect([...display('x'.repeat(1_000))]).toHaveLength(256)
  })

  test('gives only what may be shown, never more than the cap, and its own output unchanged', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 300 }), (text, cap) => {
        const shown = display(text, cap)
        expect(shown).toMatch(SHOWABLE)
        expect([...shown].length).toBeLessThanOrEqual(cap)
        expect(display(shown, cap)).toBe(shown)
      }),
      { numRuns: 1_000 },
    )
  })
})
