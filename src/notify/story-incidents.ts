import { display } from '../lib/display.ts'
import type { RemedyLine } from '../model/description.ts'
import type { Acknowledgement, Incident } from '../model/incident.ts'
import type { Told } from './story.ts'
import {
  capital,
  HEADLINE_MAX,
  isResolved,
  leadOf,
  MARKS,
  memberLine,
  RESOLVED_MARK,
  resolvedAt,
  SEEN_BEFORE,
  TEXT_MAX,
  whose,
} from './story-words.ts'
import type { Wording } from './wording.ts'

const MEMBERS_MAX = 10
const PLACE_MAX = 120
const ANSWER_MAX = 300
const CODE_MAX = 2000

/** What is to be said of the incidents of one conversation as they stand. */
export function incidentStory(
  incidents: readonly Incident[],
  acknowledgements: readonly Acknowledgement[],
  wording: Wording,
): Told {
  const lead = leadOf(incidents)
  const words = wording.describe(lead.latest)
  const over = incidents.every(isResolved)
  const others = incidents.length > 1
  const { subject } = lead.latest
  return {
    kind: lead.domain === null ? 'monitor' : 'incidents',
    severity: lead.worst,
    mark: over ? RESOLVED_MARK : MARKS[lead.worst],
    label: over ? 'resolved' : lead.worst,
    headline: display(
      others ? `${words.title} (${counted(incidents)})` : `${whose(lead)}: ${words.title}`,
      HEADLINE_MAX,
    ),
    whose: display(others ? counted(incidents) : whose(lead)),
    title: display(words.title, HEADLINE_MAX),
    place: subject === null ? null : display(subject, PLACE_MAX),
    state: stateOf(incidents, lead, wording),
    answers: over ? [] : answersOf(incidents, acknowledgements, wording),
    members: others ? memberLines(incidents, wording) : [],
    seen: display(over ? `${SEEN_BEFORE}${words.seen}` : words.seen, TEXT_MAX),
    impact: words.impact === null || over ? null : display(words.impact, TEXT_MAX),
    remedy: over ? [] : words.remedy.map(shownRemedy),
    evidence: `stswatch explain ${display(lead.id)}`,
    rfc: display(words.rfc),
    changes: [],
  }
}

/** Who looks after it: each person once. */
function answersOf(
  incidents: readonly Incident[],
  acknowledgements: readonly Acknowledgement[],
  wording: Wording,
): readonly string[] {
  const open = incidents.filter((incident) => !isResolved(incident))
  const states = new Map(open.map(({ id, transitions }) => [id, transitions]))
  const holding = acknowledgements.filter(({ incident, transitions }) => states.get(incident) === transitions)
  return [...new Map(holding.map((given) => [given.by, given])).values()].map(({ by, at, note }) => {
    const count = holding.filter((given) => given.by === by).length
    const what = open.length > 1 ? `${count} of ${open.length}` : 'it'
    return display(
      `${by} looks after ${what} since ${wording.instant(at)}${note === null ? '' : `: ${note}`}`,
      ANSWER_MAX,
    )
  })
}

function counted(incidents: readonly Incident[]): string {
  const domains = new Set(incidents.map(({ domain }) => domain)).size
  return domains > 1 ? `${domains} domains` : `${incidents.length} incidents`
}

function stateOf(incidents: readonly Incident[], lead: Incident, wording: Wording): string {
  const since = Math.min(...incidents.map(({ firstSeenAt }) => firstSeenAt))
  const ends = incidents.map(resolvedAt).filter((at) => at !== null)
  if (incidents.every(isResolved)) {
    const endedAt = Math.max(since, ...ends)
    return `Resolved ${wording.instant(endedAt)}, after ${wording.duration(endedAt - since)}`
  }
  const open = incidents.length > 1 && ends.length > 0 ? `, ${ends.length} of them resolved` : ''
  const flapping = lead.flappingSince === null ? '' : ', comes and goes'
  return `${capital(lead.worst)}, since ${wording.instant(since)}${flapping}${open}`
}

function memberLines(incidents: readonly Incident[], wording: Wording): readonly string[] {
  const lasting = incidents.filter((incident) => !isResolved(incident))
  const ended = incidents.filter(isResolved)
  const shown = [...lasting, ...ended].slice(0, MEMBERS_MAX)
  const oneTitle = new Set(incidents.map(({ latest }) => `${latest.code} ${latest.subject}`)).size === 1
  const lines = shown.map((incident) =>
    memberLine(incident, oneTitle ? '' : wording.describe(incident.latest).title, wording),
  )
  const hidden = incidents.length - shown.length
  return hidden > 0 ? [...lines, `and ${hidden} more`] : lines
}

function shownRemedy(line: RemedyLine): RemedyLine {
  // A policy file is several lines: each is made safe by itself so that the line ends stay.
  if (line.kind === 'text') return { kind: 'text', text: display(line.text, TEXT_MAX) }
  const lines = line.text.split(/\r?\n/).map((part) => display(part, CODE_MAX))
  return { kind: 'code', text: lines.join('\n') }
}
