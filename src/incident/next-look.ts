import { SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { Incident } from '../model/incident.ts'
import { CONFIRMATIONS, type ConfirmationRule } from './confirmation.ts'
import { memoryWindowMs } from './memory-window.ts'
import { nextSightingAt } from './sightings.ts'

/**
 * How old an MX host's remembered look may be in a look that confirms (`Probe.domain`'s `maxHostAgeMs`): younger than
 * the closest spacing of any rule, or one look would count twice.
 */
export const CONFIRMING_HOST_AGE_MS = 30 * SECOND_MS

/**
 * When a domain with these incidents should be looked at again so that a suspicion, a rise, a recovery or the end of
 * flapping can be decided; null when its schedule is soon enough. Asked after each look, `now` being its end: a look
 * that decided nothing is repeated after the rule's spacing, never at once (RFC 8461 §3.3: policies after 5 minutes).
 */
export function nextLookAt(incidents: readonly Incident[], now: UnixMs): UnixMs | null {
  const wanted = incidents.map((incident) => wantedAt(incident, now)).filter((at) => at !== null)
  return wanted.length === 0 ? null : Math.min(...wanted)
}

function wantedAt(incident: Incident, now: UnixMs): UnixMs | null {
  const rule = CONFIRMATIONS[incident.latest.code]
  const { phase } = incident
  switch (phase.name) {
    case 'suspected':
      return notBefore(nextSightingAt(phase, rule), now, rule.sightingSpacingMs)
    case 'open':
      if (phase.rising === null) return quietAt(incident, now, rule)
      return notBefore(nextSightingAt(phase.rising, rule), now, rule.sightingSpacingMs)
    case 'recovering':
      if (phase.clears >= rule.clears) return quietAt(incident, now, rule)
      return notBefore(phase.lastClearAt + rule.clearSpacingMs, now, rule.clearSpacingMs)
    case 'resolved':
    case 'dismissed':
      return null
  }
}

function quietAt(incident: Incident, now: UnixMs, rule: ConfirmationRule): UnixMs | null {
  const lastTurnAt = incident.recentTurnsAt.at(-1)
  if (incident.flappingSince === null || lastTurnAt === undefined) return null
  return notBefore(lastTurnAt + memoryWindowMs(incident.domain), now, rule.clearSpacingMs)
}

function notBefore(at: UnixMs, now: UnixMs, spacingMs: number): UnixMs {
  return at > now ? at : now + Math.max(spacingMs, CONFIRMING_HOST_AGE_MS)
}
