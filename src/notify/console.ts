import { styleText } from 'node:util'
import type { ChannelId } from '../model/notification.ts'
import type { Notifier } from './notifier.ts'
import { newsOf, type Story, tellStory } from './story.ts'
import type { Wording } from './wording.ts'
import { wrapText } from './wrap-text.ts'

/** Of prose, without the indentation; records are never broken. */
const WIDTH = 92

export interface ConsoleTools {
  write(text: string): void
  /** A terminal, and NO_COLOR is not set. */
  readonly colour: boolean
}

type Style = Parameters<typeof styleText>[0]

const COLOUR: Readonly<Record<Story['severity'], Style>> = {
  critical: ['red', 'bold'],
  warning: ['yellow', 'bold'],
  info: ['blue', 'bold'],
}

/** The terminal as a channel: one block a message. It cannot fail and has no threads. */
export function consoleNotifier(id: ChannelId, wording: Wording, { write, colour }: ConsoleTools): Notifier {
  return {
    id,
    render: (message) => consoleBlock(tellStory(message, wording), colour),
    async send({ payload }) {
      write(payload)
      return { outcome: 'delivered', reference: null }
    },
  }
}

/** The block, ending in an empty line. */
export function consoleBlock(story: Story, colour: boolean): string {
  const paint = (style: Style, text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const title = story.label === 'resolved' ? (['green', 'bold'] as const) : COLOUR[story.severity]
  const indented = (text: string) => `   ${text}`
  const lines = [
    `${story.mark} ${paint([...[title].flat()] as Style, story.headline)}`,
    ...[story.note, story.state].flatMap((line) => (line === null ? [] : [indented(paint('dim', line))])),
    ...newsOf(story).map(indented),
    ...story.members.map(indented),
    ...[story.seen, story.impact].flatMap((text) =>
      text === null ? [] : wrapText(text, WIDTH).map(indented),
    ),
    ...remedyLines(story, (code) => paint('cyan', code)).map(indented),
    ...story.changes.flatMap(({ summary, lines: diff }) => [
      indented(summary),
      ...diff.map((line) => `     ${paint(line.startsWith('-') ? 'red' : 'green', line)}`),
    ]),
    ...(story.evidence === null ? [] : [indented(paint('dim', evidenceLine(story)))]),
  ]
  return `${lines.join('\n')}\n\n`
}

function remedyLines({ remedy }: Story, code: (text: string) => string): readonly string[] {
  return remedy
    .flatMap(({ kind, text }) =>
      kind === 'code' ? text.split('\n').map((line) => `    ${code(line)}`) : wrapText(text, WIDTH),
    )
    .map((line, index) => (index === 0 ? `Do: ${line}` : `    ${line}`))
}

function evidenceLine({ evidence, rfc }: Story): string {
  return `Evidence: ${evidence}${rfc === null ? '' : `  (${rfc})`}`
}
