import type { RemedyLine } from '../model/description.ts'
import { SEVERITIES } from '../model/finding.ts'
import { alertNews } from './alert-news.ts'
import type { Html } from './html.ts'
import {
  codeBlock,
  diffBlock,
  dottedList,
  factsRow,
  mailPage,
  paragraph,
  quietList,
  section,
  titleRow,
} from './mail-html.ts'
import type { Tone } from './mail-look.ts'
import { MAIL_FOOTER } from './mail-text.ts'
import { SEEN_BEFORE, type Story } from './story.ts'
import { MARKS, RESOLVED_MARK } from './story-words.ts'

/** A story as the HTML part of a mail. */
export function alertHtml(story: Story): string {
  const tone: Tone = story.label === 'resolved' ? 'resolved' : story.severity
  const { latest, history } = alertNews(story)
  const title = {
    tone,
    state: story.state ?? capital(story.label),
    name: story.whose,
    title: story.title,
    news: latest,
  }
  const rows = [
    titleRow(title),
    ...(story.note === null ? [] : [section(null, [paragraph(story.note)])]),
    ...(story.members.length === 0 ? [] : [section('Incidents', [dottedList(story.members.map(memberOf))])]),
    ...prose(story.label === 'test' ? null : 'What was seen', story.seen?.replace(SEEN_BEFORE, '') ?? null),
    ...prose('Who is hurt', story.impact),
    ...(story.remedy.length === 0 ? [] : [section('What to do', story.remedy.map(remedyBlock))]),
    ...story.changes.map(changeSection),
    ...(history.length === 0 ? [] : [section('What happened', [quietList(history)])]),
    ...facts(story),
  ]
  return mailPage({ tone, preheader: preheaderOf(story), rows, footer: MAIL_FOOTER })
}

/** What the subject does not say yet. */
function preheaderOf({ state, impact, seen, changes }: Story): string {
  const said = impact ?? seen ?? changes.map(({ summary }) => summary).join('; ')
  return state === null ? said : `${state}. ${said}`
}

const TONE_OF_MARK: ReadonlyMap<string, Tone> = new Map([
  ...SEVERITIES.map((severity) => [MARKS[severity], severity] as const),
  [RESOLVED_MARK, 'resolved'],
])

/** A dot that we draw, since not every client has the coloured one of the text. */
function memberOf(line: string): { readonly tone: Tone; readonly text: string } {
  const [mark = ''] = line.split(' ', 1)
  const tone = TONE_OF_MARK.get(mark)
  return tone === undefined ? { tone: 'info', text: line } : { tone, text: line.slice(mark.length + 1) }
}

function prose(label: string | null, text: string | null): readonly Html[] {
  return text === null ? [] : [section(label, [paragraph(text)])]
}

function remedyBlock({ kind, text }: RemedyLine): Html {
  return kind === 'code' ? codeBlock(text.split('\n')) : paragraph(text)
}

function changeSection({ summary, lines }: Story['changes'][number]): Html {
  return section(null, [paragraph(summary), ...(lines.length === 0 ? [] : [diffBlock(lines)])])
}

function facts({ evidence, rfc }: Story): readonly Html[] {
  const told = [
    ...(evidence === null ? [] : [{ name: 'Evidence', value: evidence }]),
    ...(rfc === null ? [] : [{ name: 'Standard', value: rfc }]),
  ]
  return told.length === 0 ? [] : [factsRow(told)]
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
