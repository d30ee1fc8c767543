import { createHmac } from 'node:crypto'
import { display } from '../lib/display.ts'
import { redact } from '../lib/redact.ts'
import type { Secret } from '../lib/secret.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { ChannelId, Delivery } from '../model/notification.ts'
import { networkFailure } from './network-failure.ts'
import type { Message, Notifier } from './notifier.ts'
import { rateLimitMs } from './retry-after.ts'
import { tellStory } from './story.ts'
import { discordEmbed } from './webhook-discord.ts'
import { webhookJson } from './webhook-json.ts'
import { slackCompatible } from './webhook-slack.ts'
import { adaptiveCard } from './webhook-teams.ts'
import type { Wording } from './wording.ts'

export type WebhookFormat = 'json' | 'slack' | 'teams' | 'discord'

const FORMATS: Readonly<Record<WebhookFormat, (message: Message, wording: Wording) => object>> = {
  json: webhookJson,
  slack: (message, wording) => slackCompatible(tellStory(message, wording)),
  teams: (message, wording) => adaptiveCard(tellStory(message, wording)),
  discord: (message, wording) => discordEmbed(tellStory(message, wording)),
}

export interface WebhookTarget {
  readonly url: Secret
  readonly format: WebhookFormat
  /** Null: unsigned. */
  readonly signingKey: Secret | null
  readonly timeoutMs: number
}

export const WEBHOOK_TIMEOUT_MS = 10 * SECOND_MS

const ERROR_MAX = 500

/**
 * A webhook: one POST of `application/json` a message, any 2xx status is success, redirects are not followed. What is
 * posted is said beside the function of each format. `Idempotency-Key` holds the message's key, the same at every attempt.
 * With a signing key, `X-Stswatch-Signature: sha256=<hex>` is the HMAC-SHA256 of the body's bytes.
 */
export function webhookNotifier(id: ChannelId, target: WebhookTarget, wording: Wording): Notifier {
  return {
    id,
    render: (message) => JSON.stringify(FORMATS[target.format](message, wording)),
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
