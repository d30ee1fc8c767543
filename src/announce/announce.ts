import type { WatchConfig, WatchedDomain } from '../config/watch-config.ts'
import type { NewId } from '../lib/id.ts'
import { sha256 } from '../lib/sha256.ts'
import { MINUTE_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { Change, ChangePart } from '../model/change.ts'
import type { FindingCode } from '../model/finding.ts'
import type { Incident, ThreadId, Transition } from '../model/incident.ts'
import type { Notification, NotificationContent, NotificationId } from '../model/notification.ts'
import { routeDomain, routeIncident } from './route.ts'

/** R67: how long the first message of a conversation waits for company, and further ones of a shared one. */
export const GROUP_WAIT_MS = 30 * SECOND_MS
export const GROUP_INTERVAL_MS = 5 * MINUTE_MS

export interface AnnounceTools {
  readonly now: UnixMs
  readonly newId: NewId
  /** Usually GROUP_WAIT_MS and GROUP_INTERVAL_MS; 0 where nobody wants to wait. */
  readonly groupWaitMs: number
  readonly groupIntervalMs: number
  /** Is the conversation of this incident already under way because of other domains? Then its news are gathered. */
  readonly joinsOthers: (incident: Incident) => boolean
  /** What keeps findings of this code (null: changes) quiet at this domain now, in words; null when nothing does. */
  readonly quiet: (code: FindingCode | null, domain: WatchedDomain | null) => string | null
}

type IncidentReason = Extract<NotificationContent, { kind: 'incident' }>['reason']

/**
 * What will be said of one commit, to whom: one notification for each told transition and channel, and the notable
 * changes that no incident of the same commit is about. `domain` is null for the monitor's own incidents. What is quiet
 * now is made all the same and held back; changes of a quiet domain are left to its history.
 */
export function announce(
  transitions: readonly Transition[],
  changes: readonly Change[],
  domain: WatchedDomain | null,
  config: Pick<WatchConfig, 'channels'>,
  tools: AnnounceTools,
): readonly Notification[] {
  const ofIncidents = transitions.flatMap((transition) => tell(transition, domain, config, tools))
  const untold = changes.filter(
    (change) => change.notable && !transitions.some((transition) => willTell(transition, change)),
  )
  if (domain === null || untold.length === 0 || tools.quiet(null, domain) !== null) return ofIncidents
  return [...ofIncidents, ...tellChanges(untold, domain, config, tools)]
}

function tell(
  { reason, incident, at }: Transition,
  domain: WatchedDomain | null,
  config: Pick<WatchConfig, 'channels'>,
  tools: AnnounceTools,
): readonly Notification[] {
  if (!isTold(reason)) return []
  const notBefore = tools.joinsOthers(incident) ? nextGathering(tools) : tools.now + tools.groupWaitMs
  return routeIncident(incident, domain, config).map(({ channel, to }) => ({
    id: tools.newId('ntf') as NotificationId,
    channel,
    thread: incident.thread,
    createdAt: tools.now,
    notBefore,
    // R53. As JSON, so that no part can pose as two.
    dedupeKey: sha256(JSON.stringify([channel, to, incident.id, incident.transitions, reason])),
    severity: incident.phase.name === 'resolved' ? incident.worst : incident.latest.severity,
    held: tools.quiet(incident.latest.code, domain),
    content: { kind: 'incident', reason, incident, at },
  }))
}

/** The same instant for all news of an interval, so that they go out as one message. */
function nextGathering({ now, groupIntervalMs }: AnnounceTools): UnixMs {
  return groupIntervalMs === 0 ? now : (Math.floor(now / groupIntervalMs) + 1) * groupIntervalMs
}

/** Do people hear of such a step? */
function isTold(reason: Transition['reason']): reason is Exclude<IncidentReason, 'reminder'> {
  switch (reason) {
    case 'opened':
    case 'worsened':
    case 'resolved':
    case 'flapping':
    case 'steadied':
      return true
    case 'suspected':
    case 'rising':
    case 'corroborated':
    case 'recovering':
    case 'relapsed':
    case 'dismissed':
      return false
  }
}

function tellChanges(
  changes: readonly Change[],
  domain: WatchedDomain,
  config: Pick<WatchConfig, 'channels'>,
  tools: AnnounceTools,
): readonly Notification[] {
  const thread = tools.newId('thr') as ThreadId
  return routeDomain(domain, 'info', config).map(({ channel, to }) => ({
    id: tools.newId('ntf') as NotificationId,
    channel,
    thread,
    createdAt: tools.now,
    notBefore: tools.now + tools.groupWaitMs,
    dedupeKey: sha256(JSON.stringify([channel, to, 'changes', changes])),
    severity: 'info',
    held: null,
    content: { kind: 'changes', domain: domain.name, changes },
  }))
}

/** Has an incident begun, grown or begun to end over this very change? Then that tells it, with the remedy. */
function willTell({ incident }: Transition, change: Change): boolean {
  const { code, subject } = incident.latest
  if (REMARKS.has(code) || !partsOf(code).includes(change.part)) return false
  return change.subject === null || subject === null || change.subject === subject
}

/** These remark on a text, or say what senders made of it; they do not say what changed in it. */
const REMARKS: ReadonlySet<FindingCode> = new Set([
  'mta-sts.record.questionable',
  'mta-sts.policy.questionable',
  'mta-sts.policy.pattern-unused',
  'mta-sts.policy.max-age-short',
  'mta-sts.policy.max-age-long',
  'dane.tlsa.partial',
  'tlsrpt.record.questionable',
  'tlsrpt.rua.too-many',
  'tlsrpt.rua.undeliverable',
  'tlsrpt.reported.failures',
  'tlsrpt.reported.unknown-address',
  'tlsrpt.reported.outdated-policy',
  'tlsrpt.reporter.silent',
])

function partsOf(code: FindingCode): readonly ChangePart[] {
  if (code === 'mta-sts.policy.mx-uncovered') return ['sts-policy', 'sts-record', 'mx']
  // A new policy comes with a new id (RFC 8461 §3.1).
  if (code.startsWith('mta-sts.policy.')) return ['sts-policy', 'sts-record']
  const parts: readonly (readonly [string, ChangePart])[] = [
    ['mta-sts.record.', 'sts-record'],
    ['tlsrpt.', 'tlsrpt-record'],
    ['mx.record.', 'mx'],
    ['mx.target.', 'mx'],
    ['dane.tlsa.', 'tlsa'],
    ['mx.certificate.', 'mx-certificate'],
    ['mx.starttls.', 'mx-session'],
    ['mx.tls.', 'mx-session'],
    ['policy-host.certificate.', 'policy-certificate'],
  ]
  return parts.filter(([area]) => code.startsWith(area)).map(([, part]) => part)
}
