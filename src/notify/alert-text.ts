import type { RemedyLine } from '../model/description.ts'
import { alertNews } from './alert-news.ts'
import { MAIL_FOOTER, MAIL_TEXT_WIDTH } from './mail-text.ts'
import type { Story } from './story.ts'
import { wrapText } from './wrap-text.ts'

/** A story as the text part of a mail: complete by itself. */
export function alertText(story: Story): string {
  const { latest, history } = alertNews(story)
  const paragraphs = [
    wrap(story.headline),
    ...[story.note, story.state, latest].flatMap((line) => (line === null ? [] : [wrap(line)])),
    ...bullets(story.members),
    ...[story.seen, story.impact].flatMap((line) => (line === null ? [] : [wrap(line)])),
    ...(story.remedy.length === 0 ? [] : [`What to do:\n\n${story.remedy.map(remedyText).join('\n\n')}`]),
    ...story.changes.map(({ summary, lines }) => [wrap(summary), ...lines.map(indented)].join('\n')),
    ...bullets(history).map((lines) => `What happened:\n\n${lines}`),
    ...(story.evidence === null ? [] : [`Evidence: ${story.evidence}`]),
    ...(story.rfc === null ? [] : [`Standard: ${story.rfc}`]),
    // RFC 3676 §4.3: what follows is the signature.
    `-- \n${MAIL_FOOTER}`,
  ]
  return `${paragraphs.join('\n\n')}\n`
}

function bullets(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [lines.map((line) => `* ${line}`).join('\n')]
}

function remedyText({ kind, text }: RemedyLine): string {
  return kind === 'code' ? text.split('\n').map(indented).join('\n') : wrap(text)
}

function indented(line: string): string {
  return `    ${line}`
}

function wrap(text: string): string {
  return wrapText(text, MAIL_TEXT_WIDTH).join('\n')
}
