import { HOUR_MS, MINUTE_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { Incident, Sightings } from '../model/incident.ts'
import { CONFIRMATIONS, type ConfirmationRule } from './confirmation.ts'
import { memoryWindowMs } from './memory-window.ts'
import { settlesAt } from './settling.ts'
import { nextSightingAt } from './sightings.ts'

/**
 * How old an MX host's remembered look may be in a look that confirms (`Probe.domain`'s `maxHostAgeMs`): younger than
 * the closest spacing of any rule, or one look would count twice.
 */
export const CONFIRMING_HOST_AGE_MS = 30 * SECOND_MS

// RFC 8461 §3.3: after a failed attempt a policy is not asked for again before five minutes have passed.
const FETCH_PAUSE_MS = 5 * MINUTE_MS
/** What could not be decided for so long is left to the schedule. */
const PATIENCE_MS = HOUR_MS

/**
 * When a domain with these incidents should be looked at again so that a suspicion, a rise, a recovery or the end of
 * flapping can be decided; null when its schedule is soon enough. Asked after each look, `now` being its end: a look
 * that decided nothing is repeated after the rule's spacing, never at once, and after an hour no more.
 */
export function nextLookAt(incidents: readonly Incident[], now: UnixMs): UnixMs | null {
  const wanted = incidents.map((incident) => wantedAt(incident, now)).filter((at) => at !== null)
  if (wanted.length === 0) return null
  const earliestAt = incidents.some(isFetchFailing) ? now + FETCH_PAUSE_MS : now
  return Math.max(earliestAt, Math.min(...wanted))
}

function isFetchFailing({ latest: { code }, phase }: Incident): boolean {
  const isOfFetch = code === 'mta-sts.policy.unfetchable' || code.startsWith('policy-host.certificate.')
  return isOfFetch && phase.name !== 'resolved' && phase.name !== 'dismissed'
}

function wantedAt(incident: Incident, now: UnixMs): UnixMs | null {
  const rule = CONFIRMATIONS[incident.latest.code]
  const { phase } = incident
  switch (phase.name) {
    case 'suspected': {
      const nextAt = nextOf(phase, rule, now)
      return nextAt && Math.max(nextAt, settlesAt(incident.latest) ?? 0)
    }
    case 'open':
      return phase.rising === null ? quietAt(incident, now, rule) : nextOf(phase.rising, rule, now)
    case 'recovering':
      if (phase.clears >= rule.clears) return quietAt(incident, now, rule)
      if (now - phase.lastClearAt > PATIENCE_MS) return null
      return notBefore(phase.lastClearAt + rule.clearSpacingMs, now, rule.clearSpacingMs)
    case 'resolved':
    case 'dismissed':
      return null
  }
}

function nextOf(so: Sightings, rule: ConfirmationRule, now: UnixMs): UnixMs | null {
  if (now - so.lastSightingAt > PATIENCE_MS) return null
  return notBefore(nextSightingAt(so, rule), now, rule.sightingSpacingMs)
}

function quietAt(incident: Incident, now: UnixMs, rule: ConfirmationRule): UnixMs | null {
  const lastTurnAt = incident.recentTurnsAt.at(-1)
  if (incident.flappingSince === null || lastTurnAt === undefined) return null
  return notBefore(lastTurnAt + memoryWindowMs(incident.domain), now, rule.clearSpacingMs)
}

function notBefore(at: UnixMs, now: UnixMs, spacingMs: number): UnixMs {
  return at > now ? at : now + Math.max(spacingMs, CONFIRMING_HOST_AGE_MS)
}
