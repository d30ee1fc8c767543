import type { UnixMs } from './time.ts'
import { instantsOf } from './zone.ts'

const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?$/

/**
 * The instant of `2026-12-01T20:00` in the zone, or of the same with `Z` or an offset behind it; of a time that a clock
 * change repeats the first. Null for anything else, and for a time that the zone leaves out.
 */
export function parseMoment(text: string, timeZone: string): UnixMs | null {
  const [matched, day, time, seconds = '00', offset] = MOMENT.exec(text) ?? []
  if (matched === undefined) return null
  const wall = Date.parse(`${day}T${time}:${seconds}Z`)
  // Date.parse takes 31 February for 3 March.
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(`${day}T${time}`)) return null
  if (offset === undefined) return instantsOf(wall, timeZone)[0] ?? null
  const at = Date.parse(`${day}T${time}:${seconds}${offset}`)
  return Number.isNaN(at) ? null : at
}
