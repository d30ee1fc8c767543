import type { UnixMs } from '../lib/time.ts'
import type { AfterReading } from '../model/after-reading.ts'
import type { FindingCode, Severity } from '../model/finding.ts'
import type { OtherPort } from '../model/host-face.ts'
import type { ChannelId } from '../model/notification.ts'
import type { StagedKey } from '../model/staged-key.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { IpAddress } from '../protocol/ip-address.ts'

/** What the rest of the program sees of watch.yaml: checked, complete, frozen, without secrets. */
export interface WatchConfig {
  /** The file it came from, as given. */
  readonly file: string
  /** IANA zone, for schedules and texts. */
  readonly timezone: string
  readonly domains: readonly WatchedDomain[]
  readonly channels: ReadonlyMap<ChannelId, ChannelConfig>
  readonly resolvers: readonly ResolverConfig[]
  readonly canaries: Canaries
  /** CIDR blocks that the address guard lets through although they are not public. */
  readonly egressAllow: readonly string[]
  /** The name this machine gives in EHLO. */
  readonly ehloName: string
  /** Null: TLS reports are not read. */
  readonly mailbox: MailboxConfig | null
  /** MX hosts whose key is about to change. */
  readonly stagedKeys: ReadonlyMap<string, StagedKey>
  readonly maintenance: readonly MaintenanceWindow[]
  /** Empty: none is sent. */
  readonly summaries: readonly SummaryConfig[]
  readonly reports: ReportsConfig
}

/** Our own TLS reports. */
export interface ReportsConfig {
  /** Through the server of SMTP_URL, or straight to the recipient's mail hosts. */
  readonly delivery: 'smtp' | 'direct'
  /** Of `https:` URIs. */
  readonly httpsCertificates: 'verify' | 'ignore'
  /** Null: the domain of MAIL_FROM. */
  readonly organization: string | null
  /** Null: no reports are sent to ourselves. */
  readonly canary: CanaryConfig | null
}

/** Reports to ourselves, sent to see whether those of others would arrive. */
export interface CanaryConfig {
  /** URIs that are ours; null: those in a domain that is watched, or in that of the mailbox. */
  readonly addresses: readonly string[] | null
  /** node-cron line, five fields, evaluated in WatchConfig.timezone. */
  readonly cron: string
  readonly slowAfterMs: number
  /** Longer than `slowAfterMs`. */
  readonly missingAfterMs: number
}

/** A summary that is sent whether something happened or not. */
export interface SummaryConfig {
  /** node-cron line, five fields, at most once a day, evaluated in WatchConfig.timezone. */
  readonly cron: string
  readonly channels: readonly ChannelId[]
}

/** The mailbox of TLS reports; where it is and whose it is stands in Env. */
export interface MailboxConfig {
  readonly folder: string
  readonly afterReading: AfterReading
  /** node-cron line, five fields, evaluated in WatchConfig.timezone. */
  readonly cron: string
  /** Be told of new mail at once where the server can do that. */
  readonly idle: boolean
  /** The own border server whose Authentication-Results is believed (RFC 8601); null: nobody's. */
  readonly trustAuthservId: string | null
  /** How long a report's raw bytes are kept; 0: not at all. */
  readonly keepRawDays: number
}

/** A time in which somebody works on something: what is expected of it stays quiet until the window ends. */
export interface MaintenanceWindow {
  readonly name: string
  /** Both empty: every domain. */
  readonly domains: readonly DomainName[]
  readonly tags: readonly string[]
  readonly when:
    | { readonly kind: 'cron'; readonly cron: string; readonly durationMs: number }
    | { readonly kind: 'once'; readonly from: UnixMs; readonly until: UnixMs }
  /** Finding codes, or beginnings of some that end in `.*`; empty: whatever is found. */
  readonly expect: readonly string[]
}

export interface WatchedDomain {
  readonly name: DomainName
  /** node-cron line, five fields, evaluated in WatchConfig.timezone. */
  readonly cron: string
  /** The mode the operator means to have. */
  readonly expect: 'enforce' | 'testing' | 'any'
  /** Descending, e.g. [21, 7, 3, 1]. */
  readonly certificateWarningDays: readonly number[]
  readonly tags: readonly string[]
  readonly channels: readonly ChannelId[]
  readonly dane: 'required' | 'if-present' | 'ignore'
  /** Ports of the MX hosts besides 25 whose certificates are compared with that of port 25. */
  readonly otherPorts: readonly OtherPort[]
  /** Also look at the certificate of the key type that port 25 does not prefer. */
  readonly bothKeyTypes: boolean
  /** Is every authoritative server asked? */
  readonly nameServers: boolean
  readonly ignore: ReadonlySet<FindingCode>
  /** It gets TLS reports of ours. */
  readonly submitReports: boolean
}

export type ChannelConfig =
  | { readonly type: 'console'; readonly minSeverity: Severity }
  | { readonly type: 'slack'; readonly channel: string; readonly minSeverity: Severity }
  | { readonly type: 'email'; readonly to: readonly string[]; readonly minSeverity: Severity }
  /** `urlEnv` names the environment variable that holds the URL (it is a secret). */
  | {
      readonly type: 'webhook'
      readonly urlEnv: string
      /** `slack`: also Mattermost and others that take what Slack takes. */
      readonly format: 'json' | 'slack' | 'teams' | 'discord'
      readonly minSeverity: Severity
    }

export type ResolverConfig =
  | { readonly kind: 'system' }
  /** `trusted`: its AD bit is believed (RFC 7672 §2.1.1); loopback addresses are by default. */
  | { readonly kind: 'server'; readonly address: IpAddress; readonly port: number; readonly trusted: boolean }

/** Well-known good hosts that prove that this machine sees (R27, R29). */
export interface Canaries {
  /** Names whose MX record exists. */
  readonly dns: readonly DomainName[]
  /** Names in zones that are signed for certain. */
  readonly dnssec: readonly DomainName[]
  /** Names whose signatures are broken on purpose: only `doctor` asks for them. */
  readonly bogus: readonly DomainName[]
  /** Hosts that answer HTTPS on port 443 with a valid certificate. */
  readonly https: readonly DomainName[]
  /** Hosts that greet on port 25. */
  readonly smtp: readonly DomainName[]
}
