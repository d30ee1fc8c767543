import type { UnixMs } from '../lib/time.ts'
import { SEVERITIES, type Severity } from '../model/finding.ts'
import type { Incident } from '../model/incident.ts'
import type { IncidentGroup, IncidentsOfPeriod, SummaryPeriod } from '../model/weekly-summary.ts'
import { describe } from './describe.ts'
import { listed } from './listed.ts'
import { riskOf } from './risk-words.ts'

const GROUPS_MAX = 20
const NAMES_MAX = 3

/** How findings are put into words. */
export interface Telling {
  readonly at: UnixMs
  readonly timezone: string
}

/** What became of the incidents of domains, or of the monitor's own. Those with the same words are told as one. */
export function incidentsOfPeriod(
  incidents: readonly Incident[],
  { startAt, endAt }: SummaryPeriod,
  telling: Telling,
): IncidentsOfPeriod {
  const isWithin = (at: UnixMs | null) => at !== null && at >= startAt && at < endAt
  const open = incidents.filter((incident) => resolvedAt(incident) === null)
  const resolved = incidents.filter((incident) => isWithin(resolvedAt(incident)))
  return {
    opened: incidents.filter((incident) => isWithin(openedAt(incident))).length,
    resolved: resolved.length,
    open: open.length,
    stillOpen: listed(
      grouped(open, telling).sort(
        (a, b) =>
          rank(b.severity) - rank(a.severity) || b.domains.total - a.domains.total || a.openedAt - b.openedAt,
      ),
      GROUPS_MAX,
    ),
    ended: listed(
      grouped(resolved, telling).sort((a, b) => (b.resolvedAt ?? 0) - (a.resolvedAt ?? 0)),
      GROUPS_MAX,
    ),
  }
}

/** When it was confirmed, of a relapse that is no more than a suspicion: when it was confirmed before. */
export function openedAt({ phase, firstSeenAt }: Incident): UnixMs {
  switch (phase.name) {
    case 'open':
    case 'recovering':
    case 'resolved':
      return phase.openedAt
    case 'suspected':
      return phase.before?.openedAt ?? firstSeenAt
    case 'dismissed':
      return firstSeenAt
  }
}

/** Null while it lasts. */
export function resolvedAt({ phase }: Incident): UnixMs | null {
  switch (phase.name) {
    case 'open':
    case 'recovering':
      return null
    case 'resolved':
      return phase.resolvedAt
    case 'suspected':
      return phase.before?.resolvedAt ?? null
    case 'dismissed':
      return phase.dismissedAt
  }
}

export function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}

function grouped(incidents: readonly Incident[], telling: Telling): IncidentGroup[] {
  const titled = incidents.map((incident) => ({
    incident,
    title: describe(incident.latest, { timezone: telling.timezone, now: telling.at }).title,
  }))
  return [...Map.groupBy(titled, ({ title, incident }) => `${incident.worst} ${title}`).values()].flatMap(
    (entries) => {
      const [first] = entries
      if (first === undefined) return []
      const same = entries.map(({ incident }) => incident)
      const lead = first.incident
      const ends = same.map(resolvedAt).filter((at) => at !== null)
      return {
        id: lead.id,
        title: first.title,
        severity: lead.worst,
        domains: listed(
          same.map(({ domain }) => domain).filter((domain) => domain !== null),
          NAMES_MAX,
        ),
        openedAt: Math.min(...same.map(openedAt)),
        resolvedAt: ends.length === same.length ? Math.max(...ends) : null,
        // Shares of several domains have no common whole.
        atRisk: same.length === 1 ? riskOf(lead.latest) : null,
      }
    },
  )
}
