import { DISTRUST_WORDS } from '../announce/distrust-words.ts'
import { instantText } from '../announce/text-time.ts'
import { display } from '../lib/display.ts'
import type { UnixMs } from '../lib/time.ts'
import type { Authenticity, ReceivedReport } from '../model/received-report.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import { type Paint, wrap } from './paint.ts'
import { STANDING_STYLE, standingText } from './render-report.ts'

const LABEL_WIDTH = 14
const INDENT = ' '.repeat(LABEL_WIDTH + 3)

export interface HeadContext {
  /** How long the original is kept; null: no longer. */
  readonly keptUntil: UnixMs | null
  readonly timezone: string
  readonly width: number
  readonly paint: Paint
}

/** What a report says of itself, how it reached us and who answers for it, one line each. */
export function reportHead(
  received: ReceivedReport,
  { keptUntil, timezone, width, paint }: HeadContext,
): readonly string[] {
  const { report, authenticity } = received
  const label = (name: string, text: string) =>
    `  ${paint('dim', name.padEnd(LABEL_WIDTH))} ${wrap(text, width, INDENT).slice(INDENT.length)}`
  const range = [report.startAt, report.endAt].map((at) =>
    at === null ? '(not given)' : instantText(at, 'UTC'),
  )
  const distrust = authenticity.trust === 'unverified' ? DISTRUST_WORDS[authenticity.because] : null
  return [
    label('Standing', paint(STANDING_STYLE[received.standing], standingText(received))),
    label('Who answers', answersText(authenticity)),
    ...(distrust === null ? [] : [label('', distrust.remedy)]),
    label('Reached us', sourceText(received, timezone)),
    label('From, to', range.join(' to ')),
    label('Organization', orNone(report.organizationName)),
    label('Contact', orNone(report.contactInfo)),
    label('Report-id', orNone(report.reportId)),
    label(
      'Original',
      keptUntil === null ? 'no longer kept' : `kept until ${instantText(keptUntil, timezone)}`,
    ),
  ]
}

function answersText(authenticity: Authenticity): string {
  switch (authenticity.trust) {
    case 'verified':
      return `${displayDomainName(authenticity.signer)}, by its DKIM signature (selector ${display(authenticity.selector)})`
    case 'border':
      return `${displayDomainName(authenticity.signer)}, as ${display(authenticity.authservId)} says in its Authentication-Results`
    case 'unverified': {
      const { claimed, because, detail } = authenticity
      const who = claimed === null ? 'nobody' : `nobody; it claims to be from ${displayDomainName(claimed)}`
      return `${who}. ${DISTRUST_WORDS[because].reason}${because === 'no-mail' ? '' : ` (${display(detail, 200)})`}`
    }
  }
}

function sourceText({ source, receivedAt }: ReceivedReport, timezone: string): string {
  const at = instantText(receivedAt, timezone)
  return source.via === 'file'
    ? `${at}, as the file ${display(source.path)}`
    : `${at}, as mail ${source.uid} in ${display(source.folder)} of ${display(source.account)}`
}

function orNone(text: string | null): string {
  return text === null ? '(none)' : display(text)
}
