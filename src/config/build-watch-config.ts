import { parseDuration } from '../lib/duration.ts'
import { parseMoment } from '../lib/moment.ts'
import type { UnixMs } from '../lib/time.ts'
import type { AfterReading } from '../model/after-reading.ts'
import type { FindingCode } from '../model/finding.ts'
import type { OtherPort } from '../model/host-face.ts'
import type { ChannelId } from '../model/notification.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import { parseCidr } from './cidr.ts'
import { deepFreeze } from './deep-freeze.ts'
import { parseResolver } from './resolver-config.ts'
import type {
  CanaryConfig,
  ChannelConfig,
  MailboxConfig,
  MaintenanceWindow,
  ResolverConfig,
  SummaryConfig,
  WatchConfig,
  WatchedDomain,
} from './watch-config.ts'
import type { WatchFile } from './watch-schema.ts'

const CONSOLE = 'console' as ChannelId

/** A file that the schema has accepted, made complete and frozen. `machineName` is said in EHLO by default. */
export function buildWatchConfig(
  source: string,
  file: WatchFile,
  machineName: string,
  stagedKeys: WatchConfig['stagedKeys'],
): WatchConfig {
  const channels = channelsOf(file)
  return deepFreeze({
    file: source,
    timezone: file.timezone,
    domains: domainsOf(file, [...channels.keys()]),
    channels,
    resolvers: file.resolvers.map(resolverOf),
    canaries: {
      dns: file.canaries.dns.map(accepted),
      dnssec: file.canaries.dnssec.map(accepted),
      bogus: file.canaries.bogus.map(accepted),
      https: file.canaries.https.map(accepted),
      smtp: file.canaries.smtp.map(accepted),
    },
    egressAllow: file.egress.allow.flatMap((block) => parseCidr(block)?.text ?? []),
    ehloName: file.ehlo_name === undefined ? machineName : accepted(file.ehlo_name),
    mailbox: file.mailbox === undefined ? null : mailboxOf(file.mailbox),
    stagedKeys,
    maintenance: file.maintenance.map((window) => windowOf(window, file.timezone)),
    summaries: summariesOf(file, channels),
    reports: {
      delivery: file.reports.delivery,
      httpsCertificates: file.reports.https_certificates,
      organization: file.reports.organization ?? null,
      canary: file.reports.canary ? canaryOf(file.reports) : null,
    },
  })
}

function canaryOf(reports: WatchFile['reports']): CanaryConfig {
  const { canary_addresses: addresses, canary_check: cron } = reports
  return {
    addresses: addresses?.map((text) => (text.includes(':') ? text : `mailto:${text}`)) ?? null,
    cron,
    slowAfterMs: parseDuration(reports.canary_slow_after) ?? 0,
    missingAfterMs: parseDuration(reports.canary_missing_after) ?? 0,
  }
}

/** Without any channel the terminal is the channel. */
function channelsOf(file: WatchFile): ReadonlyMap<ChannelId, ChannelConfig> {
  const channels = Object.entries(file.channels).map(
    ([id, channel]) => [id as ChannelId, channelOf(channel)] as const,
  )
  return new Map(channels.length > 0 ? channels : [[CONSOLE, { type: 'console', minSeverity: 'info' }]])
}

function channelOf(channel: WatchFile['channels'][string]): ChannelConfig {
  const minSeverity = channel.min_severity
  switch (channel.type) {
    case 'console':
      return { type: 'console', minSeverity }
    case 'slack':
      return { type: 'slack', channel: channel.channel, minSeverity }
    case 'email':
      return { type: 'email', to: channel.to, minSeverity }
    case 'webhook':
      return { type: 'webhook', urlEnv: channel.url_env, format: channel.format, minSeverity }
  }
}

function domainsOf(file: WatchFile, allChannels: readonly ChannelId[]): readonly WatchedDomain[] {
  const { defaults } = file
  // What domains have in common is shared: there may be twenty thousand of them.
  const usual = {
    channels: defaults.channels === undefined ? allChannels : channelIds(defaults.channels),
    warningDays: descending(defaults.certificate_warning_days),
    ignore: new Set(defaults.ignore as FindingCode[]),
    otherPorts: uniquePorts(defaults.other_ports),
  }
  return file.domains.map((domain) => ({
    name: accepted(domain.name),
    cron: domain.check ?? defaults.check,
    expect: domain.expect ?? defaults.expect,
    certificateWarningDays:
      domain.certificate_warning_days === undefined
        ? usual.warningDays
        : descending(domain.certificate_warning_days),
    tags: domain.tags,
    channels: domain.channels === undefined ? usual.channels : channelIds(domain.channels),
    dane: domain.dane ?? defaults.dane,
    otherPorts: domain.other_ports === undefined ? usual.otherPorts : uniquePorts(domain.other_ports),
    bothKeyTypes: domain.both_key_types ?? defaults.both_key_types,
    nameServers: domain.name_servers ?? defaults.name_servers,
    ignore: domain.ignore === undefined ? usual.ignore : new Set(domain.ignore as FindingCode[]),
    submitReports: domain.submit_reports ?? file.reports.submit,
  }))
}

/** A summary is a thing to read: it goes by e-mail where there is any. */
function summariesOf(
  { summary }: WatchFile,
  channels: ReadonlyMap<ChannelId, ChannelConfig>,
): readonly SummaryConfig[] {
  const all = [...channels]
  const byMail = all.filter(([, { type }]) => type === 'email')
  const usual = (byMail.length > 0 ? byMail : all).map(([id]) => id)
  const summaries = summary === undefined ? [] : Array.isArray(summary) ? summary : [summary]
  return summaries.map(({ cron, channels: named }) => ({
    cron,
    channels: named === undefined ? usual : channelIds(named),
  }))
}

function mailboxOf(mailbox: NonNullable<WatchFile['mailbox']>): MailboxConfig {
  return {
    folder: mailbox.folder,
    afterReading: afterReadingOf(mailbox.after_reading),
    cron: mailbox.check,
    idle: mailbox.idle,
    trustAuthservId: mailbox.trust_authserv_id ?? null,
    keepRawDays: mailbox.keep_raw_days,
  }
}

/** `flag`, `leave` or `move:FOLDER`. */
function afterReadingOf(text: string): AfterReading {
  if (text === 'flag' || text === 'leave') return { kind: text }
  return { kind: 'move', folder: text.slice('move:'.length) }
}

function windowOf(window: WatchFile['maintenance'][number], timezone: string): MaintenanceWindow {
  const { name, domains, tags, expect, cron, duration, from, until } = window
  return {
    name,
    domains: domains.map(accepted),
    tags,
    when:
      cron === undefined
        ? { kind: 'once', from: momentOf(from, timezone), until: momentOf(until, timezone) }
        : { kind: 'cron', cron, durationMs: parseDuration(duration ?? '') ?? 0 },
    expect,
  }
}

function momentOf(text: string | undefined, timezone: string): UnixMs {
  const at = text === undefined ? null : parseMoment(text, timezone)
  if (at === null) throw new TypeError(`the schema let a time through: ${text}`)
  return at
}

function resolverOf({ address, trusted }: WatchFile['resolvers'][number]): ResolverConfig {
  const resolver = parseResolver(address)
  if (resolver === null) throw new TypeError(`the schema let a resolver through: ${address}`)
  return resolver.kind === 'server' && trusted !== undefined ? { ...resolver, trusted } : resolver
}

function channelIds(names: readonly string[]): readonly ChannelId[] {
  return [...new Set(names)] as ChannelId[]
}

function uniquePorts(ports: readonly OtherPort[]): readonly OtherPort[] {
  return [...new Set(ports)]
}

function descending(days: readonly number[]): readonly number[] {
  return [...new Set(days)].sort((a, b) => b - a)
}

function accepted(name: string): DomainName {
  const parsed = parseDomainName(name)
  if (parsed === null) throw new TypeError(`the schema let a name through: ${name}`)
  return parsed
}
