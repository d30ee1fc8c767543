import type { UnixMs } from '../lib/time.ts'
import type { Finding } from '../model/finding.ts'
import type { OwnSighting, OwnView } from '../model/report-window.ts'
import {
  explainsFailure,
  type FailureKind,
  isAtMxHost,
  isOfDane,
  ownCodesOf,
} from '../model/reported-cause.ts'
import { daneView } from './dane-view.ts'
import type { Facts } from './facts.ts'
import { dayEnd } from './reported-days.ts'
import type { Verdict } from './verdict.ts'

/**
 * What this look says of a kind of failure. bad: it finds the same. clean: it would have found it. gone: the host takes
 * no more mail of the domain. unseen: it could not tell. unseeable: no look can see this kind.
 */
export type OwnLook = 'bad' | 'clean' | 'gone' | 'unseen' | 'unseeable'

/** `own`: what the other checks make of the same snapshot. */
export function ownLook(kind: FailureKind, facts: Facts, own: Verdict): OwnLook {
  const codes = ownCodesOf(kind.resultType)
  if (codes.length === 0 || (isOfDane(kind.resultType) && facts.domain.dane === 'ignore')) return 'unseeable'
  if (ownFindingOf(kind, own) !== null || lacksDane(kind, facts)) return 'bad'
  const { mx, hosts } = facts.snapshot
  const isAtHost = kind.mx !== null && codes.every(isAtMxHost)
  if (isAtHost && mx.outcome === 'seen' && !hosts.some(({ name }) => name === kind.mx)) return 'gone'
  const isUntold = own.undecided.some(
    ({ code, subject }) =>
      codes.includes(code) &&
      (subject === 'any' || subject === null || explainsFailure({ code, subject }, kind)),
  )
  return isUntold ? 'unseen' : 'clean'
}

/** A sender demands DANE; that there is none is no trouble of ours to tell, unless the domain says that it must be. */
function lacksDane({ resultType, mx }: FailureKind, facts: Facts): boolean {
  if (resultType !== 'dane-required') return false
  const meant = facts.snapshot.hosts.filter(({ name }) => mx === null || name === mx)
  return meant.some((host) => daneView(facts, host).kind === 'none')
}

/** Our own finding of the same problem; null: none. */
export function ownFindingOf(kind: FailureKind, { findings }: Verdict): Finding | null {
  return findings.find((finding) => explainsFailure(finding, kind)) ?? null
}

/** What our own looks of that day, and since, say about a failure reported of it. */
export function ownView(kind: FailureKind, dayAt: UnixMs, facts: Facts, look: OwnLook): OwnView {
  const { ownSightings, firstLookAt } = facts.reports
  const sightings = ownSightings.filter((own) => explainsFailure(own, kind) && touches(own, dayAt))
  if (look === 'bad' || sightings.some(({ endedAt }) => endedAt === null)) return 'confirmed'
  if (sightings.length > 0) return 'fixed-since'
  const hasLooked = firstLookAt !== null && firstLookAt < dayEnd(dayAt)
  return hasLooked && look === 'clean' ? 'not-reproduced' : 'unknown'
}

function touches({ firstSeenAt, endedAt }: OwnSighting, dayAt: UnixMs): boolean {
  return firstSeenAt < dayEnd(dayAt) && (endedAt === null || endedAt >= dayAt)
}
