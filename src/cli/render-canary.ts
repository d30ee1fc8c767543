import { DISTRUST_WORDS } from '../announce/distrust-words.ts'
import { durationText } from '../announce/text-time.ts'
import type { CanaryAddresses } from '../app/canary-addresses.ts'
import { type CanaryFate, type CanaryLimits, type CanarySight, canaryFate, tookMs } from '../check/canary.ts'
import { display } from '../lib/display.ts'
import { HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { Canary, CanaryAddress } from '../model/canary.ts'

/** Reports to ourselves, for people. */

/** Where nothing is configured: for those that are sent by hand. */
export const USUAL_LIMITS: CanaryLimits = { slowAfterMs: HOUR_MS, missingAfterMs: 4 * HOUR_MS }

/** One canary and what became of it. */
export interface CanaryRow {
  readonly address: CanaryAddress
  readonly canary: Canary
  readonly fate: CanaryFate
}

export function canaryRow(
  address: CanaryAddress,
  canary: Canary,
  {
    limits,
    sight,
    now,
  }: { readonly limits: CanaryLimits; readonly sight: CanarySight; readonly now: UnixMs },
): CanaryRow {
  return { address, canary, fate: canaryFate(canary, limits, sight, now) }
}

export const FATE_WORDS: Readonly<Record<CanaryFate, string>> = {
  'under-way': 'under way',
  unknown: 'not looked for',
  arrived: 'arrived',
  slow: 'arrived late',
  unverified: 'arrived, does not count',
  missing: 'missing',
  undelivered: 'not taken',
}

/** How long it was on its way; empty while it is, and for an endpoint, which says so itself. */
export function tookText(canary: Canary): string {
  const ms = tookMs(canary)
  return ms === null ? '' : durationText(ms)
}

/** What is to be known beside its fate. */
export function canaryNote({ note, arrival }: Canary): string {
  if (arrival?.authenticity.trust === 'unverified') {
    const { because, detail } = arrival.authenticity
    return `${DISTRUST_WORDS[because].reason} In detail: ${display(detail, 200)}`
  }
  return display(note ?? '', 300)
}

/** Addresses that are published and to which none is sent, a line each. */
export function untriedLines({ others }: CanaryAddresses): readonly string[] {
  return others.map(
    ({ rua, domains }) =>
      `${display(rua, 120)} (${domains.slice(0, 5).join(', ')}): not tried, it seems to be somebody else's; if its mail comes into your mailbox, name it under \`reports.canary_addresses\``,
  )
}

/** As `--json` has it. */
export function canaryJson({ address, canary, fate }: CanaryRow): object {
  const { reportId, slotAt, state, attempts, settledAt, note, arrival } = canary
  return {
    rua: address.rua,
    domains: address.domains,
    fate,
    slotAt: instant(slotAt),
    reportId,
    state,
    attempts,
    settledAt: instant(settledAt),
    note,
    arrivedAt: instant(arrival?.at ?? null),
    tookMs: tookMs(canary),
    authenticity: arrival?.authenticity ?? null,
  }
}

function instant(at: UnixMs | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
