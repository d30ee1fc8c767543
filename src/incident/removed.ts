import type { UnixMs } from '../lib/time.ts'
import type { Incident, Transition } from '../model/incident.ts'

/**
 * Closes quietly what is no longer watched: incidents of domains taken out of watch.yaml, or of codes now ignored.
 * `live` are all live incidents; `isWatched` says whether one is still asked for. The monitor's own always are.
 */
export function closeUnwatched(
  live: readonly Incident[],
  isWatched: (incident: Incident) => boolean,
  now: UnixMs,
): readonly Transition[] {
  return live
    .filter((incident) => incident.domain !== null && !isWatched(incident))
    .map((incident) => ({
      reason: 'dismissed',
      at: now,
      incident: { ...incident, phase: { name: 'dismissed', dismissedAt: now } },
    }))
}
