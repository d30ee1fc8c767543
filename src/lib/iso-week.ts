import { DAY_MS, type UnixMs } from './time.ts'

const WEEK_MS = 7 * DAY_MS

/** The week of a date (midnight UTC) as ISO 8601 counts: `2026-W47`. The week belongs to the year of its Thursday. */
export function isoWeekOf(dayAt: UnixMs): string {
  const thursday = mondayOf(dayAt) + 3 * DAY_MS
  const year = new Date(thursday).getUTCFullYear()
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / WEEK_MS)
  return `${year}-W${String(week).padStart(2, '0')}`
}

/** Midnight UTC of the Monday of `2026-W47`; null when there is no such week. */
export function isoWeekStart(name: string): UnixMs | null {
  const [, year, week] = /^(\d{4})-W(\d{2})$/.exec(name) ?? []
  if (year === undefined || week === undefined) return null
  // 4 January is always in week 1.
  const monday = mondayOf(Date.UTC(Number(year), 0, 4)) + (Number(week) - 1) * WEEK_MS
  return isoWeekOf(monday) === name ? monday : null
}

/** Midnight UTC of the Monday of that date's week. */
export function mondayOf(dayAt: UnixMs): UnixMs {
  const weekday = (new Date(dayAt).getUTCDay() + 6) % 7
  return dayAt - weekday * DAY_MS
}
