import { MAIL_FOOTER, MAIL_TEXT_WIDTH } from './mail-text.ts'
import {
  asSentence,
  rowPhrase,
  type SummaryPiece,
  type SummaryRow,
  type SummaryStory,
} from './summary-story.ts'
import { wrapText } from './wrap-text.ts'

/** A summary as the text part of a mail: complete by itself. */
export function summaryText({ answer, when, lead, sections }: SummaryStory): string {
  const told = sections.flatMap(({ label, pieces }) => [
    `${label}\n${'-'.repeat(label.length)}`,
    ...pieces.map(pieceText),
  ])
  const paragraphs = [
    wrap(`${asSentence(answer)}.`, ''),
    when,
    wrap(lead.join(' '), ''),
    ...told,
    // RFC 3676 §4.3: what follows is the signature.
    `-- \n${MAIL_FOOTER}`,
  ]
  return `${paragraphs.join('\n\n')}\n`
}

function pieceText(piece: SummaryPiece): string {
  switch (piece.kind) {
    case 'prose':
      return wrap(piece.text, '')
    case 'rows':
      return piece.rows.map(rowText).join('\n')
    case 'quiet':
      return piece.lines.map((line) => bullet('-', line)).join('\n')
    case 'picture':
      return wrap(piece.alt, '')
  }
}

/** Marks stand for the colours of the HTML. */
const MARKS = { critical: '!!', warning: '! ', info: '? ', resolved: '* ' } as const

function rowText({ tone, left, right, below }: SummaryRow): string {
  const mark = tone === null ? '* ' : MARKS[tone]
  return `${wrap(rowPhrase({ left, right }), `${mark} `)}\n${wrap(below, '   ')}`
}

function bullet(mark: string, text: string): string {
  return wrap(text, `${mark} `)
}

/** The lead stands before the first line, blanks before the others. */
function wrap(text: string, lead: string): string {
  return wrapText(text, MAIL_TEXT_WIDTH - lead.length)
    .map((line, index) => `${index === 0 ? lead : ' '.repeat(lead.length)}${line}`)
    .join('\n')
}
