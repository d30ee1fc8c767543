import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chatProse } from '../../../src/notify/chat-markup.ts'
import type { Message } from '../../../src/notify/notifier.ts'
import { type Story, tellStory } from '../../../src/notify/story.ts'
import { discordEmbed } from '../../../src/notify/webhook-discord.ts'
import { webhookJson } from '../../../src/notify/webhook-json.ts'
import { slackCompatible } from '../../../src/notify/webhook-slack.ts'
import { adaptiveCard } from '../../../src/notify/webhook-teams.ts'
import type { Wording } from '../../../src/notify/wording.ts'
import { crowd, KINDS, WORDS } from './kinds.ts'
import { messageOf, POISON } from './poison.ts'

const FORMATS: Readonly<Record<string, (message: Message, wording: Wording) => object>> = {
  json: webhookJson,
  slack: (message, wording) => slackCompatible(tellStory(message, wording)),
  teams: (message, wording) => adaptiveCard(tellStory(message, wording)),
  discord: (message, wording) => discordEmbed(tellStory(message, wording)),
}

describe.each(Object.entries(FORMATS))('what format %s posts', (format, body) => {
  test.each(Object.entries(KINDS))('%s', async (name, message) => {
    const text = `${JSON.stringify(body(message, WORDS), null, 2)}\n`
    await expect(text).toMatchFileSnapshot(`golden-webhook/${format}-${name}.json.txt`)
  })
})

interface Posted {
  readonly text: string
  readonly attachments: readonly { readonly text: string }[]
}

interface Embedded {
  readonly embeds: readonly { readonly title: string; readonly description: string }[]
  readonly allowed_mentions: unknown
}

/** What a Markdown client would act on, outside code: the bold words that are ours apart. */
function acting(text: string): readonly string[] {
  const outside = text
    .replace(/```\n[^`]*\n```|`[^`\n]*`/g, '')
    .replace(/^\*{1,2}(?:Who is hurt|What to do)\*{1,2}$/gm, '')
  return [...outside.matchAll(/[<>*_~`@[\]|\\]|https?:\/\/|www\.|:[\w+-]+:|^\s*(?:#|[-+=] |\d+[.)] )/gm)].map(
    ([hit]) => hit,
  )
}

function chatTexts(message: Message, wording: Wording): readonly string[] {
  const story = tellStory(message, wording)
  const { text, attachments } = slackCompatible(story) as Posted
  const { embeds, allowed_mentions: mentions } = discordEmbed(story) as Embedded
  expect(mentions).toEqual({ parse: [] })
  expect(Math.max(...attachments.map((one) => one.text.length))).toBeLessThanOrEqual(3_500)
  for (const { title, description } of embeds) {
    expect([...title].length).toBeLessThanOrEqual(256)
    expect(description.length).toBeLessThanOrEqual(4_096)
  }
  return [
    text,
    ...attachments.map((one) => one.text),
    ...embeds.flatMap(({ title, description }) => [title, description]),
  ]
}

/** Every run of text in a card, and how it may look. */
function cardBytes(story: Story): number {
  const card = adaptiveCard(story)
  const text = JSON.stringify(card)
  expect(text).not.toContain('"TextBlock"')
  expect(text).not.toMatch(/"(?:entities|selectAction|actions|url)"/)
  return Buffer.byteLength(text)
}

const piece = fc.oneof(
  fc.constantFrom(
    POISON,
    '@here',
    '@everyone',
    'http://e.test',
    'www.e.test',
    ':x:',
    '- a',
    '1. b',
    '_a',
    'a_',
    '||s||',
    '```',
    '\n',
  ),
  fc.string({ unit: 'binary' }),
)

describe('hostile text', () => {
  test('of the worst kind neither mentions, links nor formats where Markdown is read', () => {
    const { message, wording } = messageOf(POISON)
    for (const text of chatTexts(message, wording)) expect(acting(text)).toEqual([])
  })

  test('of any kind stays harmless and within the limits, whole code blocks included', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1 }), fc.integer({ min: 1, max: 400 }), (pieces, times) => {
        const { message, wording } = messageOf(pieces.join(' ').repeat(times).slice(0, 20_000) || '?')
        for (const text of chatTexts(message, wording)) expect(acting(text)).toEqual([])
        expect(cardBytes(tellStory(message, wording))).toBeLessThanOrEqual(28_000)
      }),
      { numRuns: 100 },
    )
  })
})

test('a card of the longest texts is cut between its elements', () => {
  const { message, wording } = messageOf('\u{1f600}'.repeat(5_000))
  expect(cardBytes(tellStory(message, wording))).toBeLessThanOrEqual(28_000)
})

test('a digest of thousands lists a thousand events and counts the rest', () => {
  const body = webhookJson(crowd(1_001), WORDS) as {
    readonly events: readonly unknown[]
    readonly omitted: number
  }
  expect([body.events.length, body.omitted]).toEqual([1_000, 1])
  expect((webhookJson(crowd(1_000), WORDS) as typeof body).omitted).toBe(0)
})

test.each([
  ['plain words, as they are', 'plain words, as they are'],
  ['_mta-sts.example.com. TXT', '`_mta-sts.example.com`. TXT'],
  ['see https://e.test/a_b: now', 'see `https://e.test/a_b`: now'],
  ['@here <!channel> [x](y)', '\uff20here \u2039!channel\u203a \uff3bx\uff3d(y)'],
  [':x: 14:05', '\u2236x: 14:05'],
  ['- a', '\u2013 a'],
  ['10. a', '10\u2024 a'],
])('%s', (text, expected) => {
  expect(chatProse(text)).toBe(expected)
})
