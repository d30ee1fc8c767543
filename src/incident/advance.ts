import type { UnixMs } from '../lib/time.ts'
import { type Finding, type FindingKey, findingKey, type Judgement } from '../model/finding.ts'
import type { Incident, Transition } from '../model/incident.ts'
import { clear } from './clear.ts'
import { isExplained } from './explained.ts'
import { memoryWindowMs } from './memory-window.ts'
import type { AdvanceTools, Scene } from './scene.ts'
import { begin, see } from './see.ts'
import { isUndecided } from './undecided.ts'

/**
 * What one judgement does to the incidents of its domain: at most one transition each, in the order of the findings,
 * then of what was remembered. `remembered` holds the live ones and those resolved since `rememberedSince`.
 * What is undecided stays as it is; the same judgement given twice changes nothing the second time.
 */
export function advance(
  remembered: readonly Incident[],
  judgement: Judgement,
  now: UnixMs,
  tools: AdvanceTools,
): readonly Transition[] {
  const scene: Scene = { remembered, judgement, now, tools }
  const findings = new Map(judgement.findings.map((finding) => [keyOf(finding), finding]))
  const steps: (Transition | null)[] = []
  for (const [key, finding] of findings) {
    if (isExplained(finding, judgement.findings)) continue
    const incident = continued(remembered, key, now)
    steps.push(incident === null ? begin(key, finding, scene) : see(incident, finding, scene))
  }
  for (const incident of remembered) {
    const { key, latest } = incident
    if (findings.has(key) || isUndecided(latest, judgement.undecided)) continue
    if (isExplained(latest, judgement.findings)) continue
    steps.push(clear(incident, scene))
  }
  return steps.filter((step) => step !== null)
}

function keyOf(finding: Finding): FindingKey {
  return findingKey(finding.code, finding.domain, finding.subject)
}

/** The live incident of this key, else the one resolved lately, which a new sighting continues. */
function continued(remembered: readonly Incident[], key: FindingKey, now: UnixMs): Incident | null {
  const same = remembered.filter((incident) => incident.key === key)
  return same.find(isLive) ?? same.find((incident) => isRecent(incident, now)) ?? null
}

function isLive({ phase }: Incident): boolean {
  return phase.name !== 'resolved' && phase.name !== 'dismissed'
}

function isRecent({ phase, domain }: Incident, now: UnixMs): boolean {
  return phase.name === 'resolved' && now - phase.resolvedAt < memoryWindowMs(domain)
}
