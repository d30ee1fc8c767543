import type { WeeklySummary } from '../model/weekly-summary.ts'
import type { Tone } from './mail-look.ts'
import type { Story } from './story.ts'
import { MARKS, RESOLVED_MARK } from './story-words.ts'
import { deliveryText, sightText } from './summary-monitor-words.ts'
import { SHORT, type SummaryRow, summaryStory } from './summary-story.ts'

/** Of what is open and of what comes; the rest is counted. */
const ROWS_MAX = 2

/** A summary in a few lines, for channels that show conversations: is all well, what is wrong, what comes. */
export function summaryAsStory(summary: WeeklySummary): Omit<Story, 'note' | 'steps'> {
  const { tone, mark, subject, answer, when, lead, sections } = summaryStory(summary, SHORT)
  const rowsOf = (label: string): readonly SummaryRow[] =>
    sections
      .filter((section) => section.label === label)
      .flatMap(({ pieces }) => pieces.flatMap((piece) => (piece.kind === 'rows' ? piece.rows : [])))
      .slice(0, ROWS_MAX)
  const { monitor } = summary
  const monitorLines = [
    ...(monitor.blind.length === 0 ? [] : [sightText(monitor)]),
    ...(monitor.undelivered.givenUp === 0 ? [] : [deliveryText(monitor)]),
  ]
  return {
    severity: tone === 'resolved' ? 'info' : tone,
    mark,
    label: 'summary',
    headline: subject,
    whose: null,
    title: answer,
    state: when,
    members: [
      ...[...rowsOf('Open now'), ...rowsOf('The next 30 days')].map(
        ({ tone: row, left, right }) => `${markOf(row)} ${left}, ${right}`,
      ),
      lead.join(' '),
      ...monitorLines,
    ],
    seen: null,
    impact: null,
    remedy: [],
    evidence: null,
    rfc: null,
    changes: [],
  }
}

function markOf(tone: Tone | null): string {
  return tone === null || tone === 'resolved' ? RESOLVED_MARK : MARKS[tone]
}
