import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChannelId } from '../../../src/model/notification.ts'
import {
  possibleDuplicate,
  rootMessage,
  type SlackBlock,
  type SlackMessage,
  threadReply,
} from '../../../src/notify/slack-blocks.ts'
import { codeBlock, escapeSlack, inlineCode } from '../../../src/notify/slack-text.ts'
import { tellStory } from '../../../src/notify/story.ts'
import { crowd } from './kinds.ts'
import { incident, message, notification, resolved, step, T0, wording } from './message-builder.ts'
import { messageOf, POISON } from './poison.ts'

const story = (contents: Parameters<typeof message>[0]) => tellStory(message(contents), wording())

interface TextObject {
  readonly type: 'plain_text' | 'mrkdwn'
  readonly text: string
  readonly emoji?: boolean
}

/** Every text object of a message, wherever it is. */
function textObjects(message: SlackMessage): readonly TextObject[] {
  return allBlocks(message).flatMap(textsIn)
}

function allBlocks({ blocks, attachments }: SlackMessage): readonly SlackBlock[] {
  return [...blocks, ...attachments.flatMap((attachment) => attachment.blocks)]
}

function textsIn(block: SlackBlock): readonly TextObject[] {
  switch (block.type) {
    case 'context':
      return block.elements
    case 'actions':
      return block.elements.map(({ text }) => text)
    default:
      return [block.text]
  }
}

/** What Slack would act on: `<…>` in any text, and formatting in markup outside code. */
function specialTokens({ type, text }: TextObject): readonly string[] {
  const angled = [...text.matchAll(/<[^>]*>?/g)].map(([token]) => token)
  if (type === 'plain_text') return angled
  const outside = text
    .replace(/```\n[^`]*\n```|`[^`\n]*`/g, '')
    .replace(/^\*(?:What to do|Who is hurt)\*$/, '')
  return [...angled, ...(outside.match(/[*_~`]|https?:/g) ?? [])]
}

const LIMITS: Readonly<Record<string, number>> = { header: 150, section: 3000, context: 3000, actions: 75 }

function expectHarmless(sent: SlackMessage): void {
  expect(textObjects(sent).flatMap(specialTokens)).toEqual([])
  expect(sent.text).not.toMatch(/[<>]/)
  expect(JSON.stringify(sent)).not.toMatch(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]|\\u00[01]|\\ud[89a-f]/i)
  for (const text of [sent.text, ...textObjects(sent).map((object) => object.text)]) {
    // Every ampersand begins one whole entity: escaped once, never cut.
    expect(text.replace(/&(amp|lt|gt);/g, '')).not.toContain('&')
  }
  expect(allBlocks(sent).length).toBeLessThanOrEqual(45)
  for (const block of allBlocks(sent)) {
    const texts = textsIn(block)
    expect(Math.max(...texts.map(({ text }) => text.length))).toBeLessThanOrEqual(LIMITS[block.type] ?? 0)
    expect(Math.min(...texts.map(({ text }) => text.length))).toBeGreaterThan(0)
  }
}

describe('hostile text', () => {
  test('of the worst kind neither mentions, links nor formats', () => {
    const hostile = messageOf(POISON)
    const told = tellStory(hostile.message, hostile.wording)
    expectHarmless(rootMessage(told, 'thr_1'))
    expectHarmless(threadReply(told))
    expectHarmless(possibleDuplicate(rootMessage(told, 'thr_1')))
  })

  test('in a digest, an answer, and what was held back is as harmless', () => {
    const hostile = messageOf(POISON)
    const [first] = hostile.message.threadIncidents
    if (first === undefined) throw new Error('no incident')
    const by = POISON.repeat(3)
    const answers = [
      { kind: 'acknowledged', note: POISON },
      { kind: 'silenced', until: T0, reason: POISON },
    ] as const
    const messages = [
      crowd(30),
      ...answers.map((answer) => message([{ kind: 'answer', incident: first, answer, by, at: T0 }])),
      {
        ...message([step('opened', first)]),
        notifications: [notification(step('opened', first), { held: POISON.repeat(9) })],
        acknowledgements: [{ incident: first.id, transitions: 1, by, at: T0, note: POISON }],
      },
    ]
    for (const one of messages) {
      const told = tellStory(one, hostile.wording)
      expectHarmless(rootMessage(told, 'thr_1'))
      expectHarmless(threadReply(told))
    }
  })

  test('of any kind stays within the limits', () => {
    const piece = fc.oneof(
      fc.constantFrom(POISON, '&', '<', '`', '&amp;', '\n', '😀'),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1 }), fc.integer({ min: 1, max: 800 }), (pieces, times) => {
        const hostile = messageOf(pieces.join('').repeat(times).slice(0, 20_000) || '?')
        const told = tellStory(hostile.message, hostile.wording)
        expectHarmless(rootMessage(told, 'thr_1'))
        expectHarmless(threadReply(told))
      }),
      { numRuns: 150 },
    )
  })
})

describe('escaping', () => {
  test.each([
    ['a & b < c > d', 99, 'a &amp; b &lt; c &gt; d'],
    ['&lt;', 99, '&amp;lt;'],
    ['&&&&', 12, '&amp;&amp;…'],
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    ['😀😀😀', 5, '😀😀…'],
  ])('%s in %i characters', (text, max, expected) => {
    expect(escapeSlack(text, max)).toBe(expected)
  })

  test('a code span cannot be left', () => {
    expect(inlineCode('a`b\n<!channel>', 99)).toBe('`a\u02cbb &lt;!channel&gt;`')
    expect(codeBlock('```\nx', 99)).toBe('```\n\u02cb\u02cb\u02cb\nx\n```')
  })
})

describe('the root message', () => {
  test('puts the domain and the problem first and the exact record in a code block', () => {
    const { text, blocks, attachments } = rootMessage(story([step('opened')]), null)
    expect(text).toBe(
      '🔴 example.com: MX mx2.example.net is not covered by the MTA-STS policy (mode enforce)',
    )
    expect(blocks[0]).toEqual({ type: 'header', text: { type: 'plain_text', text, emoji: false } })
    expect(blocks).toContainEqual({
      type: 'section',
      text: {
        type: 'mrkdwn',
        text: '```\n_mta-sts.example.com. TXT "v=STSv1; id=20261123T140500Z"\n```',
        verbatim: true,
      },
    })
    expect(JSON.stringify(attachments)).toContain('Evidence: `stswatch explain inc_example.com`')
  })

  test('turns green when all is over and no longer asks for anything', () => {
    const { text, blocks } = rootMessage(story([step('resolved', resolved(T0 + 60_000), T0 + 60_000)]), null)
    expect(text).toMatch(/^🟢/)
    expect(JSON.stringify(blocks)).not.toContain('What to do')
  })

  test('of a shared host lists its domains, the open ones first', () => {
    const { text, blocks } = rootMessage(
      story([
        step('resolved', resolved(T0 + 60_000, { domain: 'a.example' })),
        step('opened', incident({ domain: 'b.example', worst: 'warning' })),
      ]),
      null,
    )
    expect(text).toMatch(/^🟠.*\(2 domains\)$/)
    const members = JSON.stringify(blocks)
    expect(members.indexOf('🟠 b.example')).toBeLessThan(members.indexOf('🟢 a.example'))
    expect(members).toContain('1 of them resolved')
  })
})

test('a reply tells each step on its own line', () => {
  const end = T0 + 55 * 60_000
  const { blocks } = threadReply(story([step('worsened'), step('resolved', resolved(end), end)]))
  const [section] = textObjects({ text: '', blocks, attachments: [] })
  expect(section?.text.split('\n')).toEqual([
    expect.stringContaining('Worse at 2026-11-23 14:05 UTC, now critical: example.com'),
    expect.stringContaining('Resolved 2026-11-23 15:00 UTC, after 55 minutes: example.com'),
  ])
})

test('a copy says that the primary channel failed', () => {
  const copy = { kind: 'fallback', primary: 'ops' as ChannelId, original: step('opened') } as const
  expect(JSON.stringify(rootMessage(story([copy]), null))).toContain('the primary channel failed: ops')
})

test('changes show the lines that went and came', () => {
  const changes = {
    kind: 'changes',
    domain: 'example.com' as never,
    changes: [
      {
        domain: 'example.com' as never,
        at: T0,
        part: 'sts-policy',
        subject: null,
        summary: 'policy mode: enforce → testing',
        removed: ['mode: enforce'],
        added: ['mode: testing'],
        notable: true,
        settles: null,
      },
    ],
  } as const
  const { text, blocks } = rootMessage(story([changes]), null)
  expect(text).toBe('🔵 example.com: policy mode: enforce → testing')
  expect(JSON.stringify(blocks)).toContain('- mode: enforce\\n+ mode: testing')
})
