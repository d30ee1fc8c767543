import type { Cron } from './cron.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from './time.ts'
import { endOfGap, instantsOf, wallClockMs } from './zone.ts'

/**
 * Every instant in (after, until] at which the line is due in the zone, ascending. A time that a clock change skips is
 * due at the first instant after the gap, a time that it repeats is due once; a line for every hour keeps its rhythm
 * through both hours of an overlap (reliability R14; node-cron alone drops the first and pauses in the last).
 */
export function* cronSlots(cron: Cron, timeZone: string, after: UnixMs, until: UnixMs): Generator<UnixMs> {
  const everyHour = cron.hours.length === 24
  let last = after
  const lastDay = startOfDay(wallClockMs(until, timeZone)) + DAY_MS
  for (let day = startOfDay(wallClockMs(after, timeZone)) - DAY_MS; day <= lastDay; day += DAY_MS) {
    if (!matchesDay(cron, day)) continue
    for (const slot of slotsOfDay(cron, day, timeZone, everyHour)) {
      if (slot > until) return
      if (slot > last) {
        last = slot
        yield slot
      }
    }
  }
}

/** The newest slot in (after, until], or null: what is to be made up for after a pause (R15). */
export function latestSlot(cron: Cron, timeZone: string, after: UnixMs, until: UnixMs): UnixMs | null {
  // A year-long pause would list many slots; the newest lies in the last stretch that has one at all.
  for (let span = HOUR_MS; ; span *= 4) {
    const from = Math.max(after, until - span)
    let newest: UnixMs | null = null
    for (const slot of cronSlots(cron, timeZone, from, until)) newest = slot
    if (newest !== null || from === after) return newest
  }
}

/** The next slot after `after`, looking four years ahead (29 February); null when the line never comes round. */
export function nextSlot(cron: Cron, timeZone: string, after: UnixMs): UnixMs | null {
  for (const slot of cronSlots(cron, timeZone, after, after + 4 * 366 * DAY_MS)) return slot
  return null
}

/** The first two slots within 400 days after `from` that are less than `gapMs` apart; null when there are none (R17). */
export function firstTooClose(
  cron: Cron,
  timeZone: string,
  from: UnixMs,
  gapMs: number,
): readonly [UnixMs, UnixMs] | null {
  let previous: UnixMs | null = null
  for (const slot of cronSlots(cron, timeZone, from, from + 400 * DAY_MS)) {
    if (previous !== null && slot - previous < gapMs) return [previous, slot]
    previous = slot
  }
  return null
}

function slotsOfDay(cron: Cron, day: number, timeZone: string, everyHour: boolean): readonly UnixMs[] {
  const walls = cron.hours.flatMap((hour) =>
    cron.minutes.map((minute) => day + hour * HOUR_MS + minute * MINUTE_MS),
  )
  const offset = day - (instantsOf(day, timeZone)[0] ?? Number.NaN)
  const dayEnd = day + DAY_MS - MINUTE_MS
  if (offset === dayEnd - (instantsOf(dayEnd, timeZone).at(-1) ?? Number.NaN))
    return walls.map((wall) => wall - offset)
  return walls
    .flatMap((wall) => {
      const instants = instantsOf(wall, timeZone)
      if (instants.length === 0) return everyHour ? [] : [endOfGap(wall, timeZone)]
      return everyHour ? instants : instants.slice(0, 1)
    })
    .sort((a, b) => a - b)
}

function matchesDay(cron: Cron, day: number): boolean {
  const date = new Date(day)
  return (
    cron.months.has(date.getUTCMonth() + 1) &&
    cron.daysOfMonth.has(date.getUTCDate()) &&
    cron.daysOfWeek.has(date.getUTCDay())
  )
}

function startOfDay(wallMs: number): number {
  return Math.floor(wallMs / DAY_MS) * DAY_MS
}
