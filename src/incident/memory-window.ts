import { DAY_MS, HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/**
 * How long an ended incident of this domain (null: the monitor) is remembered: what is seen again within it is the
 * same incident, and turns within it count towards flapping. A day for the monitor's own (R84), six hours for others.
 */
export function memoryWindowMs(domain: DomainName | null): number {
  return domain === null ? DAY_MS : 6 * HOUR_MS
}

/** From when on resolved incidents must be handed to `advance`. */
export function rememberedSince(domain: DomainName | null, now: UnixMs): UnixMs {
  return now - memoryWindowMs(domain)
}
