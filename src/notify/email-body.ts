import type { RemedyLine } from '../model/description.ts'
import type { Story } from './story.ts'
import { wrapText } from './wrap-text.ts'

/** The two bodies of a mail; the text part is complete by itself. */
export interface MailBody {
  readonly subject: string
  readonly text: string
  readonly html: string
}

const SUBJECT_MAX = 150
const TEXT_WIDTH = 76

/** "[critical] example.com: …": the bracket is no part of the base subject (RFC 5256 §2.1), so threads hold. */
export function mailBody(story: Story): MailBody {
  const subject = `[${story.label}] ${story.headline}`
  const points = [...subject]
  return {
    subject: points.length <= SUBJECT_MAX ? subject : `${points.slice(0, SUBJECT_MAX - 1).join('')}…`,
    text: textPart(story),
    html: htmlPart(story),
  }
}

function textPart(story: Story): string {
  const paragraphs = [
    wrap(story.headline),
    ...[story.note, story.state].flatMap((line) => (line === null ? [] : [wrap(line)])),
    ...bullets(news(story)),
    ...bullets(story.members),
    ...[story.seen, story.impact].flatMap((line) => (line === null ? [] : [wrap(line)])),
    ...(story.remedy.length === 0 ? [] : [`What to do:\n\n${story.remedy.map(textRemedy).join('\n\n')}`]),
    ...story.changes.map(({ summary, lines }) => [wrap(summary), ...lines.map(indented)].join('\n')),
    ...(story.evidence === null ? [] : [`Evidence: ${story.evidence}`]),
    ...(story.rfc === null ? [] : [`Standard: ${story.rfc}`]),
    // RFC 3676 §4.3: what follows is the signature.
    '-- \nstswatch watches MTA-STS and SMTP TLS Reporting. Nobody reads answers to this mail.',
  ]
  return `${paragraphs.join('\n\n')}\n`
}

/** A single opening or resolution is told by title and state already. */
function news({ steps }: Story): readonly string[] {
  return steps.length > 1 ? steps : []
}

function bullets(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [lines.map((line) => `* ${line}`).join('\n')]
}

function textRemedy({ kind, text }: RemedyLine): string {
  return kind === 'code' ? text.split('\n').map(indented).join('\n') : wrap(text)
}

function indented(line: string): string {
  return `    ${line}`
}

function wrap(text: string): string {
  return wrapText(text, TEXT_WIDTH).join('\n')
}

const COLOUR: Readonly<Record<Story['severity'] | 'resolved', string>> = {
  critical: '#c62828',
  warning: '#b45309',
  info: '#1d4ed8',
  resolved: '#2e7d32',
}

const FONT = 'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif'
const MONO = 'font-family:Consolas,Menlo,monospace'

/** Tables and inline styles, because Outlook knows little else; no link, image or anything remote (S38). */
function htmlPart(story: Story): string {
  const colour = COLOUR[story.label === 'resolved' ? 'resolved' : story.severity]
  const rows = [
    `<h1 style="margin:0;font-size:18px;line-height:26px;color:${colour}">${escapeHtml(story.headline)}</h1>`,
    ...[story.state, story.note].flatMap((line) => (line === null ? [] : [paragraph(line, '#6b7280')])),
    ...list(news(story)),
    ...list(story.members),
    ...[story.seen, story.impact].flatMap((line) => (line === null ? [] : [paragraph(line)])),
    ...(story.remedy.length === 0 ? [] : [`<strong>What to do</strong>`, ...story.remedy.map(htmlRemedy)]),
    ...story.changes.flatMap(({ summary, lines }) => [
      paragraph(summary),
      ...(lines.length === 0 ? [] : [code(lines.join('\n'))]),
    ]),
    ...(story.evidence === null ? [] : [paragraph(`Evidence: ${story.evidence}`, '#6b7280')]),
    ...(story.rfc === null ? [] : [paragraph(story.rfc, '#6b7280')]),
  ]
  return [
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark"><title>stswatch</title></head>',
    `<body style="margin:0;padding:16px;${FONT};font-size:15px;line-height:22px">`,
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:640px;border-top:4px solid ${colour}">`,
    ...rows.map((row) => `<tr><td style="padding:12px 0 0 0">${row}</td></tr>`),
    '</table></body></html>',
    '',
  ].join('\n')
}

function paragraph(text: string, colour: string | null = null): string {
  return colour === null ? escapeHtml(text) : `<span style="color:${colour}">${escapeHtml(text)}</span>`
}

function list(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [lines.map(escapeHtml).join('<br>\n')]
}

function htmlRemedy({ kind, text }: RemedyLine): string {
  return kind === 'code' ? code(text) : escapeHtml(text)
}

function code(text: string): string {
  return `<pre style="margin:0;padding:8px 12px;${MONO};font-size:13px;line-height:20px;white-space:pre-wrap;word-break:break-all;border:1px solid #9ca3af">${escapeHtml(text)}</pre>`
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
