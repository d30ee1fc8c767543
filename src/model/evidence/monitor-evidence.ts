import type { UnixMs } from '../../lib/time.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import type { Fault } from '../fault.ts'
import type { DistrustCode } from '../received-report.ts'

interface CanaryParts {
  readonly rua: string
  /** The watched domains that publish it. */
  readonly domains: readonly DomainName[]
  /** Of the last canary that got there; null: none did. */
  readonly lastArrivedAt: UnixMs | null
}

interface CanaryHop {
  /** Who took it, and what was said; it may hold untrusted text. */
  readonly hop: string
  readonly sentAt: UnixMs
}

/** Findings about the monitor itself, and about what it could not find out. */
export interface MonitorEvidence {
  'domain.undecided': { readonly faults: readonly Fault[] }
  'monitor.dns.blind': { readonly resolvers: readonly string[]; readonly detail: string }
  'monitor.https.blind': { readonly detail: string }
  'monitor.smtp.blind': { readonly detail: string }
  'monitor.mass-failure': {
    readonly failing: number
    readonly of: number
    readonly domains: readonly DomainName[]
  }
  'monitor.clock.skewed': { readonly skewMs: number; readonly sources: readonly string[] }
  'monitor.config.broken': { readonly file: string; readonly problems: readonly string[] }
  'monitor.channel.failing': { readonly channel: string; readonly errorCode: string; readonly error: string }
  /** `why`: a sentence; it may hold untrusted text. */
  'monitor.dkim.failing': { readonly domain: string; readonly selector: string; readonly why: string }
  /** `why`: a sentence; it may hold untrusted text. */
  'monitor.reports.held': { readonly domain: string; readonly selector: string; readonly why: string }
  /** `said`: the last that was said; it may hold untrusted text. */
  'monitor.canary.undelivered': CanaryParts & { readonly said: string; readonly sinceAt: UnixMs }
  'monitor.canary.missing': CanaryParts & CanaryHop & { readonly reportId: string; readonly limitMs: number }
  'monitor.canary.unverified': CanaryParts &
    CanaryHop & { readonly because: DistrustCode; readonly detail: string }
  'monitor.canary.slow': CanaryParts & CanaryHop & { readonly tookMs: number; readonly limitMs: number }
  'monitor.check.failing': { readonly domain: DomainName; readonly error: string }
  'monitor.mailbox.unreachable': {
    readonly account: string
    /** What kind of failure, as the mailbox names it. */
    readonly failure: string
    readonly error: string
    readonly sinceAt: UnixMs
  }
  'monitor.mailbox.renumbered': {
    readonly account: string
    readonly folder: string
    readonly before: string
    readonly after: string
    readonly at: UnixMs
  }
  'monitor.mailbox.unreadable': {
    /** Of the last day. */
    readonly mails: number
    /** At most five. */
    readonly examples: readonly { readonly sender: string; readonly reason: string }[]
  }
}
