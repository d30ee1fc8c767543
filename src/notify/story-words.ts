import { display } from '../lib/display.ts'
import type { UnixMs } from '../lib/time.ts'
import { SEVERITIES, type Severity } from '../model/finding.ts'
import type { Incident } from '../model/incident.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import type { Wording } from './wording.ts'

/** How stories of incidents say things that several of them say. */

export const MARKS: Readonly<Record<Severity, string>> = { critical: '🔴', warning: '🟠', info: '🔵' }
export const RESOLVED_MARK = '🟢'

/** What a resolved story's `seen` begins with. */
export const SEEN_BEFORE = 'What was seen: '

export const HEADLINE_MAX = 200
export const TEXT_MAX = 1500

/** The worst of those that still last, else the worst of all: the first where they are equal. */
export function leadOf(incidents: readonly Incident[]): Incident {
  const lasting = incidents.filter((incident) => !isResolved(incident))
  const candidates = lasting.length > 0 ? lasting : incidents
  return candidates.reduce((lead, next) => (rank(next.worst) > rank(lead.worst) ? next : lead))
}

export function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}

export function isResolved(incident: Incident): boolean {
  return resolvedAt(incident) !== null || incident.phase.name === 'dismissed'
}

export function resolvedAt({ phase }: Incident): UnixMs | null {
  if (phase.name === 'resolved') return phase.resolvedAt
  return phase.name === 'suspected' ? (phase.before?.resolvedAt ?? null) : null
}

export function whose({ domain }: Incident): string {
  return domain === null ? 'stswatch' : displayDomainName(domain)
}

/** One incident of several in a line; `title` empty where all have the same. */
export function memberLine(incident: Incident, title: string, wording: Wording): string {
  const over = isResolved(incident)
  const mark = over ? RESOLVED_MARK : MARKS[incident.worst]
  const when = over ? 'resolved' : `since ${wording.instant(incident.firstSeenAt)}`
  return display(`${mark} ${whose(incident)}${title === '' ? '' : `: ${title}`}, ${when}`, HEADLINE_MAX)
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
