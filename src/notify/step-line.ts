import { display } from '../lib/display.ts'
import type { Incident } from '../model/incident.ts'
import type { NotificationContent } from '../model/notification.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import type { Wording } from './wording.ts'

const LINE_MAX = 300

/** One step of an incident's life in one line; null for content that is no step. */
export function stepLine(content: NotificationContent, wording: Wording): string | null {
  switch (content.kind) {
    case 'incident':
      return display(sentence(content, wording), LINE_MAX)
    case 'answer':
      return display(answerSentence(content, wording), LINE_MAX)
    default:
      return null
  }
}

function answerSentence(
  { by, at, answer }: Extract<NotificationContent, { kind: 'answer' }>,
  wording: Wording,
): string {
  const when = wording.instant(at)
  if (answer.kind === 'acknowledged') {
    return `${by} looks after this since ${when}${answer.note === null ? '' : `: ${answer.note}`}`
  }
  const why = answer.reason === null ? '' : `: ${answer.reason}`
  return `${by} wants quiet about this until ${wording.instant(answer.until)}${why}`
}

function sentence(
  { reason, incident, at }: Extract<NotificationContent, { kind: 'incident' }>,
  wording: Wording,
): string {
  const name = nameOf(incident, wording)
  const when = wording.instant(at)
  const age = wording.duration(Math.max(0, at - incident.firstSeenAt))
  switch (reason) {
    case 'opened':
      return `Opened ${when}: ${name}`
    case 'worsened':
      return `Worse at ${when}, now ${incident.latest.severity}: ${name}`
    case 'reminder':
      return `Reminder at ${when}, open since ${wording.instant(incident.firstSeenAt)} (${age}): ${name}`
    case 'resolved':
      return `Resolved ${when}, after ${age}: ${name}`
    case 'flapping':
      return `Comes and goes since ${when}; more is said when it has been steady for ${quietTime(incident)}: ${name}`
    case 'steadied':
      return `Steady again at ${when}, ${isOver(incident) ? 'resolved' : 'still open'}: ${name}`
  }
}

// R37, R84.
function quietTime({ domain }: Incident): string {
  return domain === null ? 'a day' : 'six hours'
}

function isOver({ phase }: Incident): boolean {
  return phase.name === 'resolved' || phase.name === 'dismissed'
}

function nameOf(incident: Incident, wording: Wording): string {
  const whose = incident.domain === null ? 'stswatch' : displayDomainName(incident.domain)
  return `${whose}: ${wording.describe(incident.latest).title}`
}
