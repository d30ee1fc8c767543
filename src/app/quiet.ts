import { maintenanceOf } from '../announce/maintenance.ts'
import type { WatchConfig, WatchedDomain } from '../config/watch-config.ts'
import { silenceOf } from '../incident/silence.ts'
import type { UnixMs } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import type { Silence } from '../model/silence.ts'

export type Quiet = (code: FindingCode | null, domain: WatchedDomain | null) => string | null

/** What keeps a finding quiet now, in words: a silence before a maintenance window; null when nothing does. */
export function quietNow(
  silences: readonly Silence[],
  config: Pick<WatchConfig, 'maintenance' | 'timezone'>,
  now: UnixMs,
): Quiet {
  return (code, domain) => {
    const target = { code, domain: domain?.name ?? null, tags: domain?.tags ?? [] }
    const silence = silenceOf(target, silences, now)
    if (silence !== null) {
      const reason = silence.reason === null ? '' : `: ${silence.reason}`
      return `the silence ${silence.pattern} of ${silence.by}${reason}`
    }
    const window = domain === null ? null : maintenanceOf(code, domain, config, now)
    return window === null ? null : `the maintenance window ${window.name}`
  }
}
