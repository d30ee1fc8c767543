import { DAY_MS, MINUTE_MS, type UnixMs } from '../lib/time.ts'

/** Fewer say nothing about a habit. */
const ENOUGH = 3

/**
 * When in the UTC day reports usually arrive: minutes after midnight that half of them came before and half after, the
 * day being cut where it is emptiest. Null when there are fewer than three.
 */
export function usualMinute(arrivals: readonly UnixMs[]): number | null {
  if (arrivals.length < ENOUGH) return null
  const minutes = arrivals.map((at) => Math.floor((at % DAY_MS) / MINUTE_MS)).sort((a, b) => a - b)
  const start = afterWidestGap(minutes)
  const middle = minutes[(start + Math.floor(minutes.length / 2)) % minutes.length]
  return middle ?? null
}

/** "03:10 UTC" */
export function minuteText(minute: number): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)} UTC`
}

/** The index that follows the longest time without arrivals, midnight being no border. */
function afterWidestGap(minutes: readonly number[]): number {
  const last = (minutes.at(-1) ?? 0) - DAY_MS / MINUTE_MS
  const gaps = minutes.map((minute, index) => minute - (minutes[index - 1] ?? last))
  return gaps.indexOf(Math.max(...gaps))
}
