import { display } from '../lib/display.ts'
import type { Incident } from '../model/incident.ts'
import type { NotificationContent } from '../model/notification.ts'
import type { Message } from './notifier.ts'
import { originalContent, tellStory } from './story.ts'
import { summaryEvent } from './summary-event.ts'
import type { Wording } from './wording.ts'

/** More events than this are counted, not listed. */
const EVENTS_MAX = 1_000

/**
 * The body of format `json`:
 *
 * ```
 * { "version": 1,
 *   "key": string,              the same at every attempt of one message: ignore one that you have had
 *   "thread": string,           the same for all messages of one conversation
 *   "label": "critical" | "warning" | "info" | "resolved" | "changed" | "test" | "summary",
 *   "text": string,             headline, for showing
 *   "seen": string | null, "impact": string | null,
 *   "remedy": [{ "kind": "text" | "code", "text": string }],
 *   "note": string | null,      why it comes now, or by this channel
 *   "events": [
 *     { "kind": "incident", "reason": "opened" | "worsened" | "reminder" | "resolved" | "flapping" | "steadied",
 *       "at": ISO 8601, "incident": { "id", "code", "domain" | null, "subject" | null, "severity", "worst", "phase",
 *                                     "firstSeenAt": ISO 8601 } }
 *     | { "kind": "answer", "answer": "acknowledged" | "silenced", "by", "at", "incident" }
 *     | { "kind": "test", "at": ISO 8601, "host": string }     asked for by hand: nothing is wrong
 *     | { "kind": "summary", "period": { "name", "startAt", "endAt" }, "domains": { "watched", "needHands", "undecided", "well" },
 *         "incidents": { "opened", "resolved", "open" }, "due": number,
 *         "sessions": { "reported", "failed" } | null, "monitor": { "blindMinutes", "downMinutes", "looks", "undecidedLooks",
 *         "undelivered", "canaries": { "sent", "arrived" },
 *         "ownReports": { "sent", "waiting", "givenUp", "leftOut" } } }
 *     | { "kind": "changes", "domain", "changes": [{ "at": ISO 8601, "part", "subject" | null, "summary" }] } ],
 *   "omitted": number }         events beyond the first thousand
 * ```
 */
export function webhookJson(message: Message, wording: Wording): object {
  const story = tellStory(message, wording)
  const [first] = message.notifications
  return {
    version: 1,
    key: first?.dedupeKey,
    thread: first?.thread,
    label: story.label,
    text: story.headline,
    seen: story.seen,
    impact: story.impact,
    remedy: story.remedy,
    note: story.note,
    events: message.notifications.slice(0, EVENTS_MAX).map(({ content }) => event(content)),
    omitted: Math.max(0, message.notifications.length - EVENTS_MAX),
  }
}

function event(content: NotificationContent): object {
  const original = originalContent(content)
  if (original.kind === 'changes') {
    const changes = original.changes.map(({ at, part, subject, summary }) => ({
      at: new Date(at).toISOString(),
      part,
      subject: shown(subject),
      summary: display(summary),
    }))
    return { kind: 'changes', domain: original.domain, changes }
  }
  if (original.kind === 'summary') return summaryEvent(original.summary)
  const at = new Date(original.at).toISOString()
  if (original.kind === 'test') return { kind: 'test', at, host: display(original.host) }
  if (original.kind === 'plan') {
    return { kind: 'plan', at, domain: original.domain, title: display(original.title) }
  }
  const incident = incidentFields(original.incident)
  return original.kind === 'answer'
    ? { kind: 'answer', answer: original.answer.kind, by: display(original.by), at, incident }
    : { kind: 'incident', reason: original.reason, at, incident }
}

function incidentFields({ id, latest, domain, worst, phase, firstSeenAt }: Incident): object {
  return {
    id,
    code: latest.code,
    domain,
    subject: shown(latest.subject),
    severity: latest.severity,
    worst,
    phase: phase.name,
    firstSeenAt: new Date(firstSeenAt).toISOString(),
  }
}

function shown(text: string | null): string | null {
  return text === null ? null : display(text)
}
