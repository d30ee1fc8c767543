/** What became of TLS reports to ourselves, and what follows: would the reports of others reach us? */

import { HOUR_MS, type UnixMs } from '../lib/time.ts'
import { type Canary, type CanaryAddress, isPosted } from '../model/canary.ts'
import type { Fault } from '../model/fault.ts'
import type { Evidence, Finding, FindingCode, Undecided } from '../model/finding.ts'

/** What decides about them, besides themselves. */
export interface CanaryState {
  readonly addresses: readonly CanaryAddress[]
  /** Those to these addresses, of each the newest first. */
  readonly canaries: readonly Canary[]
  readonly limits: CanaryLimits
  readonly sight: CanarySight
}

/** Of the way from the hand-over into the mailbox. */
export interface CanaryLimits {
  readonly slowAfterMs: number
  readonly missingAfterMs: number
}

/** How far the mailbox is read: what we have not looked for is not missing. */
export interface CanarySight {
  /** When it was last read to its end; null: not since the start. */
  readonly readAt: UnixMs | null
  /** Mails wait in it for the key of their signature: the canary may be one of them. */
  readonly hasUnjudgedMail: boolean
  /** Our own reports are held back for a fault of ours, which is told as such. */
  readonly isHeld: boolean
}

/**
 * under-way: its time is not over. unknown: it is, and we could not see what became of it. undelivered: nobody took it.
 * missing: somebody took it, and it is not in the mailbox.
 */
export type CanaryFate =
  | 'under-way'
  | 'unknown'
  | 'arrived'
  | 'slow'
  | 'unverified'
  | 'missing'
  | 'undelivered'

const CODES = [
  'monitor.canary.undelivered',
  'monitor.canary.missing',
  'monitor.canary.unverified',
  'monitor.canary.slow',
] as const satisfies readonly FindingCode[]

/** So long a canary may wait for somebody who takes it: a queue or a greylist needs no longer. */
const UNDELIVERED_AFTER_MS = 4 * HOUR_MS

/** What became of one canary. */
export function canaryFate(
  canary: Canary,
  limits: CanaryLimits,
  sight: CanarySight,
  now: UnixMs,
): CanaryFate {
  const { state, arrival, settledAt, firstTriedAt } = canary
  if (arrival !== null) {
    if (arrival.authenticity.trust === 'unverified') return 'unverified'
    return (tookMs(canary) ?? 0) > limits.slowAfterMs ? 'slow' : 'arrived'
  }
  if (state === 'sent') {
    if (isPosted(canary)) return 'arrived'
    const dueAt = (settledAt ?? now) + limits.missingAfterMs
    if (now < dueAt) return 'under-way'
    const isLookedFor = sight.readAt !== null && sight.readAt >= dueAt && !sight.hasUnjudgedMail
    return isLookedFor ? 'missing' : 'unknown'
  }
  const isTriedLong = firstTriedAt !== null && now - firstTriedAt >= UNDELIVERED_AFTER_MS
  if (state !== 'given-up' && !isTriedLong) return 'under-way'
  return sight.isHeld ? 'unknown' : 'undelivered'
}

/** From the hand-over, or the first attempt at it, into the mailbox; null: not there. Clocks differ: never below zero. */
export function tookMs({ arrival, settledAt, firstTriedAt }: Canary): number | null {
  const fromAt = settledAt ?? firstTriedAt
  return arrival === null || fromAt === null ? null : Math.max(0, arrival.at - fromAt)
}

/** One finding an address at most, by the newest canary whose time is over; undecided when nobody could see what became of it. */
export function judgeCanaries(state: CanaryState, now: UnixMs): readonly (Finding | Undecided)[] {
  const byRua = Map.groupBy(state.canaries, ({ rua }) => rua)
  return state.addresses.flatMap((address) => judgeAddress(address, byRua.get(address.rua) ?? [], state, now))
}

function judgeAddress(
  address: CanaryAddress,
  canaries: readonly Canary[],
  { limits, sight }: CanaryState,
  now: UnixMs,
): readonly (Finding | Undecided)[] {
  for (const canary of canaries) {
    const fate = canaryFate(canary, limits, sight, now)
    if (fate === 'under-way') continue
    if (fate === 'unknown') break
    return fate === 'arrived' ? [] : [finding(fate, canary, address, { canaries, limits, now })]
  }
  return CODES.map((code) => undecided(code, address.rua))
}

interface Around {
  readonly canaries: readonly Canary[]
  readonly limits: CanaryLimits
  readonly now: UnixMs
}

function finding(
  fate: Exclude<CanaryFate, 'under-way' | 'unknown' | 'arrived'>,
  canary: Canary,
  { rua, domains }: CanaryAddress,
  { canaries, limits, now }: Around,
): Finding {
  const about = { domain: null, subject: rua, observedAt: now, reported: [], atRisk: null } as const
  const evidence = { rua, domains, lastArrivedAt: lastArrivedAt(canaries) }
  const hop = canary.note ?? ''
  const sentAt = canary.settledAt ?? canary.firstTriedAt ?? canary.slotAt
  switch (fate) {
    case 'undelivered':
      return {
        ...about,
        code: 'monitor.canary.undelivered',
        severity: 'warning',
        evidence: { ...evidence, said: hop, sinceAt: canary.firstTriedAt ?? canary.slotAt },
      }
    case 'missing': {
      const limitMs = limits.missingAfterMs
      const { reportId } = canary
      const code = 'monitor.canary.missing'
      return {
        ...about,
        code,
        severity: 'warning',
        evidence: { ...evidence, hop, sentAt, reportId, limitMs },
      }
    }
    case 'slow': {
      const took = { tookMs: tookMs(canary) ?? 0, limitMs: limits.slowAfterMs }
      return {
        ...about,
        code: 'monitor.canary.slow',
        severity: 'info',
        evidence: { ...evidence, hop, sentAt, ...took },
      }
    }
    case 'unverified':
      return {
        ...about,
        code: 'monitor.canary.unverified',
        severity: 'warning',
        evidence: { ...evidence, hop, sentAt, ...distrust(canary) },
      }
  }
}

function distrust({ arrival }: Canary): Pick<Evidence['monitor.canary.unverified'], 'because' | 'detail'> {
  const authenticity = arrival?.authenticity
  if (authenticity?.trust !== 'unverified') throw new Error('a canary that is verified is not distrusted')
  return { because: authenticity.because, detail: authenticity.detail }
}

function lastArrivedAt(canaries: readonly Canary[]): UnixMs | null {
  const arrivals = canaries.flatMap((canary) => {
    if (canary.arrival !== null) return canary.arrival.at
    return canary.state === 'sent' && isPosted(canary) && canary.settledAt !== null ? canary.settledAt : []
  })
  return arrivals.length === 0 ? null : Math.max(...arrivals)
}

function undecided(code: FindingCode, subject: string): Undecided {
  const because: Fault = {
    kind: 'internal',
    blame: 'local',
    detail: 'of no canary it is known yet what became of it',
  }
  return { code, domain: null, subject, because }
}
