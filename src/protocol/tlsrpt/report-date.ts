import { DAY_MS, SECOND_MS, type UnixMs } from '../../lib/time.ts'

export type DateReading =
  | { readonly at: UnixMs; readonly deviation: 'date-format' | 'date-no-zone' | null }
  | { readonly at: null; readonly deviation: 'date-format' }

const UNREADABLE: DateReading = { at: null, deviation: 'date-format' }
const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:([Tt ])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(?: ?(Z|z|UTC|GMT|[+-]\d\d:?\d\d))?$/

/**
 * Reads a date-time of a report: RFC 3339 §5.6, and what senders write instead. A bare date means its first second as a
 * start and its last as an end; Unix time is understood in seconds and milliseconds.
 */
export function readReportDate(text: string, role: 'start' | 'end'): DateReading {
  if (/^\d{9,10}$/.test(text)) return { at: Number(text) * SECOND_MS, deviation: 'date-format' }
  if (/^\d{12,13}$/.test(text)) return { at: Number(text), deviation: 'date-format' }
  const match = text.length > 64 ? null : DATE_TIME.exec(text)
  if (match === null) return UNREADABLE
  const [, year, month, day, separator, hour, minute, second, fraction = '', zone] = match
  const midnight = utcDay(Number(year), Number(month), Number(day))
  if (midnight === null) return UNREADABLE
  if (hour === undefined) {
    return { at: role === 'start' ? midnight : midnight + DAY_MS - SECOND_MS, deviation: 'date-format' }
  }
  const time = timeOfDay(Number(hour), Number(minute), Number(second ?? 0))
  const offset = offsetMs(zone)
  if (time === null || offset === null) return UNREADABLE
  const at = midnight + time + Number(`${fraction}000`.slice(0, 3)) - offset
  const isStrict = separator !== ' ' && second !== undefined && hour !== '24'
  if (zone === undefined) return { at, deviation: isStrict ? 'date-no-zone' : 'date-format' }
  return { at, deviation: isStrict && /^(?:[Zz]|.\d\d:\d\d)$/.test(zone) ? null : 'date-format' }
}

/** Null for a day that no calendar has, and for years before there were reports to date. */
function utcDay(year: number, month: number, day: number): UnixMs | null {
  const at = Date.UTC(year, month - 1, day)
  const date = new Date(at)
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return exists && at >= 0 ? at : null
}

// 24:00:00 is not RFC 3339, but what RFC 8460 §4.1 calls the end of a day; :60 is a leap second.
function timeOfDay(hour: number, minute: number, second: number): number | null {
  const isEndOfDay = hour === 24 && minute === 0 && second === 0
  if ((hour > 23 && !isEndOfDay) || minute > 59 || second > 60) return null
  return ((hour * 60 + minute) * 60 + second) * SECOND_MS
}

function offsetMs(zone: string | undefined): number | null {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(-2))
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60 * SECOND_MS
}

/**
 * The UTC days that a report is about, first and last, as `2026-01-10`. An end at midnight is the end of the day before
 * (RFC 8460 §4.1: a report covers 00:00 to 24:00).
 */
export function reportDays(
  startAt: UnixMs,
  endAt: UnixMs,
): { readonly first: string; readonly last: string } {
  const lastAt = endAt > startAt && endAt % DAY_MS === 0 ? endAt - 1 : endAt
  return { first: dayOf(startAt), last: dayOf(lastAt) }
}

function dayOf(at: UnixMs): string {
  return new Date(at).toISOString().slice(0, 10)
}
