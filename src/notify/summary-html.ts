import type { Html } from './html.ts'
import { mailPage, paragraph, picture, quietList, rowList, section, titleRow } from './mail-html.ts'
import { MAIL_FOOTER } from './mail-text.ts'
import { asSentence, type PictureName, type SummaryPiece, type SummaryStory } from './summary-story.ts'

/** Of the card, without its margins. */
export const PICTURE_WIDTH = 536

/**
 * A summary as the HTML part of a mail. `contentIds`: the pictures that go with it; one that is missing is told by its alt
 * text, so that the figures are there in any case.
 */
export function summaryHtml(story: SummaryStory, contentIds: ReadonlyMap<PictureName, string>): string {
  const { tone, answer, when, lead, sections } = story
  const title = {
    tone,
    state: when,
    name: asSentence(answer),
    title: lead.join(' '),
    notes: [],
  }
  const rows = [
    titleRow(title),
    ...sections.map(({ label, pieces }) =>
      section(
        label,
        pieces.map((piece) => pieceHtml(piece, contentIds)),
      ),
    ),
  ]
  return mailPage({ tone, preheader: lead.join(' '), rows, footer: MAIL_FOOTER })
}

function pieceHtml(piece: SummaryPiece, contentIds: ReadonlyMap<PictureName, string>): Html {
  switch (piece.kind) {
    case 'prose':
      return paragraph(piece.text)
    case 'rows':
      return rowList(piece.rows)
    case 'quiet':
      return quietList(piece.lines)
    case 'picture': {
      const contentId = contentIds.get(piece.name) ?? null
      return contentId === null ? quietList([piece.alt]) : picture(contentId, piece.alt, PICTURE_WIDTH)
    }
  }
}
