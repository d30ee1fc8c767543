import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'

/** Instants and durations as people read them. */

/** "2026-12-07 14:05 UTC": the wall clock of the IANA zone, with the zone's short name. */
export function instantText(at: UnixMs, timezone: string): string {
  const { year, month, day, hour, minute, zone } = parts(at, timezone)
  return `${year}-${month}-${day} ${hour}:${minute} ${zone}`
}

/** "2026-12-07" in that zone. */
export function dayText(at: UnixMs, timezone: string): string {
  const { year, month, day } = parts(at, timezone)
  return `${year}-${month}-${day}`
}

/** "14:05 UTC" when it is the same day as `now`, else the whole instant. */
export function momentText(at: UnixMs, now: UnixMs, timezone: string): string {
  if (dayText(at, timezone) !== dayText(now, timezone)) return instantText(at, timezone)
  const { hour, minute, zone } = parts(at, timezone)
  return `${hour}:${minute} ${zone}`
}

const UNITS: readonly (readonly [ms: number, name: string])[] = [
  [DAY_MS, 'day'],
  [HOUR_MS, 'hour'],
  [MINUTE_MS, 'minute'],
  [SECOND_MS, 'second'],
]

/** "3 days", "1 hour": whole units, rounded down, in the largest unit of which there are two or more. */
export function durationText(ms: number): string {
  const size = Math.abs(ms)
  const unit = UNITS.find(([unitMs]) => size >= 2 * unitMs) ?? UNITS.find(([unitMs]) => size >= unitMs)
  if (unit === undefined) return 'less than a second'
  const count = Math.floor(size / unit[0])
  return `${count} ${unit[1]}${count === 1 ? '' : 's'}`
}

interface WallClock {
  readonly year: string
  readonly month: string
  readonly day: string
  readonly hour: string
  readonly minute: string
  readonly zone: string
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function parts(at: UnixMs, timezone: string): WallClock {
  const part = new Map(
    formatterOf(timezone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const text = (type: Intl.DateTimeFormatPartTypes) => part.get(type) ?? ''
  return {
    year: text('year'),
    month: text('month'),
    day: text('day'),
    hour: text('hour'),
    minute: text('minute'),
    zone: text('timeZoneName'),
  }
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  })
  formatters.set(timeZone, made)
  return made
}
