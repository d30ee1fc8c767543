import { display } from '../lib/display.ts'
import type { WeeklySummary } from '../model/weekly-summary.ts'
import type { Tone } from './mail-look.ts'
import { MARKS, RESOLVED_MARK } from './story-words.ts'
import { domainsSection } from './summary-domains-words.ts'
import { happenedSection, nameText, openSection } from './summary-incident-words.ts'
import { monitorSection } from './summary-monitor-words.ts'
import { nextSection } from './summary-next-words.ts'
import { countText, numberText } from './summary-numbers.ts'
import { reportsSection, sessionsText } from './summary-report-words.ts'

/**
 * What a summary says, before it is laid out as text or HTML: both have the same pieces, so both say the same. Every text is
 * made safe to show (display) and nothing in it is markup.
 */
export interface SummaryStory {
  readonly tone: Tone
  readonly mark: string
  /** "stswatch, week 2026-W47: 2 of 14 domains need hands" */
  readonly subject: string
  /** "2 of 14 domains need hands" */
  readonly answer: string
  /** "Week 2026-W47, from 2026-11-16 to 2026-11-22" */
  readonly when: string
  /** The whole in a few short sentences. */
  readonly lead: readonly string[]
  readonly sections: readonly SummarySection[]
}

export interface SummarySection {
  readonly label: string
  readonly pieces: readonly SummaryPiece[]
}

export type SummaryPiece =
  | { readonly kind: 'prose'; readonly text: string }
  | { readonly kind: 'rows'; readonly rows: readonly SummaryRow[] }
  /** For what is past. */
  | { readonly kind: 'quiet'; readonly lines: readonly string[] }
  | { readonly kind: 'picture'; readonly name: PictureName; readonly alt: string }

export type PictureName = 'sessions' | 'certificates'

/** One thing: what it is, the figure beside it, and a line below. */
export interface SummaryRow {
  readonly tone: Tone | null
  readonly left: string
  readonly right: string
  readonly below: string
}

/** With a capital, unless it begins with the name of the only domain. */
export function asSentence(answer: string): string {
  return answer.replace(/^all /, 'All ')
}

/** A row in one phrase: "the certificate ends in 5 days", "google.com: 8,588". */
export function rowPhrase({ left, right }: Pick<SummaryRow, 'left' | 'right'>): string {
  return /^(?:in|for) | ago$/.test(right) ? `${left} ${right}` : `${left}: ${right}`
}

/** How much is told of each thing, for mails that have a limit. */
export interface SummaryMeasure {
  readonly rows: number
  readonly domains: number
  readonly textMax: number
}

export const WHOLE: SummaryMeasure = { rows: 20, domains: 25, textMax: 300 }
export const SHORT: SummaryMeasure = { rows: 5, domains: 8, textMax: 120 }

export function summaryStory(summary: WeeklySummary, measure: SummaryMeasure = WHOLE): SummaryStory {
  const answer = answerText(summary)
  const tone = toneOf(summary)
  const sections = [
    openSection(summary, measure),
    nextSection(summary, measure),
    happenedSection(summary, measure),
    reportsSection(summary, measure),
    domainsSection(summary, measure),
    monitorSection(summary, measure),
  ]
  return {
    tone,
    mark: tone === 'resolved' ? RESOLVED_MARK : MARKS[tone],
    subject: display(`stswatch, ${periodName(summary)}: ${answer}`, 150),
    answer,
    when: whenText(summary),
    lead: leadOf(summary),
    sections: sections.filter((section) => section !== null),
  }
}

/** Is everything fine? */
function answerText({ domains, monitor }: WeeklySummary): string {
  const total = domains.length
  const [only] = domains
  const all = total === 1 && only !== undefined ? nameText(only.domain) : `all ${numberText(total)} domains`
  const hands = domains.filter(({ needsHands }) => needsHands).length
  const unknown = domains.filter(({ state }) => state === 'undecided' || state === 'unseen').length
  const own = monitor.openTrouble.first.some(({ severity }) => severity !== 'info')
    ? ', and stswatch itself needs hands'
    : ''
  if (hands > 0)
    return `${numberText(hands)} of ${countText(total, 'domain')} ${hands === 1 ? 'needs' : 'need'} hands${own}`
  if (unknown > 0) return `${numberText(unknown)} of ${countText(total, 'domain')} could not be judged${own}`
  return `${all} ${total === 1 ? 'is' : 'are'} well${own}`
}

function toneOf({ domains, monitor }: WeeklySummary): Tone {
  const states = new Set(domains.map(({ state }) => state))
  const own = monitor.openTrouble.first.map(({ severity }) => severity)
  if (states.has('critical') || own.includes('critical')) return 'critical'
  if (states.has('warning') || own.includes('warning') || domains.some(({ needsHands }) => needsHands))
    return 'warning'
  return states.has('undecided') || states.has('unseen') ? 'info' : 'resolved'
}

/** "week 2026-W47" */
export function periodName({ period }: WeeklySummary): string {
  switch (period.kind) {
    case 'days':
      return period.name.replace('/', ' to ')
    default:
      return `${period.kind} ${period.name}`
  }
}

function whenText(summary: WeeklySummary): string {
  const { kind, firstDayAt, endDayAt } = summary.period
  const name = periodName(summary)
  const first = new Date(firstDayAt).toISOString().slice(0, 10)
  const last = new Date(endDayAt - 1).toISOString().slice(0, 10)
  const title = name.charAt(0).toUpperCase() + name.slice(1)
  return kind === 'week' || kind === 'month' ? `${title}, ${first} to ${last}` : title
}

function leadOf({ incidents, due, reports }: WeeklySummary): readonly string[] {
  const { opened, resolved, open } = incidents
  const happened =
    opened + resolved + open === 0
      ? 'No incident.'
      : `Incidents: ${numberText(opened)} opened, ${numberText(resolved)} resolved, ${numberText(open)} still open.`
  const next =
    due.total === 0
      ? 'Nothing that should have been renewed ends within 30 days.'
      : `${numberText(due.total)} ${due.total === 1 ? 'certificate or policy ends' : 'certificates or policies end'} within 30 days.`
  return [happened, next, ...(reports === null ? [] : [sessionsText(reports)])]
}
