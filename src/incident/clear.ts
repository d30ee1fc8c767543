import type { Incident, Phase, Transition } from '../model/incident.ts'
import { flap, isQuiet, startsToFlap, steady, told, turned } from './flapping.ts'
import { ruleOf, type Scene } from './scene.ts'

type Recovering = Extract<Phase, { name: 'recovering' }>

/** One look that was able to see the finding and did not; null when it does not count. */
export function clear(incident: Incident, scene: Scene): Transition | null {
  const { phase } = incident
  const { observedAt } = scene.judgement
  switch (phase.name) {
    case 'suspected':
      return observedAt > phase.lastSightingAt ? dismiss(incident, phase, scene) : null
    case 'open': {
      if (observedAt <= incident.latest.observedAt) return null
      return recover(
        incident,
        { ...recoveringSince(phase.openedAt), clears: 1, lastClearAt: observedAt },
        scene,
      )
    }
    case 'recovering': {
      const spacedAt = phase.lastClearAt + ruleOf(incident.latest, scene).clearSpacingMs
      if (observedAt <= phase.lastClearAt || observedAt < spacedAt) return null
      return recover(incident, { ...phase, clears: phase.clears + 1, lastClearAt: observedAt }, scene)
    }
    case 'resolved':
    case 'dismissed':
      return null
  }
}

function recoveringSince(openedAt: number): Pick<Recovering, 'name' | 'openedAt'> {
  return { name: 'recovering', openedAt }
}

/** Never told, never mentioned again; one that was resolved before is so still. */
function dismiss(
  incident: Incident,
  phase: Extract<Phase, { name: 'suspected' }>,
  { now }: Scene,
): Transition {
  const ended: Phase =
    phase.before === null ? { name: 'dismissed', dismissedAt: now } : { name: 'resolved', ...phase.before }
  return { reason: 'dismissed', at: now, incident: { ...incident, phase: ended } }
}

function recover(incident: Incident, phase: Recovering, scene: Scene): Transition | null {
  const { now } = scene
  const isClear = phase.clears >= ruleOf(incident.latest, scene).clears
  const recovering: Incident = { ...incident, phase }
  if (incident.flappingSince !== null) return recoverFlapping(incident, recovering, isClear, now)
  if (!isClear) return { reason: 'recovering', at: now, incident: recovering }
  if (startsToFlap(incident, now)) return flap(recovering, now)
  return told('resolved', turned(resolved(recovering, phase, now), now), now)
}

/** A flapping incident stays live, recovering, until it has been quiet. */
function recoverFlapping(
  before: Incident,
  after: Incident,
  isClear: boolean,
  now: number,
): Transition | null {
  const { phase } = after
  if (phase.name !== 'recovering') return null
  if (before.phase.name === 'open') return { reason: 'recovering', at: now, incident: turned(after, now) }
  if (isClear && isQuiet(before, now)) return steady(resolved(after, phase, now), now)
  return isClear ? null : { reason: 'recovering', at: now, incident: after }
}

function resolved(incident: Incident, { openedAt }: Recovering, now: number): Incident {
  return { ...incident, phase: { name: 'resolved', openedAt, resolvedAt: now } }
}
