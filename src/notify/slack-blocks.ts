import type { RemedyLine } from '../model/description.ts'
import {
  codeBlock,
  escapeSlack,
  HEADER_MAX,
  inlineCode,
  type Markdown,
  markdown,
  type PlainText,
  plainText,
  SECTION_MAX,
} from './slack-text.ts'
import type { Story } from './story.ts'

/** What chat.postMessage and chat.update take: `text` is for the notification on a lock screen. */
export interface SlackMessage {
  readonly text: string
  readonly blocks: readonly SlackBlock[]
}

export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: PlainText | Markdown }
  | { readonly type: 'context'; readonly elements: readonly (PlainText | Markdown)[] }

/** Slack allows 50. */
const BLOCKS_MAX = 45
const REMEDY_BLOCKS_MAX = 20
const FALLBACK_MAX = 300
const CONTEXT_MAX = 300

/** The message that opens a conversation and is kept up to date: how things stand now. */
export function rootMessage(story: Story): SlackMessage {
  const blocks = [
    header(`${story.mark} ${story.headline}`),
    ...(story.state === null ? [] : [context(story.state)]),
    ...(story.note === null ? [] : [context(story.note)]),
    ...(story.members.length === 0 ? [] : [section(story.members.join('\n'))]),
    ...(story.seen === null ? [] : [section(story.seen)]),
    ...(story.impact === null ? [] : [section(story.impact)]),
    ...remedyBlocks(story.remedy),
    ...changeBlocks(story),
    ...evidenceBlocks(story),
  ]
  return { text: fallbackText(`${story.mark} ${story.headline}`), blocks: blocks.slice(0, BLOCKS_MAX) }
}

/** A step told in the thread under the root. */
export function threadReply(story: Story): SlackMessage {
  const steps = story.steps.length > 0 ? story.steps : [story.headline]
  const lines = steps.map((step) => `${story.mark} ${step}`)
  return {
    text: fallbackText(lines.join(' · ')),
    blocks: [section(lines.join('\n')), ...(story.note === null ? [] : [context(story.note)])],
  }
}

/** The same message with a warning on top that it may have been posted before (R62). */
export function possibleDuplicate({ text, blocks }: SlackMessage): SlackMessage {
  return {
    text: `(possible duplicate) ${text}`,
    blocks: [context('(possible duplicate)'), ...blocks],
  }
}

function remedyBlocks(remedy: readonly RemedyLine[]): readonly SlackBlock[] {
  if (remedy.length === 0) return []
  const blocks = remedy.map(
    (line): SlackBlock =>
      line.kind === 'text'
        ? section(line.text)
        : { type: 'section', text: markdown(codeBlock(line.text, SECTION_MAX)) },
  )
  return [{ type: 'section', text: markdown('*What to do*') }, ...blocks.slice(0, REMEDY_BLOCKS_MAX)]
}

function changeBlocks({ changes }: Story): readonly SlackBlock[] {
  return changes.flatMap(({ summary, lines }) => [
    section(summary),
    ...(lines.length === 0
      ? []
      : [{ type: 'section', text: markdown(codeBlock(lines.join('\n'), SECTION_MAX)) } as const]),
  ])
}

function evidenceBlocks({ evidence, rfc }: Story): readonly SlackBlock[] {
  if (evidence === null) return []
  const elements = [
    markdown(`Evidence: ${inlineCode(evidence, CONTEXT_MAX)}`),
    ...(rfc === null ? [] : [plainText(rfc, CONTEXT_MAX)]),
  ]
  return [{ type: 'context', elements }]
}

function header(text: string): SlackBlock {
  return { type: 'header', text: plainText(text, HEADER_MAX) }
}

function section(text: string): SlackBlock {
  return { type: 'section', text: plainText(text, SECTION_MAX) }
}

function context(text: string): SlackBlock {
  return { type: 'context', elements: [plainText(text, CONTEXT_MAX)] }
}

function fallbackText(text: string): string {
  return escapeSlack(text, FALLBACK_MAX)
}
