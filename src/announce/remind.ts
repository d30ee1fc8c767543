import type { WatchConfig, WatchedDomain } from '../config/watch-config.ts'
import type { NewId } from '../lib/id.ts'
import { sha256 } from '../lib/sha256.ts'
import { DAY_MS, HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { Incident } from '../model/incident.ts'
import type { Notification, NotificationId } from '../model/notification.ts'
import { routeIncident } from './route.ts'

/** R71: critical every four hours in the first day, then once a day; a warning every three days; information never. */
const CRITICAL_FIRST_DAY_MS = 4 * HOUR_MS
const WARNING_MS = 72 * HOUR_MS

/**
 * The newest instant up to `now` at which an incident that is still open is reminded of, counted from its opening; null
 * before the first, for information, while it recovers or comes and goes, and for a certificate that runs out: that is
 * told anew at each rung of its ladder.
 */
export function reminderAt({ phase, latest, flappingSince }: Incident, now: UnixMs): UnixMs | null {
  if (phase.name !== 'open' || flappingSince !== null || 'rungDays' in latest.evidence) return null
  const age = now - phase.openedAt
  const every = intervalMs(latest.severity, age)
  if (every === null || age < every) return null
  return phase.openedAt + Math.floor(age / every) * every
}

function intervalMs(severity: Incident['worst'], age: number): number | null {
  switch (severity) {
    case 'critical':
      return age < DAY_MS ? CRITICAL_FIRST_DAY_MS : DAY_MS
    case 'warning':
      return WARNING_MS
    case 'info':
      return null
  }
}

/** One reminder for each channel that the incident is told in. Its key holds the instant: asking twice makes it once. */
export function remind(
  incident: Incident,
  at: UnixMs,
  domain: WatchedDomain | null,
  config: Pick<WatchConfig, 'channels'>,
  { now, newId }: { readonly now: UnixMs; readonly newId: NewId },
): readonly Notification[] {
  return routeIncident(incident, domain, config).map(({ channel, to }) => ({
    id: newId('ntf') as NotificationId,
    channel,
    thread: incident.thread,
    createdAt: now,
    notBefore: now,
    dedupeKey: sha256(JSON.stringify([channel, to, incident.id, incident.transitions, 'reminder', at])),
    severity: incident.latest.severity,
    held: null,
    content: { kind: 'incident', reason: 'reminder', incident, at: now },
  }))
}
