/** Slack's markup made harmless (S36): the only door through which text gets into a Slack message. */

/** Slack allows 150 characters in a header and 3,000 in a section; escaped text stays below. */
export const HEADER_MAX = 150
export const SECTION_MAX = 2900

export interface PlainText {
  readonly type: 'plain_text'
  readonly text: string
  readonly emoji: false
}

export interface Markdown {
  readonly type: 'mrkdwn'
  readonly text: string
  readonly verbatim: true
}

/**
 * `&`, `<` and `>` as entities, cut so that the *escaped* text has at most `max` characters and no entity is cut in
 * two. A cut is shown by an ellipsis.
 */
export function escapeSlack(text: string, max: number): string {
  const whole = escaped(text)
  if (whole.length <= max) return whole
  let cut = ''
  for (const character of text) {
    const next = escaped(character)
    if (cut.length + next.length > max - 1) break
    cut += next
  }
  return `${cut}…`
}

/** Slack decodes the entities in plain text as well, and turns nothing into a mention, link or emoji there. */
export function plainText(text: string, max: number): PlainText {
  return { type: 'plain_text', text: escapeSlack(text, max), emoji: false }
}

/** Markup of ours: constants and what inlineCode and codeBlock give. */
export function markdown(text: string): Markdown {
  return { type: 'mrkdwn', text, verbatim: true }
}

export function inlineCode(text: string, max: number): string {
  return `\`${escapeSlack(withoutBackticks(text).replaceAll('\n', ' '), max - 2)}\``
}

/** Text in which line ends are kept and nothing else means anything. */
export function codeBlock(text: string, max: number): string {
  return `\`\`\`\n${escapeSlack(withoutBackticks(text), max - 8)}\n\`\`\``
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

// A backtick would end the code span: U+02CB looks the same and does not.
function withoutBackticks(text: string): string {
  return text.replaceAll('`', '\u02cb')
}
