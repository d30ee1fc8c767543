/** A message of every kind, with the words that the product has for real findings. */

import { describe } from '../../../src/announce/describe.ts'
import { durationText, instantText } from '../../../src/announce/text-time.ts'
import { HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { Change } from '../../../src/model/change.ts'
import type { Finding, FindingCode } from '../../../src/model/finding.ts'
import { findingKey } from '../../../src/model/finding.ts'
import type { Incident, IncidentId, Phase, ThreadId } from '../../../src/model/incident.ts'
import type { ChannelId, NotificationContent } from '../../../src/model/notification.ts'
import type { Message } from '../../../src/notify/notifier.ts'
import type { Wording } from '../../../src/notify/wording.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { sampleOf } from '../announce/sample-findings.ts'
import { incident, message, notification, step, T0 } from './message-builder.ts'

export interface MailKind {
  readonly name: string
  readonly message: Message
}

const ZONE = 'Europe/Berlin'

export const REAL_WORDING: Wording = {
  isDrill: false,
  describe: (finding) => describe(finding, { timezone: ZONE, now: T0 }),
  instant: (at) => instantText(at, ZONE),
  duration: durationText,
}

const OPEN: Phase = { name: 'open', openedAt: T0, rising: null }

function incidentOf(code: FindingCode, domain: string | null, phase: Phase = OPEN): Incident {
  const sample = sampleOf(code)
  const latest = { ...sample, domain: domain as DomainName | null } as Finding
  return {
    ...incident({ domain, worst: latest.severity, phase }),
    id: `inc_${code.length}f2c9a` as IncidentId,
    key: findingKey(code, latest.domain, latest.subject),
    latest,
  }
}

function resolved(code: FindingCode, domain: string, afterMs: number): Incident {
  return incidentOf(code, domain, { name: 'resolved', openedAt: T0, resolvedAt: T0 + afterMs })
}

function change(edit: Partial<Change>): Change {
  return {
    domain: 'bank.example' as DomainName,
    at: T0,
    part: 'mx',
    subject: null,
    summary: 'MX: mx2.bank.example added',
    removed: [],
    added: ['20 mx2.bank.example'],
    notable: true,
    settles: null,
    ...edit,
  }
}

const CHANGES: readonly Change[] = [
  change({}),
  change({
    part: 'sts-policy',
    summary: 'policy: mode enforce → testing, one mx added',
    removed: ['mode: enforce', 'max_age: 1209600'],
    added: ['mode: testing', 'mx: mx2.bank.example', 'max_age: 86400'],
  }),
]

const MANY = [
  'a.example',
  'bücher.example',
  'xn--mller-kva.example',
  'very-long-name-of-a-customer.co.example',
]

function changes(list: readonly Change[]): NotificationContent {
  return { kind: 'changes', domain: 'bank.example' as DomainName, changes: list }
}

function grouped(): Message {
  const incidents = MANY.map((domain, index) => ({
    ...(index === 3
      ? resolved('mx.certificate.expired', domain, 2 * HOUR_MS)
      : incidentOf('mx.certificate.expired', domain)),
    id: `inc_${index}` as IncidentId,
  }))
  return message(incidents.map((one) => step(one.phase.name === 'resolved' ? 'resolved' : 'opened', one)))
}

function fallback(): Message {
  const original = step('opened', incidentOf('mx.starttls.missing', 'shop.example'))
  return message([{ kind: 'fallback', primary: 'mail-ops' as ChannelId, original }])
}

function reminder(): Message {
  const lasting = incidentOf('mta-sts.policy.mx-uncovered', 'bank.example')
  return { ...message([step('reminder', lasting, T0 + 24 * HOUR_MS)]), threadReference: '<root@ops.example>' }
}

function history(): Message {
  const lasting = incidentOf('mta-sts.policy.mx-uncovered', 'bank.example')
  return message([
    step('opened', lasting),
    step('worsened', lasting, T0 + 5 * MINUTE_MS),
    step('reminder', lasting, T0 + 24 * HOUR_MS),
  ])
}

function held(by: string): Message {
  const lasting = incidentOf('mx.starttls.missing', 'shop.example')
  return {
    ...message(),
    notifications: [notification(step('opened', lasting), { held: by })],
    threadIncidents: [lasting],
  }
}

/** One of two that belong together is looked after when the other gets worse. */
function acknowledged(): Message {
  const [first, second] = ['a.example', 'b.example'].map((domain, index) => ({
    ...incidentOf('mx.certificate.expired', domain),
    id: `inc_${index}` as IncidentId,
  })) as [Incident, Incident]
  const note = 'the new certificate is ordered'
  const given = { incident: first.id, transitions: 1, by: 'Ada Lovelace', at: T0 + 10 * MINUTE_MS, note }
  return {
    ...message([step('worsened', second, T0 + HOUR_MS)]),
    threadIncidents: [first, second],
    acknowledgements: [given],
    threadReference: '<root@ops.example>',
  }
}

/** Each content in a conversation of its own. */
function digest(contents: readonly NotificationContent[]): Message {
  return {
    ...message(contents),
    notifications: contents.map((content, n) => notification(content, { thread: `thr_${n}` as ThreadId })),
  }
}

function crowd(over: boolean): Message {
  const contents = Array.from({ length: 14 }, (_, n) => {
    const domain = `d${n}.example`
    const code = n % 3 === 0 ? 'mx.starttls.missing' : 'mx.certificate.expiring'
    const one = over || n === 13 ? resolved(code, domain, HOUR_MS) : incidentOf(code, domain)
    return step(over || n === 13 ? 'resolved' : 'opened', { ...one, id: `inc_${n}` as IncidentId }, T0 + n)
  })
  return digest([...contents, ...(over ? [] : [changes(CHANGES)])])
}

function changedCrowd(): Message {
  return digest(
    MANY.map((domain) => ({ kind: 'changes', domain: domain as DomainName, changes: CHANGES.slice(0, 1) })),
  )
}

export const MAIL_KINDS: readonly MailKind[] = [
  {
    name: 'opened',
    message: message([step('opened', incidentOf('mta-sts.policy.mx-uncovered', 'bank.example'))]),
  },
  { name: 'reminder', message: reminder() },
  { name: 'history', message: history() },
  {
    name: 'resolved',
    message: message([
      step(
        'resolved',
        resolved('mta-sts.policy.mx-uncovered', 'bank.example', 3 * HOUR_MS),
        T0 + 3 * HOUR_MS,
      ),
    ]),
  },
  {
    name: 'warning',
    message: message([step('opened', incidentOf('mx.certificate.expiring', 'bücher.example'))]),
  },
  { name: 'grouped', message: grouped() },
  { name: 'changes', message: message([changes(CHANGES)]) },
  { name: 'one-change', message: message([changes(CHANGES.slice(0, 1))]) },
  { name: 'monitor', message: message([step('opened', incidentOf('monitor.dns.blind', null))]) },
  { name: 'fallback', message: fallback() },
  { name: 'after-silence', message: held('the silence mx.* of Ada Lovelace: moving the rack') },
  { name: 'after-maintenance', message: held('the maintenance window patch night') },
  { name: 'acknowledged', message: acknowledged() },
  { name: 'digest', message: crowd(false) },
  { name: 'digest-resolved', message: crowd(true) },
  { name: 'digest-changes', message: changedCrowd() },
  { name: 'unsigned', message: message([step('opened', incidentOf('monitor.dkim.failing', null))]) },
  {
    name: 'test',
    message: {
      notifications: [notification({ kind: 'test', host: 'monitor.example.net', at: T0 })],
      threadIncidents: [],
      acknowledgements: [],
      threadReference: null,
    },
  },
]
