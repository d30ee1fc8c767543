/** The monitor's look at itself: the same findings and incidents as for domains, with nobody's domain (R84). */

import { HOUR_MS, MINUTE_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { Fault } from '../model/fault.ts'
import type { Evidence, Finding, FindingCode, Judgement, Undecided } from '../model/finding.ts'
import type { Sight, Vantage } from '../model/vantage.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { type CanaryState, judgeCanaries } from './canary.ts'
import type { MassFailure } from './mass-failure.ts'

/** What the running program knows about itself. */
export interface MonitorState {
  readonly vantage: Vantage
  /** As configured, for the text. */
  readonly resolvers: readonly string[]
  /** Domains whose DANE can only be judged by validated answers. */
  readonly dnssecUsers: readonly DomainName[]
  /** How far our clock is ahead of the Date header of each source that answered lately; one reading a source. */
  readonly clockReadings: readonly ClockReading[]
  /** The newest configuration that was refused; null when the one in use is the one on disk. */
  readonly brokenConfig: { readonly file: string; readonly problems: readonly string[] } | null
  /** Channels whose last attempt failed for good. */
  readonly failingChannels: readonly FailingChannel[]
  /** What kept the last mail from being signed with DKIM; null when it was signed, or none is to be. */
  readonly unsignedMail: Evidence['monitor.dkim.failing'] | null
  /** What kept our own last TLS report from being sent; null when it was sent, or none is to be. */
  readonly heldReports: Evidence['monitor.reports.held'] | null
  /** Null: no reports are sent to ourselves. */
  readonly canaries: CanaryState | null
  /** Domains whose last look ended in a bug of ours. */
  readonly failingChecks: readonly { readonly domain: DomainName; readonly error: string }[]
  readonly massFailure: MassFailure
  /** Mailboxes that could not be read when last tried. */
  readonly failingMailboxes: readonly FailingMailbox[]
  /** Folders whose UIDVALIDITY changed within the last day (R42). */
  readonly renumberedFolders: readonly Evidence['monitor.mailbox.renumbered'][]
  /** Mails of the last day that were poison, and rejected reports of known reporters. */
  readonly unreadableMails: readonly UnreadableMail[]
}

export type FailingMailbox = Evidence['monitor.mailbox.unreachable']

/** Both may hold untrusted text. */
export type UnreadableMail = Evidence['monitor.mailbox.unreadable']['examples'][number]

export interface ClockReading {
  readonly source: string
  readonly skewMs: number
}

export interface FailingChannel {
  readonly channel: string
  readonly errorCode: string
  readonly error: string
}

/** R35: the Date header counts whole seconds and ages in caches; two minutes are beyond both. */
const SKEW_LIMIT_MS = 120 * SECOND_MS
const MIN_CLOCK_SOURCES = 2
/** R43: shorter failures mend themselves. */
const MAILBOX_PATIENCE_MS = 60 * MINUTE_MS
/** One bad mail is the sender's trouble; many are ours. */
const UNREADABLE_LIMIT = 10
const MOST_EXAMPLES = 5

/** What follows from the monitor's state: findings with domain null, for `advance` like any other judgement. */
export function judgeMonitor(state: MonitorState, now: UnixMs): Judgement {
  const judged = [
    ...judgeSight(state, now),
    judgeClock(state, now),
    ...judgeProgram(state, now),
    judgeMassFailure(state, now),
    ...judgeMailboxes(state, now),
    ...(state.canaries === null ? [] : judgeCanaries(state.canaries, now)),
  ]
  return {
    observedAt: now,
    findings: judged.filter((entry) => entry !== null && 'severity' in entry),
    undecided: judged.filter((entry) => entry !== null && 'because' in entry),
  }
}

/** The median of what at least two sources say about our clock (positive: it is ahead); null when fewer do. */
export function clockSkewMs(readings: readonly ClockReading[]): number | null {
  if (readings.length < MIN_CLOCK_SOURCES) return null
  const sorted = readings.map(({ skewMs }) => skewMs).sort((a, b) => a - b)
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0
  return (lower + upper) / 2
}

type Judged = Finding | Undecided | null

function judgeSight({ vantage, resolvers, dnssecUsers }: MonitorState, now: UnixMs): readonly Judged[] {
  const about = {
    domain: null,
    subject: null,
    severity: 'critical',
    observedAt: now,
    reported: [],
    atRisk: null,
  } as const
  return [
    whenBlind(vantage.dns, {
      ...about,
      code: 'monitor.dns.blind',
      evidence: { resolvers, detail: 'no canary name could be resolved, and nothing else either' },
    }),
    dnssecUsers.length === 0
      ? null
      : unlessNameless(vantage, vantage.dnssec, {
          ...about,
          code: 'monitor.dnssec.blind',
          severity: 'warning',
          evidence: { resolvers, domains: dnssecUsers },
        }),
    unlessNameless(vantage, vantage.https, {
      ...about,
      code: 'monitor.https.blind',
      evidence: { detail: 'no canary host answered on port 443, and no policy host either' },
    }),
    unlessNameless(vantage, vantage.smtp, {
      ...about,
      code: 'monitor.smtp.blind',
      evidence: { detail: 'no canary host answered on port 25, and no MX host either' },
    }),
  ]
}

function whenBlind(sight: Sight, finding: Finding): Judged {
  if (sight === 'sees') return null
  return sight === 'blind'
    ? finding
    : undecided(finding.code, 'nothing was asked lately that would have answered')
}

/** R68: without the DNS no other canary can be found either; that is told once, as what it is. */
function unlessNameless({ dns }: Vantage, sight: Sight, finding: Finding): Judged {
  return dns === 'blind'
    ? undecided(finding.code, 'without the DNS no canary can be found')
    : whenBlind(sight, finding)
}

function judgeClock({ clockReadings }: MonitorState, now: UnixMs): Judged {
  const skewMs = clockSkewMs(clockReadings)
  if (skewMs === null) return undecided('monitor.clock.skewed', 'fewer than two sources told the time')
  if (Math.abs(skewMs) <= SKEW_LIMIT_MS) return null
  return {
    code: 'monitor.clock.skewed',
    domain: null,
    subject: null,
    severity: Math.abs(skewMs) > HOUR_MS ? 'critical' : 'warning',
    observedAt: now,
    reported: [],
    atRisk: null,
    evidence: { skewMs, sources: clockReadings.map(({ source }) => source) },
  }
}

function judgeProgram(state: MonitorState, now: UnixMs): readonly Judged[] {
  const { brokenConfig, failingChannels, unsignedMail, heldReports, failingChecks } = state
  const about = {
    domain: null,
    subject: null,
    severity: 'critical',
    observedAt: now,
    reported: [],
    atRisk: null,
  } as const
  return [
    brokenConfig && { ...about, code: 'monitor.config.broken', severity: 'warning', evidence: brokenConfig },
    ...failingChecks.map(
      (failure) =>
        ({ ...about, code: 'monitor.check.failing', subject: failure.domain, evidence: failure }) as const,
    ),
    ...failingChannels.map(
      (trouble) =>
        ({ ...about, code: 'monitor.channel.failing', subject: trouble.channel, evidence: trouble }) as const,
    ),
    unsignedMail && { ...about, code: 'monitor.dkim.failing', severity: 'warning', evidence: unsignedMail },
    heldReports && { ...about, code: 'monitor.reports.held', severity: 'warning', evidence: heldReports },
  ]
}

function judgeMassFailure({ massFailure }: MonitorState, now: UnixMs): Judged {
  if (massFailure.kind !== 'brake') return null
  const { domains, of } = massFailure
  return {
    code: 'monitor.mass-failure',
    domain: null,
    subject: null,
    severity: 'critical',
    observedAt: now,
    reported: [],
    atRisk: null,
    evidence: { failing: domains.length, of, domains },
  }
}

function judgeMailboxes(state: MonitorState, now: UnixMs): readonly Judged[] {
  const { failingMailboxes, renumberedFolders, unreadableMails } = state
  const about = { domain: null, observedAt: now, reported: [], atRisk: null } as const
  return [
    ...failingMailboxes.map((evidence): Judged => {
      const { account: subject, sinceAt } = evidence
      const code = 'monitor.mailbox.unreachable'
      // Too short to be told, and no proof that what was told before a restart is over.
      return now - sinceAt <= MAILBOX_PATIENCE_MS
        ? { ...undecided(code, 'it could not be read when last tried'), subject }
        : { ...about, code, subject, severity: 'warning', evidence }
    }),
    ...renumberedFolders.map((evidence): Finding => {
      const subject = `${evidence.account} ${evidence.folder}`
      return { ...about, code: 'monitor.mailbox.renumbered', subject, severity: 'info', evidence }
    }),
    unreadableMails.length > UNREADABLE_LIMIT
      ? {
          ...about,
          code: 'monitor.mailbox.unreadable',
          subject: null,
          severity: 'warning',
          evidence: { mails: unreadableMails.length, examples: unreadableMails.slice(0, MOST_EXAMPLES) },
        }
      : null,
  ]
}

function undecided(code: FindingCode, detail: string): Undecided {
  const because: Fault = { kind: 'internal', blame: 'local', detail }
  return { code, domain: null, subject: null, because }
}
