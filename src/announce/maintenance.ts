import type { MaintenanceWindow, WatchConfig, WatchedDomain } from '../config/watch-config.ts'
import { parseCron } from '../lib/cron.ts'
import { cronSlots } from '../lib/cron-slots.ts'
import type { UnixMs } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'

/**
 * The maintenance window in which this finding is expected at this instant; null when there is none. `code` null stands
 * for changes, which only a window that expects everything expects. A window holds from its first millisecond to just
 * before its end.
 */
export function maintenanceOf(
  code: FindingCode | null,
  domain: WatchedDomain,
  { maintenance, timezone }: Pick<WatchConfig, 'maintenance' | 'timezone'>,
  now: UnixMs,
): MaintenanceWindow | null {
  return (
    maintenance.find(
      (window) => isAbout(window, domain) && isExpected(window, code) && isOn(window, timezone, now),
    ) ?? null
  )
}

function isAbout({ domains, tags }: MaintenanceWindow, domain: WatchedDomain): boolean {
  if (domains.length === 0 && tags.length === 0) return true
  return domains.includes(domain.name) || tags.some((tag) => domain.tags.includes(tag))
}

function isExpected({ expect }: MaintenanceWindow, code: FindingCode | null): boolean {
  if (expect.length === 0) return true
  return (
    code !== null &&
    expect.some((one) => (one.endsWith('.*') ? code.startsWith(one.slice(0, -1)) : one === code))
  )
}

function isOn({ when }: MaintenanceWindow, timezone: string, now: UnixMs): boolean {
  if (when.kind === 'once') return when.from <= now && now < when.until
  const cron = parseCron(when.cron)
  if (!cron.ok) return false
  return !cronSlots(cron.value, timezone, now - when.durationMs, now).next().done
}
