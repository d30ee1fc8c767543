/** Can we see? Judged from what answered in the last ten minutes, before anybody else is blamed (reliability §12.1). */

import { MINUTE_MS, type UnixMs } from '../lib/time.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Sight, SightProtocol, Vantage } from '../model/vantage.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { type SightOutcome, sightOutcomes } from './sight-outcomes.ts'

/**
 * The outcomes of the last ten minutes, the newest of each kind for each protocol and target: every silence, and of the
 * answers as many as can ever matter.
 */
export interface SightWindow {
  readonly targets: readonly SightOutcome[]
  readonly canaries: readonly CanaryOutcome[]
}

export interface CanaryOutcome {
  readonly protocol: SightProtocol
  readonly name: DomainName
  readonly at: UnixMs
  readonly answered: boolean
}

export const EMPTY_SIGHT: SightWindow = { targets: [], canaries: [] }

const PROTOCOLS = ['dns', 'dnssec', 'https', 'smtp'] as const
const WINDOW_MS = 10 * MINUTE_MS
/** R27: while sight is in doubt the canaries are asked every minute. */
const CANARY_PAUSE_MS = MINUTE_MS
/** Whether a resolver validates is a matter of its configuration: it does not change from one minute to the next. */
const DNSSEC_PAUSE_MS = 5 * MINUTE_MS
/** R29: so many networks silent since the last answer outweigh that answer. */
const SILENT_NETWORKS = 3
/**
 * So many answers of a kind are kept for each protocol. Only the last that stands counts. Before an older one could, all
 * of these networks would have to fall silent, and SILENT_NETWORKS of them outweigh it already; the rest is for ties.
 */
const ANSWERS_KEPT = 16

/** The window with everything that a look says about our sight. Call it before `vantage` is asked for that look. */
export function recordLook(window: SightWindow, snapshot: Snapshot, now: UnixMs): SightWindow {
  const newest = new Map<string, SightOutcome>()
  for (const outcome of [...window.targets, ...sightOutcomes(snapshot)]) {
    const key = `${outcome.protocol}|${outcome.target}|${outcome.says}`
    const known = newest.get(key)
    if (known === undefined || known.at <= outcome.at) newest.set(key, outcome)
  }
  return { ...window, targets: worthKeeping([...newest.values()].filter(({ at }) => now - at < WINDOW_MS)) }
}

function worthKeeping(outcomes: readonly SightOutcome[]): readonly SightOutcome[] {
  const silences = outcomes.filter(({ says }) => says === 'silence')
  const answers = PROTOCOLS.flatMap((protocol) => {
    const own = outcomes.filter((outcome) => outcome.protocol === protocol)
    return [newestStanding(own, 'proof'), newestStanding(own, 'hint')].flat()
  })
  return [...silences, ...answers]
}

function newestStanding(outcomes: readonly SightOutcome[], says: 'proof' | 'hint'): readonly SightOutcome[] {
  return standing(outcomes, says)
    .toSorted((one, other) => one.at - other.at)
    .slice(-ANSWERS_KEPT)
}

/** The window with what one canary did. */
export function recordCanary(window: SightWindow, outcome: CanaryOutcome, now: UnixMs): SightWindow {
  const others = window.canaries.filter(
    ({ protocol, name }) => protocol !== outcome.protocol || name !== outcome.name,
  )
  return { ...window, canaries: [...others, outcome].filter(({ at }) => now - at < WINDOW_MS) }
}

/** What we may conclude from silence now, for each protocol. */
export function vantage(window: SightWindow, now: UnixMs): Vantage {
  return {
    dns: sight(window, 'dns', now),
    dnssec: sight(window, 'dnssec', now),
    https: sight(window, 'https', now),
    smtp: sight(window, 'smtp', now),
  }
}

/**
 * Which protocols' canaries must be asked before this look can be judged: those over which it met silence (or, in the
 * DNS, nothing that only a true resolver would say) while nothing else proves that we see; for DNSSEC, when the look got
 * answers and nothing proves that such are validated. `window` holds the look.
 */
export function needsCanary(window: SightWindow, snapshot: Snapshot, now: UnixMs): readonly SightProtocol[] {
  const outcomes = sightOutcomes(snapshot)
  const doubtful = PROTOCOLS.filter((protocol) => {
    if (protocol === 'dnssec') return hasNames(outcomes) && !isProven(window, protocol, now)
    const own = outcomes.filter((outcome) => outcome.protocol === protocol)
    // One question may be lost on its way; when a look got no answer at all, proof from before it counts no more.
    const isDark = protocol === 'dns' && own.length > 0 && own.every(({ says }) => says === 'silence')
    if (own.some(({ says }) => says === 'silence')) return isDark || !isProven(window, protocol, now)
    // A resolver that began to lie a minute ago leaves all earlier proofs standing.
    const isHinted = own.length > 0 && own.every(({ says }) => says === 'hint')
    return isHinted && (!isProven(window, protocol, now) || !isProvenAfresh(window, protocol, now))
  })
  return doubtful.filter((protocol) => !wasJustAsked(window, protocol, now))
}

/** A resolver that answered nothing is not asked whether it validates. */
function hasNames(outcomes: readonly SightOutcome[]): boolean {
  return outcomes.some(({ protocol, says }) => protocol === 'dns' && says !== 'silence')
}

function isProvenAfresh({ targets }: SightWindow, protocol: SightProtocol, now: UnixMs): boolean {
  return standing(recent(targets, protocol, now), 'proof').some(({ at }) => now - at < CANARY_PAUSE_MS)
}

/** Which protocols' canaries are due again: every minute while the last ones that were asked did not show that we see. */
export function canariesDue(window: SightWindow, now: UnixMs): readonly SightProtocol[] {
  const asked = new Set(window.canaries.map(({ protocol }) => protocol))
  return [...asked].filter(
    (protocol) => !isProven(window, protocol, now) && !wasJustAsked(window, protocol, now),
  )
}

function wasJustAsked({ canaries }: SightWindow, protocol: SightProtocol, now: UnixMs): boolean {
  const pauseMs = protocol === 'dnssec' ? DNSSEC_PAUSE_MS : CANARY_PAUSE_MS
  return canaries.some((canary) => canary.protocol === protocol && now - canary.at < pauseMs)
}

function sight(window: SightWindow, protocol: SightProtocol, now: UnixMs): Sight {
  if (isProven(window, protocol, now)) return 'sees'
  const canaries = recent(window.canaries, protocol, now)
  if (canaries.length > 0 && canaries.every(({ answered }) => !answered)) return 'blind'
  // A hint is believed as long as no canary contradicts it.
  const outcomes = recent(window.targets, protocol, now)
  return outweighs(standing(outcomes, 'hint'), outcomes) ? 'sees' : 'unproven'
}

function isProven(window: SightWindow, protocol: SightProtocol, now: UnixMs): boolean {
  const outcomes = recent(window.targets, protocol, now)
  const canaries = recent(window.canaries, protocol, now)
  const answers = [...standing(outcomes, 'proof'), ...canaries.filter(({ answered }) => answered)]
  // Every canary has failed since the last answer: that answer is of another time.
  const isRefuted = canaries.length > 0 && answers.every(({ at }) => canaries.every((one) => one.at > at))
  return !isRefuted && outweighs(answers, outcomes)
}

/** Do these answers outweigh the silence that came after the last of them? */
function outweighs(answers: readonly { readonly at: UnixMs }[], outcomes: readonly SightOutcome[]): boolean {
  if (answers.length === 0) return false
  const lastAnswerAt = answers.reduce((last, { at }) => Math.max(last, at), 0)
  const silentSince = outcomes.filter(({ says, at }) => says === 'silence' && at > lastAnswerAt)
  return new Set(silentSince.map(({ target }) => target)).size < SILENT_NETWORKS
}

/** Answers of this kind from targets that have not fallen silent since: the failing target itself proves nothing. */
function standing(outcomes: readonly SightOutcome[], says: 'proof' | 'hint'): readonly SightOutcome[] {
  return outcomes.filter(
    (answer) =>
      answer.says === says &&
      !outcomes.some(
        ({ says, target, at }) => says === 'silence' && target === answer.target && at >= answer.at,
      ),
  )
}

function recent<T extends { readonly protocol: SightProtocol; readonly at: UnixMs }>(
  outcomes: readonly T[],
  protocol: SightProtocol,
  now: UnixMs,
): readonly T[] {
  return outcomes.filter((outcome) => outcome.protocol === protocol && now - outcome.at < WINDOW_MS)
}
