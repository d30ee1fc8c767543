import type { ChannelConfig } from '../config/watch-config.ts'
import { display } from '../lib/display.ts'
import type { ChannelId } from '../model/notification.ts'
import { type DomainName, displayDomainName, parseDomainName } from '../protocol/domain-name.ts'

/** What is known of the ways that alerts take. */
export interface AlarmPaths {
  readonly channels: ReadonlyMap<ChannelId, ChannelConfig>
  readonly watched: ReadonlySet<DomainName>
  /** The MX hosts of watched domains; empty: not known. */
  readonly watchedHosts: ReadonlySet<string>
  /** The MX hosts of the domains of alert addresses, as far as they are known. */
  readonly mailHosts: ReadonlyMap<DomainName, readonly string[]>
}

/**
 * Where alerts depend on what they are about, or on one service alone: a sentence each, with the remedy. Empty when every alert
 * has a way of its own.
 */
export function alarmPathSentences(paths: AlarmPaths): readonly string[] {
  return [
    ...onlySlack(paths),
    ...[...paths.channels].flatMap(([id, channel]) => ofChannel(id, channel, paths)),
  ]
}

/** The domains of alert addresses whose MX hosts have to be known. */
export function alertDomains({ channels }: Pick<AlarmPaths, 'channels'>): readonly DomainName[] {
  const domains = [...channels.values()].flatMap((channel) => recipientsOf(channel).map(domainOf))
  return [...new Set(domains.filter((domain) => domain !== null))]
}

function onlySlack({ channels }: AlarmPaths): readonly string[] {
  const all = [...channels]
  if (all.length === 0 || all.some(([, { type }]) => type !== 'slack')) return []
  const names = all.map(([id]) => id).join(', ')
  return [
    `Slack is the only way that alerts take (${names}): while it cannot be reached nobody is told. Add a channel of type email or webhook.`,
  ]
}

function ofChannel(id: ChannelId, channel: ChannelConfig, paths: AlarmPaths): readonly string[] {
  const others = [...paths.channels].some(
    ([other, { type }]) => other !== id && type !== 'email' && type !== 'console',
  )
  const remedy = others
    ? 'Another channel tells it as well, so this is only to be known.'
    : 'Add an address that is delivered elsewhere, or a channel of another type.'
  return recipientsOf(channel).flatMap((address) => {
    const because = dependence(domainOf(address), paths)
    return because === null
      ? []
      : [
          `channel ${id}: ${display(address)} is delivered by ${because}: what breaks there may keep its own alert back. ${remedy}`,
        ]
  })
}

/** What is watched that an address depends on; null: nothing that is known. */
function dependence(
  domain: DomainName | null,
  { watched, watchedHosts, mailHosts }: AlarmPaths,
): string | null {
  if (domain === null) return null
  if (watched.has(domain)) return `the mail hosts of ${displayDomainName(domain)}, which is watched`
  const shared = (mailHosts.get(domain) ?? []).find((host) => watchedHosts.has(host))
  return shared === undefined ? null : `${display(shared)}, a mail host of watched domains`
}

function recipientsOf(channel: ChannelConfig): readonly string[] {
  return channel.type === 'email' ? channel.to : []
}

function domainOf(address: string): DomainName | null {
  return parseDomainName(address.slice(address.lastIndexOf('@') + 1))
}
