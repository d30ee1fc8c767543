/** Plays a string of looks against the incident logic: `'bad bad ? ok ok'`. */

import { advance } from '../../../src/incident/advance.ts'
import type { AdvanceTools } from '../../../src/incident/scene.ts'
import { MINUTE_MS, type UnixMs } from '../../../src/lib/time.ts'
import type { Finding, FindingCode, Judgement, Severity } from '../../../src/model/finding.ts'
import type { Incident, Transition } from '../../../src/model/incident.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'

export const START: UnixMs = Date.UTC(2026, 10, 23, 12)
export const DOMAIN = 'example.com' as DomainName

export interface PlayOptions {
  readonly code: FindingCode
  readonly stepMs: number
  readonly tools: AdvanceTools
}

/** What a world of looks leads to. */
export interface Played {
  readonly transitions: readonly Transition[]
  readonly memory: readonly Incident[]
}

export function countingTools(overrides: Partial<AdvanceTools> = {}): AdvanceTools {
  let count = 0
  return {
    newId: (prefix) => `${prefix}_${++count}`,
    threadFor: () => null,
    hold: () => false,
    resolvers: 3,
    ...overrides,
  }
}

/** Needs two sightings five minutes apart, two clears at least a minute apart. */
export const TWO_SIGHTINGS: FindingCode = 'mta-sts.record.invalid'

/** A finding whose evidence only matters where a test says so. */
export function finding(
  code: FindingCode,
  observedAt: UnixMs,
  changes: {
    readonly severity?: Severity
    readonly evidence?: object
    readonly subject?: string | null
  } = {},
): Finding {
  const domain = code.startsWith('monitor.') ? null : DOMAIN
  const plain = {
    code,
    domain,
    subject: null,
    severity: 'warning',
    observedAt,
    reported: [],
    atRisk: null,
    evidence: {},
  }
  return { ...plain, ...changes } as unknown as Finding
}

/** bad, crit: seen, as a warning or critical. rung7: a certificate on that rung. ok: gone. ?: undecided. */
export function look(word: string, code: FindingCode, at: UnixMs): Judgement {
  const domain = code.startsWith('monitor.') ? null : DOMAIN
  const because = { kind: 'dns-timeout', blame: 'path', detail: 'no answer' } as const
  switch (word) {
    case 'ok':
      return { findings: [], undecided: [], observedAt: at }
    case '?':
      return { findings: [], undecided: [{ code, domain, subject: 'any', because }], observedAt: at }
    case 'bad':
      return { findings: [finding(code, at)], undecided: [], observedAt: at }
    case 'crit':
      return { findings: [finding(code, at, { severity: 'critical' })], undecided: [], observedAt: at }
    default: {
      const evidence = { rungDays: Number(word.replace('rung', '')) }
      return { findings: [finding(code, at, { evidence })], undecided: [], observedAt: at }
    }
  }
}

/** The memory after these transitions: the newest state of each incident. */
export function remember(
  memory: readonly Incident[],
  transitions: readonly Transition[],
): readonly Incident[] {
  const byId = new Map(memory.map((incident) => [incident.id, incident]))
  for (const { incident } of transitions) byId.set(incident.id, incident)
  return [...byId.values()].filter(({ phase }) => phase.name !== 'dismissed')
}

export function play(words: string, options: Partial<PlayOptions> = {}): Played {
  const { code = TWO_SIGHTINGS, stepMs = 5 * MINUTE_MS, tools = countingTools() } = options
  let memory: readonly Incident[] = []
  const transitions: Transition[] = []
  words.split(' ').forEach((word, index) => {
    const at = START + index * stepMs
    const steps = advance(memory, look(word, code, at), at, tools)
    transitions.push(...steps)
    memory = remember(memory, steps)
  })
  return { transitions, memory }
}

const SAID = ['opened', 'worsened', 'resolved', 'flapping', 'steadied']

/** What people would hear: `'opened resolved'`. */
export function said({ transitions }: Pick<Played, 'transitions'>): string {
  return transitions
    .map(({ reason }) => reason)
    .filter((reason) => SAID.includes(reason))
    .join(' ')
}

/** Every step: `'suspected opened recovering resolved'`. */
export function lived({ transitions }: Played): string {
  return transitions.map(({ reason }) => reason).join(' ')
}
