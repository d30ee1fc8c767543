import { createHmac } from 'node:crypto'
import { display } from '../lib/display.ts'
import { redact } from '../lib/redact.ts'
import type { Secret } from '../lib/secret.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { ChannelId, Delivery, NotificationContent } from '../model/notification.ts'
import { networkFailure } from './network-failure.ts'
import type { Message, Notifier } from './notifier.ts'
import { rateLimitMs } from './retry-after.ts'
import { originalContent, tellStory } from './story.ts'
import { summaryEvent } from './summary-event.ts'
import type { Wording } from './wording.ts'

export interface WebhookTarget {
  readonly url: Secret
  /** Null: unsigned. */
  readonly signingKey: Secret | null
  readonly timeoutMs: number
}

export const WEBHOOK_TIMEOUT_MS = 10 * SECOND_MS

const ERROR_MAX = 500

/**
 * A webhook: one POST of `application/json` a message, any 2xx status is success, redirects are not followed.
 *
 * ```
 * { "version": 1,
 *   "key": string,              the same at every attempt of one message: ignore one that you have had
 *   "thread": string,           the same for all messages of one conversation
 *   "label": "critical" | "warning" | "info" | "resolved" | "changed" | "test" | "summary",
 *   "text": string,             headline, for showing
 *   "seen": string | null, "impact": string | null,
 *   "remedy": [{ "kind": "text" | "code", "text": string }],
 *   "note": string | null,      why it comes by this channel
 *   "events": [
 *     { "kind": "incident", "reason": "opened" | "worsened" | "reminder" | "resolved" | "flapping" | "steadied",
 *       "at": ISO 8601, "incident": { "id", "code", "domain" | null, "subject" | null, "severity", "worst", "phase",
 *                                     "firstSeenAt": ISO 8601 } }
 *     | { "kind": "test", "at": ISO 8601, "host": string }     asked for by hand: nothing is wrong
 *     | { "kind": "summary", "period": { "name", "startAt", "endAt" }, "domains": { "watched", "needHands", "undecided", "well" },
 *         "incidents": { "opened", "resolved", "open" }, "due": number,
 *         "sessions": { "reported", "failed" } | null, "monitor": { "blindMinutes", "downMinutes", "looks", "undecidedLooks",
 *         "undelivered" } }
 *     | { "kind": "changes", "domain", "changes": [{ "at": ISO 8601, "part", "subject" | null, "summary" }] } ] }
 * ```
 *
 * `Idempotency-Key` holds the key too. With a signing key, `X-Stswatch-Signature: sha256=<hex>` is the HMAC-SHA256 of
 * the body's bytes.
 */
export function webhookNotifier(id: ChannelId, target: WebhookTarget, wording: Wording): Notifier {
  return {
    id,
    render: (message) => JSON.stringify(webhookBody(message, wording)),
    async send({ payload, dedupeKey }, signal) {
      try {
        const response = await fetch(target.url.reveal(), {
          method: 'POST',
          body: payload,
          headers: {
            'content-type': 'application/json; charset=utf-8',
            'idempotency-key': dedupeKey,
            'user-agent': 'stswatch',
            ...signature(payload, target.signingKey),
          },
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(target.timeoutMs)]),
        })
        await response.body?.cancel()
        return answered(response)
      } catch (error) {
        return unanswered(error, target)
      }
    },
  }
}

function signature(body: string, key: Secret | null): Readonly<Record<string, string>> {
  if (key === null) return {}
  const digest = createHmac('sha256', key.reveal()).update(body).digest('hex')
  return { 'x-stswatch-signature': `sha256=${digest}` }
}

function answered({ status, headers }: Response): Delivery {
  const error = `HTTP status ${status}`
  if (status >= 200 && status < 300) return { outcome: 'delivered', reference: null }
  if (status === 429) return { outcome: 'retry', afterMs: rateLimitMs(headers.get('retry-after')), error }
  if (status === 408 || status >= 500) return { outcome: 'retry', afterMs: null, error }
  return { outcome: 'rejected', errorCode: `http_${status}`, error }
}

function unanswered(thrown: unknown, { url, signingKey }: WebhookTarget): Delivery {
  const failure = networkFailure(thrown)
  const secrets = signingKey === null ? [url] : [url, signingKey]
  const error = display(redact(failure.error, secrets), ERROR_MAX)
  return failure.kind === 'unsent'
    ? { outcome: 'retry', afterMs: null, error }
    : { outcome: 'ambiguous', error }
}

function webhookBody(message: Message, wording: Wording): object {
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
    events: message.notifications.map(({ content }) => event(content)),
  }
}

function event(content: NotificationContent): object {
  const original = originalContent(content)
  if (original.kind === 'test') {
    return { kind: 'test', at: new Date(original.at).toISOString(), host: display(original.host) }
  }
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
  const { incident } = original
  return {
    kind: 'incident',
    reason: original.reason,
    at: new Date(original.at).toISOString(),
    incident: {
      id: incident.id,
      code: incident.latest.code,
      domain: incident.domain,
      subject: shown(incident.latest.subject),
      severity: incident.latest.severity,
      worst: incident.worst,
      phase: incident.phase.name,
      firstSeenAt: new Date(incident.firstSeenAt).toISOString(),
    },
  }
}

function shown(text: string | null): string | null {
  return text === null ? null : display(text)
}
