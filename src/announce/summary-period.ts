import type { Cron } from '../lib/cron.ts'
import { latestSlot } from '../lib/cron-slots.ts'
import { isoWeekOf, isoWeekStart, mondayOf } from '../lib/iso-week.ts'
import { DAY_MS, type UnixMs } from '../lib/time.ts'
import { endOfGap, instantsOf, wallClockMs } from '../lib/zone.ts'
import type { SummaryPeriod } from '../model/weekly-summary.ts'

/** The longest that a line which comes round at all pauses: from one 29 February to the next. */
const LONGEST_PAUSE_MS = 8 * 366 * DAY_MS

/**
 * What a summary that falls due at `slotAt` is about: from the day of the slot before to the day of this one, so that the
 * periods of a schedule follow each other without gap or overlap. A line that was never due before has the seven days before.
 */
export function periodOfSlot(cron: Cron, timezone: string, slotAt: UnixMs): SummaryPeriod {
  const before = latestSlot(cron, timezone, slotAt - LONGEST_PAUSE_MS, slotAt - 1)
  const endDayAt = dateOf(slotAt, timezone)
  const start = before === null ? endDayAt - 7 * DAY_MS : dateOf(before, timezone)
  // Two slots of one day would leave nothing in between; the configuration does not let them through.
  return period(Math.min(start, endDayAt - DAY_MS), endDayAt, timezone)
}

/** The week `2026-W47` in that zone; null when there is no such week. */
export function periodOfWeek(name: string, timezone: string): SummaryPeriod | null {
  const monday = isoWeekStart(name)
  return monday === null ? null : period(monday, monday + 7 * DAY_MS, timezone)
}

/** The last week that was over at `now`. */
export function lastWeek(now: UnixMs, timezone: string): SummaryPeriod {
  const monday = mondayOf(dateOf(now, timezone))
  return period(monday - 7 * DAY_MS, monday, timezone)
}

/** The local date of an instant, as midnight UTC of the same date. */
function dateOf(at: UnixMs, timezone: string): UnixMs {
  return Math.floor(wallClockMs(at, timezone) / DAY_MS) * DAY_MS
}

function period(firstDayAt: UnixMs, endDayAt: UnixMs, timezone: string): SummaryPeriod {
  return {
    ...named(firstDayAt, endDayAt),
    startAt: midnight(firstDayAt, timezone),
    endAt: midnight(endDayAt, timezone),
    firstDayAt,
    endDayAt,
  }
}

function named(firstDayAt: UnixMs, endDayAt: UnixMs): Pick<SummaryPeriod, 'kind' | 'name'> {
  const days = Math.round((endDayAt - firstDayAt) / DAY_MS)
  const first = dateText(firstDayAt)
  if (days === 1) return { kind: 'day', name: first }
  if (days === 7 && mondayOf(firstDayAt) === firstDayAt) return { kind: 'week', name: isoWeekOf(firstDayAt) }
  const start = new Date(firstDayAt)
  const nextMonth = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1)
  if (start.getUTCDate() === 1 && nextMonth === endDayAt) return { kind: 'month', name: first.slice(0, 7) }
  return { kind: 'days', name: `${first}/${dateText(endDayAt - DAY_MS)}` }
}

/** The first instant of a date in the zone, also where the clock jumps over midnight. */
function midnight(dayAt: UnixMs, timezone: string): UnixMs {
  return instantsOf(dayAt, timezone)[0] ?? endOfGap(dayAt, timezone)
}

function dateText(dayAt: UnixMs): string {
  return new Date(dayAt).toISOString().slice(0, 10)
}
