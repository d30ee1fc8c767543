import { describe, expect, test } from 'vitest'
import { html, joined } from '../../../src/notify/html.ts'
import { LIGHT, outlookStyleSheet, styleSheet, TONE, type Tone } from '../../../src/notify/mail-look.ts'

const TONES = Object.keys(TONE) as readonly Tone[]

/** WCAG 2.2 contrast of two colours. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** What a client that turns all colours round makes of one: `invert(1) hue-rotate(180deg)` keeps the hue. */
function inverted(colour: string): string {
  const parts = [1, 3, 5].map((at) => 255 - Number.parseInt(colour.slice(at, at + 2), 16))
  const [red = 0, green = 0, blue = 0] = parts
  const rotated = [
    -0.574 * red + 1.43 * green + 0.144 * blue,
    0.426 * red + 0.43 * green + 0.144 * blue,
    0.426 * red + 1.43 * green - 0.856 * blue,
  ]
  const hex = rotated.map((part) =>
    Math.round(Math.min(255, Math.max(0, part)))
      .toString(16)
      .padStart(2, '0'),
  )
  return `#${hex.join('')}`
}

/** The colours of the style sheet for dark mode, by class. */
function darkColours(tone: Tone): ReadonlyMap<string, string> {
  const [, rules = ''] = /prefers-color-scheme:dark\)\{(.*)\}/.exec(styleSheet(tone)) ?? []
  return new Map(
    [...rules.matchAll(/\.(\w+)\{[a-z-]+:(#\w+)!important\}/g)].map(([, name = '', colour = '']) => [
      name,
      colour,
    ]),
  )
}

describe('every text can be read on what it stands on (WCAG AA, 4.5)', () => {
  const { card, page, code, ink, dim, added, removed } = LIGHT
  const pairs: readonly (readonly [string, string, string])[] = [
    ['ink on the card', ink, card],
    ['labels on the card', dim, card],
    ['the footer on the page', dim, page],
    ['records', ink, code],
    ['what was added', added, code],
    ['what was removed', removed, code],
    ...TONES.map((tone) => [tone, TONE[tone], card] as const),
  ]
  test.each(pairs)('%s, light and inverted', (_, text, ground) => {
    expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(inverted(text), inverted(ground))).toBeGreaterThanOrEqual(4.5)
  })

  test.each(TONES)('%s, dark', (tone) => {
    const dark = darkColours(tone)
    const of = (name: string) => dark.get(name) ?? 'missing'
    for (const name of ['ink', 'dim', 'tone', ...TONES]) {
      expect(contrast(of(name), of('card')), name).toBeGreaterThanOrEqual(4.5)
    }
    for (const name of ['ink', 'added', 'removed'])
      expect(contrast(of(name), of('code')), name).toBeGreaterThanOrEqual(4.5)
    expect(contrast(of('dim'), of('page'))).toBeGreaterThanOrEqual(4.5)
  })
})

test('Outlook’s own dark mode gets the same colours', () => {
  expect(outlookStyleSheet('critical')).toContain('[data-ogsc] .ink{color:')
})

describe('the html tag', () => {
  test('makes text of strings, whatever they hold', () => {
    expect(html`<p title="${`"'`}">${'<b>&amp;</b>'}</p>`.markup).toBe(
      '<p title="&quot;&#39;">&lt;b&gt;&amp;amp;&lt;/b&gt;</p>',
    )
  })

  test('keeps what it made itself, one or many', () => {
    const one = html`<b>${'<'}</b>`
    expect(html`<p>${one}${[one, one]}${7}</p>`.markup).toBe('<p><b>&lt;</b><b>&lt;</b>\n<b>&lt;</b>7</p>')
    expect(joined([]).markup).toBe('')
  })
})
