/** One message of every kind, as golden files show them. */
import { describe } from '../../../src/announce/describe.ts'
import { durationText, instantText } from '../../../src/announce/text-time.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { Finding } from '../../../src/model/finding.ts'
import { findingKey } from '../../../src/model/finding.ts'
import type { Incident, IncidentId, ThreadId } from '../../../src/model/incident.ts'
import type { NotificationContent } from '../../../src/model/notification.ts'
import type { Message } from '../../../src/notify/notifier.ts'
import type { Wording } from '../../../src/notify/wording.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { type IncidentSpec, incident, notification, resolved, step, T0 } from './message-builder.ts'

/** Our own words, as an installation in Berlin says them. */
export const WORDS: Wording = {
  isDrill: false,
  describe: (finding) => describe(finding, { timezone: 'Europe/Berlin', now: T0 }),
  instant: (at) => instantText(at, 'Europe/Berlin'),
  duration: durationText,
}

export function uncovered(
  spec: Partial<IncidentSpec> = {},
  phase: Incident['phase'] | null = null,
): Incident {
  const plain = incident(spec)
  const latest: Finding = {
    code: 'mta-sts.policy.mx-uncovered',
    domain: plain.domain,
    subject: 'mx2.example.net',
    severity: plain.worst,
    observedAt: T0,
    reported: [],
    atRisk: null,
    evidence: {
      mx: 'mx2.example.net',
      patterns: ['mx1.example.net'],
      mode: 'enforce',
      suggestedId: '20261123T140500Z',
      cachedUntil: T0 + 14 * DAY_MS,
    },
  }
  return {
    ...plain,
    id: 'inc_4f2c9a01b3d7' as IncidentId,
    key: findingKey(latest.code, latest.domain, latest.subject),
    latest,
    phase: phase ?? plain.phase,
  }
}

function blind(): Incident {
  const plain = incident({ domain: null })
  const latest: Finding = {
    code: 'monitor.dns.blind',
    domain: null,
    subject: null,
    severity: 'critical',
    observedAt: T0,
    reported: [],
    atRisk: null,
    evidence: { resolvers: ['192.0.2.53:53'], detail: 'timed out' },
  }
  return { ...plain, id: 'inc_b11d00000000' as IncidentId, latest }
}

function of(contents: readonly NotificationContent[], more: Partial<Message> = {}): Message {
  const incidents = new Map(
    contents.flatMap((content) =>
      content.kind === 'incident' ? [[content.incident.id, content.incident]] : [],
    ),
  )
  return {
    notifications: contents.map((content) => notification(content)),
    threadIncidents: [...incidents.values()],
    acknowledgements: [],
    threadReference: null,
    ...more,
  }
}

const AFTER = T0 + 4 * HOUR_MS
const OVER = uncovered({}, { name: 'resolved', openedAt: T0, resolvedAt: AFTER })
const GRAVE = { ...uncovered(), worst: 'critical' as const }
const ACKNOWLEDGED = {
  incident: GRAVE.id,
  transitions: 1,
  by: 'Ada Lovelace',
  at: T0 + 10 * MINUTE_MS,
  note: null,
}

/** `count` incidents in as many conversations, the last of them over. */
export function crowd(count: number): Message {
  const incidents = Array.from({ length: count }, (_, n): Incident => {
    const domain = `d${n}.example`
    const spec = { domain, worst: n === 3 ? 'critical' : 'warning', firstSeenAt: T0 + n } as const
    return {
      ...(n === count - 1 ? resolved(T0 + MINUTE_MS, spec) : uncovered(spec)),
      id: `inc_${n}` as IncidentId,
    }
  })
  return {
    notifications: incidents.map((one, n) =>
      notification(step(n === count - 1 ? 'resolved' : 'opened', one, T0 + n), {
        thread: `thr_${n}` as ThreadId,
      }),
    ),
    threadIncidents: incidents,
    acknowledgements: [],
    threadReference: null,
  }
}

export const KINDS: Readonly<Record<string, Message>> = {
  opened: of([step('opened', GRAVE)]),
  worsened: of([step('worsened', GRAVE, T0 + HOUR_MS)], { threadReference: 'C0MAILOPS/1.1' }),
  reminder: of([step('reminder', GRAVE, AFTER)], { threadReference: 'C0MAILOPS/1.1' }),
  resolved: of([step('resolved', OVER, AFTER)], { threadReference: 'C0MAILOPS/1.1' }),
  'opened-and-resolved': of([step('opened', GRAVE), step('resolved', OVER, AFTER)]),
  flapping: of([step('flapping', { ...GRAVE, flappingSince: T0 }, AFTER)]),
  acknowledged: of(
    [
      {
        kind: 'answer',
        incident: GRAVE,
        answer: { kind: 'acknowledged', note: null },
        by: 'Ada Lovelace',
        at: T0 + 10 * MINUTE_MS,
      },
    ],
    { threadIncidents: [GRAVE], acknowledgements: [ACKNOWLEDGED], threadReference: 'C0MAILOPS/1.1' },
  ),
  silenced: of(
    [
      {
        kind: 'answer',
        incident: GRAVE,
        answer: { kind: 'silenced', until: AFTER, reason: null },
        by: 'Ada Lovelace',
        at: T0,
      },
    ],
    { threadIncidents: [GRAVE], threadReference: 'C0MAILOPS/1.1' },
  ),
  'told-after-silence': of([step('opened', GRAVE)], {
    notifications: [
      notification(step('opened', GRAVE), { held: 'the silence mta-sts.* of Ada Lovelace: patch night' }),
    ],
  }),
  shared: of([
    step('opened', { ...uncovered({ domain: 'a.example' }), id: 'inc_a' as IncidentId }),
    step('opened', { ...uncovered({ domain: 'b.example', worst: 'warning' }), id: 'inc_b' as IncidentId }),
  ]),
  monitor: of([step('opened', blind())]),
  digest: crowd(30),
  changes: of([
    {
      kind: 'changes',
      domain: 'example.com' as DomainName,
      changes: [
        {
          domain: 'example.com' as DomainName,
          at: T0,
          part: 'sts-policy',
          subject: null,
          summary: 'policy mode: enforce → testing',
          removed: ['mode: enforce'],
          added: ['mode: testing'],
          notable: true,
          settles: null,
        },
      ],
    },
  ]),
}
