import { DAY_MS, type UnixMs } from './time.ts'

const formatters = new Map<string, Intl.DateTimeFormat>()

/** True when the platform's zone data knows this IANA name. */
export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name)
    return true
  } catch {
    return false
  }
}

/** The zone's wall clock at `at`, written as if it were UTC; subtract `at` for the offset. */
export function wallClockMs(at: UnixMs, timeZone: string): number {
  if (timeZone === 'UTC') return at
  const part: Record<string, number> = {}
  for (const { type, value } of formatterOf(timeZone).formatToParts(at)) part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1000) + 1000) % 1000)
}

/**
 * The instants at which the zone's wall clock shows `wallMs` (written as if UTC): none in a gap, two in an overlap.
 */
export function instantsOf(wallMs: number, timeZone: string): readonly UnixMs[] {
  const offsets = new Set([-1.5, 1.5].map((days) => offsetMs(wallMs + days * DAY_MS, timeZone)))
  return [...offsets]
    .map((offset) => wallMs - offset)
    .filter((at) => wallClockMs(at, timeZone) === wallMs)
    .sort((a, b) => a - b)
}

/** For a wall-clock time inside a gap: the first instant after the gap. */
export function endOfGap(wallMs: number, timeZone: string): UnixMs {
  let before = wallMs - 2 * DAY_MS
  let after = wallMs + 2 * DAY_MS
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (wallClockMs(middle, timeZone) > wallMs) after = middle
    else before = middle
  }
  return after
}

function offsetMs(at: UnixMs, timeZone: string): number {
  return wallClockMs(at, timeZone) - at
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formatters.set(timeZone, made)
  return made
}
