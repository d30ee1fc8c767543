import type { UnixMs } from '../../../src/lib/time.ts'
import type { Description } from '../../../src/model/description.ts'
import type { Finding, Severity } from '../../../src/model/finding.ts'
import { findingKey } from '../../../src/model/finding.ts'
import type { Incident, IncidentId, Phase, ThreadId } from '../../../src/model/incident.ts'
import type {
  ChannelId,
  Notification,
  NotificationContent,
  NotificationId,
} from '../../../src/model/notification.ts'
import type { Attempt, Message } from '../../../src/notify/notifier.ts'
import type { Wording } from '../../../src/notify/wording.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'

/** 2026-11-23T14:05:00Z */
export const T0: UnixMs = Date.UTC(2026, 10, 23, 14, 5)

export const DESCRIPTION: Description = {
  title: 'MX mx2.example.net is not covered by the MTA-STS policy (mode enforce)',
  seen: 'The policy names mx1.example.net; the MX record has mx2.example.net as well.',
  impact: 'Senders that honour MTA-STS will not deliver to mx2. Cached copies live until 2026-12-07.',
  remedy: [
    { kind: 'text', text: 'Add this line to https://mta-sts.example.com/.well-known/mta-sts.txt' },
    { kind: 'code', text: 'mx: mx2.example.net' },
    { kind: 'text', text: 'Then publish' },
    { kind: 'code', text: '_mta-sts.example.com. TXT "v=STSv1; id=20261123T140500Z"' },
  ],
  rfc: 'RFC 8461 §4.1',
}

/** Fixed words, whatever is found; instants as ISO 8601 to the minute. */
export function wording(description: Description = DESCRIPTION): Wording {
  return {
    isDrill: false,
    describe: () => description,
    instant: (at) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    duration: (ms) => `${Math.round(ms / 60_000)} minutes`,
  }
}

export interface IncidentSpec {
  readonly domain: string | null
  readonly phase: Phase
  readonly worst: Severity
  readonly subject: string
  readonly firstSeenAt: UnixMs
}

export function incident(spec: Partial<IncidentSpec> = {}): Incident {
  const defaults: IncidentSpec = {
    domain: 'example.com',
    phase: { name: 'open', openedAt: T0, rising: null },
    worst: 'critical',
    subject: 'mx2.example.net',
    firstSeenAt: T0,
  }
  const { domain, phase, worst, subject, firstSeenAt }: IncidentSpec = { ...defaults, ...spec }
  const latest: Finding = {
    code: 'mta-sts.policy.pattern-unused',
    domain: domain as DomainName | null,
    subject,
    severity: worst,
    observedAt: T0,
    reported: [],
    atRisk: null,
    evidence: { pattern: subject, mx: [] },
  }
  return {
    id: `inc_${domain ?? 'monitor'}` as IncidentId,
    thread: 'thr_1' as ThreadId,
    key: findingKey(latest.code, latest.domain, subject),
    domain: latest.domain,
    latest,
    worst,
    firstSeenAt,
    phase,
    transitions: 1,
    recentTurnsAt: [],
    flappingSince: null,
  }
}

export function resolved(at: UnixMs, spec: Partial<IncidentSpec> = {}): Incident {
  return incident({ ...spec, phase: { name: 'resolved', openedAt: T0, resolvedAt: at } })
}

type Reason = Extract<NotificationContent, { kind: 'incident' }>['reason']

export function step(reason: Reason, subject: Incident = incident(), at: UnixMs = T0): NotificationContent {
  return { kind: 'incident', reason, incident: subject, at }
}

export function notification(
  content: NotificationContent = step('opened'),
  spec: Partial<Notification> = {},
): Notification {
  return {
    id: 'ntf_1' as NotificationId,
    channel: 'ops' as ChannelId,
    thread: 'thr_1' as ThreadId,
    createdAt: T0,
    notBefore: T0,
    dedupeKey: 'c0ffee'.repeat(10).padEnd(64, '0'),
    severity: 'critical',
    held: null,
    content,
    ...spec,
  }
}

/** A message of these steps; the thread holds their incidents. */
export function message(contents: readonly NotificationContent[] = [step('opened')]): Message {
  const incidents = new Map<string, Incident>()
  for (const content of contents) {
    if (content.kind === 'incident') incidents.set(content.incident.id, content.incident)
  }
  return {
    notifications: contents.map((content) => notification(content)),
    threadIncidents: [...incidents.values()],
    acknowledgements: [],
    threadReference: null,
  }
}

export function attempt(payload: string, spec: Partial<Attempt> = {}): Attempt {
  return {
    payload,
    dedupeKey: notification().dedupeKey,
    attempt: 1,
    firstAttemptAt: T0,
    ambiguous: false,
    threadReference: null,
    ...spec,
  }
}
