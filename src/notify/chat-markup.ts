/**
 * Plain text made harmless where Markdown is read: Mattermost, Discord, and Slack's incoming webhooks. None of them knows
 * a way to escape that the others know too, so what could mean something is replaced by what looks like it.
 */

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '*': '\u2217',
  '~': '\u223c',
  '`': '\u02cb',
  '<': '\u2039',
  '>': '\u203a',
  '@': '\uff20',
  '#': '\uff03',
  '[': '\uff3b',
  ']': '\uff3d',
  '|': '\u2223',
  '\\': '\uff3c',
}

/** Addresses, which clients make links of, and words with an underscore, which they slant. */
const CODE_WORDS = /(\S*(?:\/\/|www\.|_)\S*?)(?=[.,:;)!?]*(?:\s|$))/i
/** `:name:` would become a picture. */
const EMOJI_COLON = /:(?=[\w+-]+:)/g
const MARKS: Readonly<Record<string, string>> = { '-': '\u2013', '+': '\uff0b', '=': '\uff1d' }
/** At the beginning of a line these make lists and headings. */
const LINE_MARK = /^(\s*)([-+=]|\d+[.)])(?=\s)/gm

/** Prose without mention, link or format. Addresses and names with an underscore stay exact, as code. */
export function chatProse(text: string): string {
  return text
    .split(CODE_WORDS)
    .map((part, index) => (index % 2 === 1 ? chatCode(part) : neutral(part)))
    .join('')
}

/** The same without code, for where it may be cut at any character; addresses and underscores are look-alikes too. */
export function chatTitle(text: string): string {
  return neutral(text)
    .replaceAll('//', '\u2215\u2215')
    .replaceAll('_', '\uff3f')
    .replace(/www\./gi, 'www\u2024')
}

function neutral(text: string): string {
  return text
    .replace(/[*~`<>@#[\]|\\]/g, (character) => LOOK_ALIKES[character] ?? character)
    .replace(EMOJI_COLON, '\u2236')
    .replace(
      LINE_MARK,
      (_, indent: string, mark: string) => indent + (MARKS[mark] ?? mark.replace(/.$/, '\u2024')),
    )
}

/** A code span; only backticks and angle brackets, which Slack reads in code as well, are replaced. */
export function chatCode(text: string): string {
  return `\`${inCode(text).replaceAll('\n', ' ')}\``
}

/** A code block of one or more lines. */
export function chatCodeBlock(text: string): string {
  return `\`\`\`\n${inCode(text)}\n\`\`\``
}

function inCode(text: string): string {
  return text.replace(/[`<>]/g, (character) => LOOK_ALIKES[character] ?? character)
}

/** The parts, with an empty line between them, that fit into `max` characters; a part is never cut. */
export function fittingParts(parts: readonly string[], max: number): string {
  const kept: string[] = []
  let length = 0
  for (const part of parts) {
    const longer = length + part.length + (kept.length === 0 ? 0 : 2)
    if (longer > max - 3) return [...kept, '…'].join('\n\n')
    kept.push(part)
    length = longer
  }
  return kept.join('\n\n')
}
