import { DAY_MS, HOUR_MS, MINUTE_MS } from './time.ts'

const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS }

/** `90m`, `2h`, `1d` or `1h30m` in milliseconds; null for anything else, and for nothing at all (`0m`). */
export function parseDuration(text: string): number | null {
  if (!/^(?:\d{1,6}[mhd]){1,3}$/.test(text)) return null
  const parts = [...text.matchAll(/(\d+)([mhd])/g)]
  const units = parts.map(([, , unit]) => unit)
  if (new Set(units).size !== units.length) return null
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0)
  return ms > 0 ? ms : null
}
