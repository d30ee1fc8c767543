import type { UnixMs } from '../lib/time.ts'
import type { Incident, Transition } from '../model/incident.ts'
import { memoryWindowMs } from './memory-window.ts'

/**
 * R37: the fourth turn (opening or resolution) within six hours is told as "flapping" and nothing more is told until
 * six quiet hours have passed; so nobody hears of one problem more than four times in any six hours.
 * R84: the monitor's own incidents open once within 24 hours; the second opening, its third turn, is told as flapping.
 */
const FLAPPING_TURN = { ofDomain: 4, ofMonitor: 3 }

/** Would one more turn now make it flap? */
export function startsToFlap(incident: Incident, now: UnixMs): boolean {
  const limit = incident.domain === null ? FLAPPING_TURN.ofMonitor : FLAPPING_TURN.ofDomain
  return recentTurns(incident, now).length + 1 >= limit
}

/** The one notice that it flaps; `after` is the state that the turn led to, still live. */
export function flap(after: Incident, now: UnixMs): Transition {
  return told('flapping', turned({ ...after, flappingSince: now }, now), now)
}

/** Has a flapping incident been quiet for so long that its state can be told? */
export function isQuiet(incident: Incident, now: UnixMs): boolean {
  return incident.flappingSince !== null && recentTurns(incident, now).length === 0
}

/** The state a flapping incident came to rest in. The message counts as a turn, so that the next ones are fewer. */
export function steady(atRest: Incident, now: UnixMs): Transition {
  return told('steadied', turned({ ...atRest, flappingSince: null }, now), now)
}

/** The incident with one more turn noted, and those that no longer matter forgotten. */
export function turned(incident: Incident, now: UnixMs): Incident {
  return { ...incident, recentTurnsAt: [...recentTurns(incident, now), now] }
}

/** A transition that people hear of. */
export function told(reason: Transition['reason'], after: Incident, at: UnixMs): Transition {
  return { reason, at, incident: { ...after, transitions: after.transitions + 1 } }
}

function recentTurns({ recentTurnsAt, domain }: Incident, now: UnixMs): readonly UnixMs[] {
  return recentTurnsAt.filter((at) => now - at < memoryWindowMs(domain))
}
