import { riskOf, riskPhrase } from '../announce/risk-words.ts'
import { dayText, durationText, instantText } from '../announce/text-time.ts'
import { display } from '../lib/display.ts'
import type { ChangeGroup, IncidentGroup, Listed, WeeklySummary } from '../model/weekly-summary.ts'
import { type DomainName, displayDomainName } from '../protocol/domain-name.ts'
import { countText, namesText, numberText } from './summary-numbers.ts'
import type { SummaryMeasure, SummaryPiece, SummaryRow, SummarySection } from './summary-story.ts'

const NAME_MAX = 80

/** What is open now, the worst first; null when nothing is. */
export function openSection(summary: WeeklySummary, measure: SummaryMeasure): SummarySection | null {
  const { stillOpen } = summary.incidents
  if (stillOpen.total === 0) return null
  const rows = stillOpen.first.slice(0, measure.rows).map((group) => openRow(group, summary, measure))
  return {
    label: 'Open now',
    pieces: [{ kind: 'rows', rows }, ...hidden(stillOpen.total - rows.length, 'stswatch incidents')],
  }
}

/** How long it has lasted is what tells a person where to look first. */
export function openRow(
  group: IncidentGroup,
  { at, timezone }: WeeklySummary,
  measure: SummaryMeasure,
): SummaryRow {
  const risk = riskOf(group)
  const share = risk === null ? '' : `${riskPhrase(risk)}; `
  return {
    tone: group.severity,
    left: `${whoText(group.domains)}: ${display(group.title, measure.textMax)}`,
    right: `for ${durationText(at - group.openedAt)}`,
    below: `since ${instantText(group.openedAt, timezone)}; ${share}stswatch explain ${display(group.id, NAME_MAX)}`,
  }
}

/** Incidents that ended and what changed. */
export function happenedSection(summary: WeeklySummary, measure: SummaryMeasure): SummarySection | null {
  const { opened, resolved, open, ended } = summary.incidents
  const counts =
    opened + resolved === 0
      ? `No incident opened or was resolved${open > 0 ? '; what was open before still is' : ''}.`
      : `${countText(opened, 'incident')} opened, ${numberText(resolved)} ${resolved === 1 ? 'was' : 'were'} resolved, ${numberText(open)} ${open === 1 ? 'is' : 'are'} still open.`
  const told = ended.first.slice(0, measure.rows).map((group) => endedLine(group, summary, measure))
  const left = ended.total - told.length
  return {
    label: 'What happened',
    pieces: [
      { kind: 'prose', text: counts },
      ...quiet(
        left > 0 ? [...told, `and ${numberText(left)} more resolved: stswatch incidents --all`] : told,
      ),
      ...changePieces(summary, measure),
    ],
  }
}

function endedLine(
  { domains, title, openedAt, resolvedAt }: IncidentGroup,
  { timezone }: WeeklySummary,
  measure: SummaryMeasure,
): string {
  const end = resolvedAt ?? openedAt
  return `Resolved ${instantText(end, timezone)}, after ${durationText(end - openedAt)}: ${whoText(domains)}: ${display(title, measure.textMax)}`
}

function changePieces(summary: WeeklySummary, measure: SummaryMeasure): readonly SummaryPiece[] {
  const { notable, others } = summary.changes
  const ordinary = others === 0 ? '' : `${countText(others, 'ordinary change')}, such as renewed certificates`
  if (notable.total === 0) {
    return [
      { kind: 'prose', text: ordinary === '' ? 'Nothing changed.' : `Nothing of note changed; ${ordinary}.` },
    ]
  }
  const lines = notable.first.slice(0, measure.rows).map((change) => changeLine(change, summary, measure))
  const left = notable.total - lines.length
  const more = [...(left > 0 ? [`${numberText(left)} more`] : []), ...(ordinary === '' ? [] : [ordinary])]
  return [
    { kind: 'prose', text: `${countText(notable.total, 'change')} worth knowing:` },
    ...quiet(more.length === 0 ? lines : [...lines, `and ${more.join(', ')}: stswatch history DOMAIN`]),
  ]
}

function changeLine(
  { at, summary, domains }: ChangeGroup,
  { timezone }: WeeklySummary,
  measure: SummaryMeasure,
): string {
  return `${dayText(at, timezone)} ${whoText(domains)}: ${display(summary, measure.textMax)}`
}

function quiet(lines: readonly string[]): readonly SummaryPiece[] {
  return lines.length === 0 ? [] : [{ kind: 'quiet', lines }]
}

/** What is left out, and where it is. */
export function hidden(count: number, where: string): readonly SummaryPiece[] {
  return count > 0 ? [{ kind: 'quiet', lines: [`and ${numberText(count)} more: ${where}`] }] : []
}

/** "a.example", "a.example, b.example and 12 more"; the monitor's own belong to nobody's domain. */
export function whoText({ first, total }: Listed<DomainName>): string {
  return total === 0 ? 'stswatch' : namesText(first.map(nameText), total)
}

export function nameText(name: DomainName): string {
  return display(displayDomainName(name), NAME_MAX)
}
