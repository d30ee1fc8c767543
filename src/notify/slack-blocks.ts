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
import { storyColour } from './story-colour.ts'

/** What chat.postMessage and chat.update take: `text` is for the notification on a lock screen. */
export interface SlackMessage {
  readonly text: string
  readonly blocks: readonly SlackBlock[]
  /** The bar in the colour of the severity, beside how to see the evidence. */
  readonly attachments: readonly SlackAttachment[]
}

export interface SlackAttachment {
  readonly color: string
  readonly fallback: string
  readonly blocks: readonly SlackBlock[]
}

export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: PlainText | Markdown }
  | { readonly type: 'context'; readonly elements: readonly (PlainText | Markdown)[] }
  | { readonly type: 'actions'; readonly block_id: string; readonly elements: readonly SlackButton[] }

export interface SlackButton {
  readonly type: 'button'
  readonly action_id: string
  readonly text: PlainText
  readonly value: string
}

/** The buttons of a root message; their value is the thread. */
export const ACKNOWLEDGE_ACTION = 'stswatch_acknowledge'
export const SILENCE_ACTION = 'stswatch_silence'

/** Slack allows 50, those of attachments included. */
const BLOCKS_MAX = 43
const REMEDY_BLOCKS_MAX = 20
const FALLBACK_MAX = 300
const CONTEXT_MAX = 300

/**
 * The message that opens a conversation and is kept up to date: how things stand now. `thread` names the conversation
 * to its buttons; null where nobody listens to buttons.
 */
export function rootMessage(story: Story, thread: string | null): SlackMessage {
  const text = fallbackText(`${story.mark} ${story.headline}`)
  const blocks = [
    header(`${story.mark} ${story.headline}`),
    ...contexts([stateLine(story), ...story.answers, story.note]),
    ...(story.members.length === 0 ? [] : [section(story.members.join('\n'))]),
    ...(story.seen === null ? [] : [section(story.seen)]),
    ...(story.impact === null ? [] : [label('Who is hurt'), section(story.impact)]),
    ...remedyBlocks(story.remedy),
    ...changeBlocks(story),
  ].slice(0, BLOCKS_MAX)
  return {
    text,
    blocks: [...blocks, ...buttons(story, thread)],
    attachments: [{ color: storyColour(story), fallback: text, blocks: barBlocks(story) }],
  }
}

/** A step told in the thread under the root. */
export function threadReply(story: Story): SlackMessage {
  const steps = story.steps.length > 0 ? story.steps : [story.headline]
  const lines = steps.map((step) => `${story.stepMark} ${step}`)
  return {
    text: fallbackText(lines.join(' · ')),
    blocks: [section(lines.join('\n')), ...contexts([story.note])],
    attachments: [],
  }
}

/** The same message with a warning on top that it may have been posted before (R62). */
export function possibleDuplicate(message: SlackMessage): SlackMessage {
  return {
    ...message,
    text: `(possible duplicate) ${message.text}`,
    blocks: [context('(possible duplicate)'), ...message.blocks],
  }
}

/** "Critical, since 2026-11-23 14:05 UTC · mx2.example.net" */
function stateLine({ kind, state, place }: Story): string | null {
  const parts = [state, place, kind === 'monitor' ? 'about the monitor itself, not about a domain' : null]
  const known = parts.filter((part) => part !== null)
  return known.length === 0 ? null : known.join(' · ')
}

function barBlocks({ evidence, rfc, kind }: Story): readonly SlackBlock[] {
  if (evidence === null) return [context(kind === 'digest' ? 'stswatch · digest' : 'stswatch')]
  const elements = [
    markdown(`Evidence: ${inlineCode(evidence, CONTEXT_MAX)}`),
    ...(rfc === null || rfc === '' ? [] : [plainText(rfc, CONTEXT_MAX)]),
  ]
  return [{ type: 'context', elements }]
}

function buttons({ kind, label: state }: Story, thread: string | null): readonly SlackBlock[] {
  if (thread === null || state === 'resolved' || (kind !== 'incidents' && kind !== 'monitor')) return []
  const button = (action: string, text: string): SlackButton => ({
    type: 'button',
    action_id: action,
    text: plainText(text, CONTEXT_MAX),
    value: thread,
  })
  return [
    {
      type: 'actions',
      block_id: 'stswatch_answer',
      elements: [button(ACKNOWLEDGE_ACTION, 'Acknowledge'), button(SILENCE_ACTION, 'Silence 4 h')],
    },
  ]
}

function remedyBlocks(remedy: readonly RemedyLine[]): readonly SlackBlock[] {
  if (remedy.length === 0) return []
  const blocks = remedy.map((line) => (line.kind === 'text' ? section(line.text) : code(line.text)))
  return [label('What to do'), ...blocks.slice(0, REMEDY_BLOCKS_MAX)]
}

function changeBlocks({ changes }: Story): readonly SlackBlock[] {
  return changes.flatMap(({ summary, lines }) => [
    section(summary),
    ...(lines.length === 0 ? [] : [code(lines.join('\n'))]),
  ])
}

function header(text: string): SlackBlock {
  return { type: 'header', text: plainText(text, HEADER_MAX) }
}

/** A word of ours over what follows. */
function label(constant: 'Who is hurt' | 'What to do'): SlackBlock {
  return { type: 'section', text: markdown(`*${constant}*`) }
}

function section(text: string): SlackBlock {
  return { type: 'section', text: plainText(text, SECTION_MAX) }
}

function code(text: string): SlackBlock {
  return { type: 'section', text: markdown(codeBlock(text, SECTION_MAX)) }
}

function context(text: string): SlackBlock {
  return { type: 'context', elements: [plainText(text, CONTEXT_MAX)] }
}

function contexts(lines: readonly (string | null)[]): readonly SlackBlock[] {
  return lines.flatMap((line) => (line === null ? [] : [context(line)]))
}

function fallbackText(text: string): string {
  return escapeSlack(text, FALLBACK_MAX)
}
