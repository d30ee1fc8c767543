import type { ChannelConfig, WatchConfig, WatchedDomain } from '../config/watch-config.ts'
import { SEVERITIES, type Severity } from '../model/finding.ts'
import type { Incident } from '../model/incident.ts'
import type { ChannelId } from '../model/notification.ts'

/** One channel that will be told, and where it leads (part of what makes a notification unique). */
export interface Destination {
  readonly channel: ChannelId
  readonly to: string
}

/** The terminal: tells everything as long as no channel is configured. */
export const CONSOLE: Destination = { channel: 'console' as ChannelId, to: 'console' }

/** The channels of a domain that want to hear of this severity; the terminal when none is configured at all. */
export function routeDomain(
  domain: WatchedDomain,
  severity: Severity,
  config: Pick<WatchConfig, 'channels'>,
): readonly Destination[] {
  if (config.channels.size === 0) return [CONSOLE]
  return domain.channels.flatMap((id) => {
    const channel = config.channels.get(id)
    return channel !== undefined && accepts(channel, severity) ? [destination(id, channel)] : []
  })
}

/** By the worst it ever was: who has heard of an incident hears the end of it. `domain` null: the monitor's own. */
export function routeIncident(
  { latest, worst }: Incident,
  domain: WatchedDomain | null,
  config: Pick<WatchConfig, 'channels'>,
): readonly Destination[] {
  if (domain !== null) return routeDomain(domain, worst, config)
  return routeMonitor(worst, config, latest.code === 'monitor.channel.failing' ? latest.subject : null)
}

/**
 * Where the monitor's own trouble is told: every configured channel that wants to hear of this severity, and all of
 * them rather than none. `failing` is left out when another channel can tell of it; null when all work.
 */
export function routeMonitor(
  severity: Severity,
  config: Pick<WatchConfig, 'channels'>,
  failing: string | null,
): readonly Destination[] {
  if (config.channels.size === 0) return [CONSOLE]
  const all = [...config.channels]
  const working = all.filter(([id]) => id !== failing)
  const able = working.length > 0 ? working : all
  const willing = able.filter(([, channel]) => accepts(channel, severity))
  return (willing.length > 0 ? willing : able).map(([id, channel]) => destination(id, channel))
}

/** Where a summary goes: to these channels, whatever severities they want to hear of. */
export function routeSummary(
  channels: readonly ChannelId[],
  config: Pick<WatchConfig, 'channels'>,
): readonly Destination[] {
  if (config.channels.size === 0) return [CONSOLE]
  return channels.flatMap((id) => {
    const channel = config.channels.get(id)
    return channel === undefined ? [] : [destination(id, channel)]
  })
}

function accepts({ minSeverity }: ChannelConfig, severity: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(minSeverity)
}

function destination(channel: ChannelId, config: ChannelConfig): Destination {
  switch (config.type) {
    case 'console':
      return { channel, to: 'console' }
    case 'slack':
      return { channel, to: config.channel }
    case 'email':
      return { channel, to: config.to.join(',') }
    case 'webhook':
      return { channel, to: config.urlEnv }
  }
}
