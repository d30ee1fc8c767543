import type { WeeklySummary } from '../model/weekly-summary.ts'
import type { Tone } from './mail-look.ts'
import type { Told } from './story.ts'
import { MARKS, RESOLVED_MARK } from './story-words.ts'
import { deliveryText, sightText } from './summary-monitor-words.ts'
import { rowPhrase, SHORT, type SummaryRow, summaryStory } from './summary-story.ts'

/** The rest is counted. */
const OPEN_MAX = 2
const NEXT_MAX = 1

/** A summary in a few lines, for channels that show conversations: is all well, what is wrong, what comes. */
export function summaryAsStory(summary: WeeklySummary): Told {
  const { tone, mark, subject, answer, when, lead, sections } = summaryStory(summary, SHORT)
  const rowsOf = (label: string, most: number): readonly SummaryRow[] =>
    sections
      .filter((section) => section.label === label)
      .flatMap(({ pieces }) => pieces.flatMap((piece) => (piece.kind === 'rows' ? piece.rows : [])))
      .slice(0, most)
  const { monitor } = summary
  const own = [
    ...(monitor.blind.length === 0 ? [] : [sightText(monitor).replace(/^It /, 'The monitor ')]),
    ...(monitor.undelivered.givenUp === 0 ? [] : [deliveryText(monitor)]),
  ]
  return {
    kind: 'summary',
    severity: tone === 'resolved' ? 'info' : tone,
    mark,
    label: 'summary',
    headline: subject,
    whose: null,
    title: answer,
    place: null,
    answers: [],
    state: when,
    members: [
      ...[...rowsOf('Open now', OPEN_MAX), ...rowsOf('The next 30 days', NEXT_MAX)].map(
        ({ tone: row, left, right }) => `${markOf(row)} ${rowPhrase({ left, right })}`,
      ),
      lead.join(' '),
      ...(own.length === 0 ? [] : [own.join(' ')]),
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
