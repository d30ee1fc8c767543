import { HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { Sightings } from '../model/incident.ts'
import type { ConfirmationRule } from './confirmation.ts'

/** The first of perhaps several observations that agree. */
export function firstSighting(observedAt: UnixMs): Sightings {
  return { sightings: 1, firstSightingAt: observedAt, lastSightingAt: observedAt }
}

/**
 * What chance can feign must be seen three times; confirming looks come within the hour. Sightings further apart, with
 * looks between them that could not see, are so many chances: the count begins anew.
 */
const STALE_MS = 2 * HOUR_MS
const CHANCE_SIGHTINGS = 3

/** One more, the first of a new count when the last is long past, or null when this observation is too close to the last one (or the very same) and does not count. */
export function nextSighting(so: Sightings, observedAt: UnixMs, rule: ConfirmationRule): Sightings | null {
  const isByChance = rule.sightings >= CHANCE_SIGHTINGS && observedAt - so.lastSightingAt > STALE_MS
  if (isByChance) return firstSighting(observedAt)
  const earliestAt = so.lastSightingAt + rule.sightingSpacingMs
  if (observedAt < earliestAt || observedAt <= so.lastSightingAt) return null
  return { ...so, sightings: so.sightings + 1, lastSightingAt: observedAt }
}

export function isConfirmed(so: Sightings, rule: ConfirmationRule): boolean {
  return so.sightings >= rule.sightings && so.lastSightingAt - so.firstSightingAt >= rule.sightingSpanMs
}

/** The earliest instant at which a further sighting counts, so that the last one also completes the span. */
export function nextSightingAt(so: Sightings, rule: ConfirmationRule): UnixMs {
  const spacedAt = so.lastSightingAt + rule.sightingSpacingMs
  const last = so.sightings >= rule.sightings - 1
  return last ? Math.max(spacedAt, so.firstSightingAt + rule.sightingSpanMs) : spacedAt
}
