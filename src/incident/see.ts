import { isDeepStrictEqual } from 'node:util'
import type { UnixMs } from '../lib/time.ts'
import type { Finding, FindingKey } from '../model/finding.ts'
import type { Incident, IncidentId, Phase, ThreadId, Transition } from '../model/incident.ts'
import { growsInto } from './explained.ts'
import { flap, isQuiet, startsToFlap, steady, told, turned } from './flapping.ts'
import { ruleOf, type Scene } from './scene.ts'
import { settlesAt } from './settling.ts'
import { firstSighting, isConfirmed, nextSighting } from './sightings.ts'
import { isRungLower, isSeverer, severer } from './worsening.ts'

type Open = Extract<Phase, { name: 'open' }>
type Suspected = Extract<Phase, { name: 'suspected' }>

/** The first sighting of what is not remembered. */
export function begin(key: FindingKey, finding: Finding, scene: Scene): Transition {
  const phase: Suspected = { name: 'suspected', ...firstSighting(finding.observedAt), before: null }
  const incident: Incident = {
    id: scene.tools.newId('inc') as IncidentId,
    thread: scene.tools.newId('thr') as ThreadId,
    key,
    domain: finding.domain,
    latest: finding,
    worst: finding.severity,
    firstSeenAt: finding.observedAt,
    phase,
    transitions: 0,
    recentTurnsAt: [],
    flappingSince: null,
  }
  return suspect(incident, phase, finding, scene)
}

/** A sighting of what is remembered; null when it adds nothing. */
export function see(incident: Incident, finding: Finding, scene: Scene): Transition | null {
  const { phase } = incident
  switch (phase.name) {
    case 'suspected': {
      const counted = nextSighting(phase, finding.observedAt, ruleOf(finding, scene))
      return counted && suspect(incident, { ...phase, ...counted }, finding, scene)
    }
    case 'open':
      return seeOpen(incident, phase, finding, scene)
    case 'recovering': {
      if (finding.observedAt <= phase.lastClearAt) return null
      const open: Open = { name: 'open', openedAt: phase.openedAt, rising: null }
      if (isRungLower(finding, incident.latest)) return worsen(incident, open, finding, scene.now)
      return relapse(incident, open, finding, scene.now)
    }
    case 'resolved': {
      if (finding.observedAt <= phase.resolvedAt) return null
      const before = { openedAt: phase.openedAt, resolvedAt: phase.resolvedAt }
      const again: Suspected = { name: 'suspected', ...firstSighting(finding.observedAt), before }
      return suspect(incident, again, finding, scene)
    }
    case 'dismissed':
      return null
  }
}

/** One more counted sighting of what is not open: it opens when that confirms it and nothing holds it back. */
function suspect(incident: Incident, phase: Suspected, finding: Finding, scene: Scene): Transition {
  const isNew = phase.before === null
  const unsettledUntil = settlesAt(incident.latest)
  const isSettled = unsettledUntil === null || finding.observedAt >= unsettledUntil
  if (!isConfirmed(phase, ruleOf(finding, scene)) || !isSettled || scene.tools.hold(finding)) {
    // A resolved incident keeps what was told of it until something new is, and one that settles its first sighting.
    const latest = isNew && unsettledUntil === null ? finding : incident.latest
    return { reason: 'suspected', at: scene.now, incident: { ...incident, latest, phase } }
  }
  const open: Incident = {
    ...incident,
    thread: isNew ? conversationOf(incident, finding, scene) : incident.thread,
    latest: finding,
    worst: isNew ? finding.severity : severer(incident.worst, finding.severity),
    phase: { name: 'open', openedAt: scene.now, rising: null },
  }
  return startsToFlap(incident, scene.now)
    ? flap(open, scene.now)
    : told('opened', turned(open, scene.now), scene.now)
}

/** What grew out of a milder problem goes on in its conversation; what is shared, in the shared one. */
function conversationOf(incident: Incident, finding: Finding, { remembered, tools }: Scene): ThreadId {
  const milder = remembered.find(
    ({ latest, phase }) =>
      (phase.name === 'open' || phase.name === 'recovering') && growsInto(latest, finding),
  )
  return milder?.thread ?? tools.threadFor(finding) ?? incident.thread
}

function relapse(incident: Incident, phase: Open, finding: Finding, now: UnixMs): Transition {
  const isRise = isSeverer(finding.severity, incident.latest.severity)
  const rising = isRise ? firstSighting(finding.observedAt) : null
  const open: Incident = { ...incident, phase: { ...phase, rising } }
  return { reason: 'relapsed', at: now, incident: incident.flappingSince === null ? open : turned(open, now) }
}

function seeOpen(incident: Incident, phase: Open, finding: Finding, scene: Scene): Transition | null {
  const { now } = scene
  if (isRungLower(finding, incident.latest)) return worsen(incident, phase, finding, now)
  if (isSeverer(finding.severity, incident.latest.severity)) return rise(incident, phase, finding, scene)
  if (isQuiet(incident, now)) return steady({ ...incident, phase: { ...phase, rising: null } }, now)
  if (phase.rising === null) return corroborate(incident, finding, now)
  return { reason: 'rising', at: now, incident: { ...incident, phase: { ...phase, rising: null } } }
}

/** What senders report of an open incident joins its evidence; it is no reason for a message of its own. */
function corroborate(incident: Incident, { reported }: Finding, now: UnixMs): Transition | null {
  if (reported.length === 0 || isDeepStrictEqual(reported, incident.latest.reported)) return null
  return {
    reason: 'corroborated',
    at: now,
    incident: { ...incident, latest: { ...incident.latest, reported } },
  }
}

/** One look does not make it worse either (§12.1): a rise is confirmed as the opening was. */
function rise(incident: Incident, phase: Open, finding: Finding, scene: Scene): Transition | null {
  const { observedAt } = finding
  if (observedAt <= incident.latest.observedAt) return null
  const rule = ruleOf(finding, scene)
  const rising =
    phase.rising === null ? firstSighting(observedAt) : nextSighting(phase.rising, observedAt, rule)
  if (rising === null) return null
  if (isConfirmed(rising, rule)) return worsen(incident, phase, finding, scene.now)
  return { reason: 'rising', at: scene.now, incident: { ...incident, phase: { ...phase, rising } } }
}

function worsen(incident: Incident, phase: Open, finding: Finding, now: UnixMs): Transition {
  const worst = severer(incident.worst, finding.severity)
  return told('worsened', { ...incident, latest: finding, worst, phase: { ...phase, rising: null } }, now)
}
