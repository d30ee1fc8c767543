import type { RemedyLine } from '../model/description.ts'
import type { Story } from './story.ts'

/** Teams takes 28 kB; texts are cut so that even the longest card stays below, whatever its characters weigh. */
const CARD_MAX_BYTES = 24_000

type Style = 'attention' | 'warning' | 'accent' | 'good'

const STYLES: Readonly<Record<Story['severity'], Style>> = {
  critical: 'attention',
  warning: 'warning',
  info: 'accent',
}

/**
 * The body of format `teams`, for a workflow with the trigger "When a Teams webhook request is received": one Adaptive
 * Card. All text is in text runs, where Markdown means nothing, and mentions need entities, of which there are none.
 */
export function adaptiveCard(story: Story): object {
  const style = story.label === 'resolved' ? 'good' : STYLES[story.severity]
  const headline = `${story.mark} ${story.headline}`
  const lines = [story.state, story.place, ...story.answers, story.note].filter((line) => line !== null)
  const body = [
    {
      type: 'Container',
      style,
      bleed: true,
      items: [
        runs(headline, { weight: 'Bolder', size: 'Medium' }),
        ...lines.map((line) => runs(line, SUBTLE)),
      ],
    },
    ...(story.steps.length > 1 ? story.steps.map((line) => runs(line)) : []),
    ...story.members.map((line) => runs(line)),
    ...(story.seen === null ? [] : [runs(story.seen)]),
    ...(story.impact === null ? [] : [runs('Who is hurt', BOLD), runs(story.impact)]),
    ...(story.remedy.length === 0 ? [] : [runs('What to do', BOLD)]),
    ...story.remedy.flatMap(remedyRuns),
    ...story.changes.flatMap(({ summary, lines: diff }) => [
      runs(summary),
      ...diff.map((line) => runs(line, MONOSPACE)),
    ]),
    ...(story.evidence === null ? [] : [runs(`Evidence: ${story.evidence}`, SUBTLE)]),
    ...(story.rfc === null || story.rfc === '' ? [] : [runs(story.rfc, SUBTLE)]),
  ]
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          fallbackText: headline,
          body: fitting(body),
          msteams: { width: 'Full' },
        },
      },
    ],
  }
}

type Runs = Readonly<Record<string, string>>
const BOLD: Runs = { weight: 'Bolder' }
const SUBTLE: Runs = { size: 'Small' }
const MONOSPACE: Runs = { fontType: 'Monospace' }

function runs(text: string, look: Runs = {}): object {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...look }] }
}

/** One block a line: a text run knows no line ends. */
function remedyRuns({ kind, text }: RemedyLine): readonly object[] {
  return kind === 'code' ? text.split('\n').map((line) => runs(line, MONOSPACE)) : [runs(text)]
}

/** The elements from the first on that fit. */
function fitting(body: readonly object[]): readonly object[] {
  let bytes = 0
  const cut = body.findIndex((element) => {
    bytes += Buffer.byteLength(JSON.stringify(element))
    return bytes > CARD_MAX_BYTES
  })
  return cut === -1 ? body : [...body.slice(0, cut), runs('…')]
}
