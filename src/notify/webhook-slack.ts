import { chatCode, chatCodeBlock, chatProse, fittingParts } from './chat-markup.ts'
import type { Story } from './story.ts'
import { storyColour } from './story-colour.ts'

/** Slack cuts at 4,000 characters, Mattermost later. */
const TEXT_MAX = 3_500

/**
 * The body of format `slack`, as Slack's incoming webhooks and all that imitate them take it (Mattermost, Rocket.Chat,
 * Zulip): `{ text, attachments: [{ color, fallback, text, mrkdwn_in }] }`.
 */
export function slackCompatible(story: Story): object {
  const headline = `${story.mark} ${chatProse(story.headline)}`
  return {
    text: headline,
    attachments: [
      {
        color: storyColour(story),
        fallback: headline,
        text: fittingParts(chatParts(story, '*'), TEXT_MAX),
        mrkdwn_in: ['text'],
      },
    ],
  }
}

/** The story after its headline, part by part; `bold` is what stands around a word to make it bold. */
export function chatParts(story: Story, bold: '*' | '**'): readonly string[] {
  const label = (text: string) => `${bold}${text}${bold}`
  const lines = [story.state, story.place, ...story.answers, story.note].filter((line) => line !== null)
  return [
    ...(lines.length === 0 ? [] : [lines.map(chatProse).join('\n')]),
    ...(story.steps.length > 1 ? [story.steps.map(chatProse).join('\n')] : []),
    ...(story.members.length === 0 ? [] : [story.members.map(chatProse).join('\n')]),
    ...(story.seen === null ? [] : [chatProse(story.seen)]),
    ...(story.impact === null ? [] : [`${label('Who is hurt')}\n${chatProse(story.impact)}`]),
    ...(story.remedy.length === 0 ? [] : [label('What to do')]),
    ...story.remedy.map(({ kind, text }) => (kind === 'code' ? chatCodeBlock(text) : chatProse(text))),
    ...story.changes.map(({ summary, lines: diff }) =>
      diff.length === 0 ? chatProse(summary) : `${chatProse(summary)}\n${chatCodeBlock(diff.join('\n'))}`,
    ),
    ...(story.evidence === null ? [] : [`Evidence: ${chatCode(story.evidence)}`]),
  ]
}
