import { display } from '../lib/display.ts'
import type { Incident } from '../model/incident.ts'
import type { NotificationContent } from '../model/notification.ts'
import type { Told } from './story.ts'
import {
  capital,
  HEADLINE_MAX,
  isResolved,
  leadOf,
  MARKS,
  memberLine,
  RESOLVED_MARK,
  rank,
  whose,
} from './story-words.ts'
import type { Wording } from './wording.ts'

/** R67 */
const WORST_SHOWN = 10

/**
 * Many conversations in one message: how many, the ten worst, and the command that lists them all. `contents` are what
 * would have been so many messages; `incidents` those that they are about, as they stand.
 */
export function digestStory(
  contents: readonly NotificationContent[],
  incidents: readonly Incident[],
  wording: Wording,
): Told {
  const changed = new Set(contents.flatMap((content) => (content.kind === 'changes' ? [content.domain] : [])))
  if (incidents.length === 0) return changesDigest([...changed])
  const lead = leadOf(incidents)
  const over = incidents.every(isResolved)
  const worst = incidents.toSorted(worstFirst).slice(0, WORST_SHOWN)
  const hidden = incidents.length - worst.length
  const headline = display(headlineOf(incidents, lead), HEADLINE_MAX)
  return {
    kind: 'digest',
    severity: lead.worst,
    mark: over ? RESOLVED_MARK : MARKS[lead.worst],
    label: over ? 'resolved' : lead.worst,
    headline,
    whose: null,
    title: headline,
    place: null,
    state: stateOf(contents, incidents, wording),
    answers: [],
    members: [
      ...worst.map((incident) => memberLine(incident, wording.describe(incident.latest).title, wording)),
      ...(hidden > 0 ? [`and ${hidden} more`] : []),
    ],
    seen: `Told in one message because so much happened at once.${changed.size === 0 ? '' : ` Besides, something changed at ${count(changed.size, 'domain')}.`}`,
    impact: null,
    remedy: [
      { kind: 'text', text: 'See all of it:' },
      { kind: 'code', text: over ? 'stswatch incidents --all' : 'stswatch incidents' },
    ],
    evidence: null,
    rfc: null,
    changes: [],
  }
}

function headlineOf(incidents: readonly Incident[], lead: Incident): string {
  const open = incidents.filter((incident) => !isResolved(incident))
  const ended = incidents.length - open.length
  if (open.length === 0) return `${count(ended, 'incident')} resolved, first of all ${whose(lead)}`
  const domains = new Set(open.flatMap(({ domain }) => domain ?? [])).size
  const own = open.some(({ domain }) => domain === null) ? ['of the monitor itself'] : []
  const where = [...(domains === 0 ? [] : [`at ${count(domains, 'domain')}`]), ...own].join(' and ')
  const critical = open.filter(({ worst }) => worst === 'critical').length
  const graver = critical > 0 && critical < open.length ? `, ${critical} of them critical` : ''
  return `${count(open.length, 'incident')} ${where}${graver}${ended > 0 ? `; ${ended} resolved` : ''}`
}

/** "Critical, 12 opened, 3 resolved since 2026-11-23 14:05 UTC" */
function stateOf(
  contents: readonly NotificationContent[],
  incidents: readonly Incident[],
  wording: Wording,
): string {
  const steps = new Map<string, number>()
  let since = Number.POSITIVE_INFINITY
  for (const content of contents) {
    if (content.kind !== 'incident') continue
    const step = STEPS[content.reason]
    steps.set(step, (steps.get(step) ?? 0) + 1)
    since = Math.min(since, content.at)
  }
  const told = [...steps].map(([step, times]) => `${times} ${step}`).join(', ')
  const { worst } = leadOf(incidents)
  return Number.isFinite(since)
    ? `${capital(worst)}: ${told}, since ${wording.instant(since)}`
    : capital(worst)
}

const STEPS = {
  opened: 'opened',
  worsened: 'worse',
  reminder: 'still open',
  resolved: 'resolved',
  flapping: 'coming and going',
  steadied: 'steady again',
} as const

/** Lasting before ended, then by severity, then by age. */
function worstFirst(a: Incident, b: Incident): number {
  return (
    Number(isResolved(a)) - Number(isResolved(b)) ||
    rank(b.worst) - rank(a.worst) ||
    a.firstSeenAt - b.firstSeenAt
  )
}

function changesDigest(domains: readonly string[]): Told {
  const headline = `Something changed at ${count(domains.length, 'domain')}`
  return {
    kind: 'digest',
    severity: 'info',
    mark: MARKS.info,
    label: 'changed',
    headline,
    whose: null,
    title: headline,
    place: null,
    state: null,
    answers: [],
    members: [
      ...domains.slice(0, WORST_SHOWN).map((name) => display(`stswatch history ${name}`, HEADLINE_MAX)),
      ...(domains.length > WORST_SHOWN ? [`and ${domains.length - WORST_SHOWN} more`] : []),
    ],
    seen: 'Told in one message because so much happened at once.',
    impact: null,
    remedy: [],
    evidence: null,
    rfc: null,
    changes: [],
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
