import type { Secret } from '../lib/secret.ts'
import type { Clock } from '../lib/time.ts'
import type { DkimKey } from '../mail/dkim-sign.ts'
import { mailSigner, type SigningOutcome } from '../mail/mail-signer.ts'
import { signingTransport } from '../mail/signing-transport.ts'
import { MAIL_DEADLINES, type MailTransport, smtpTransport } from '../mail/transport.ts'
import type { ChannelId } from '../model/notification.ts'
import { type MailAddress, parseMailAddress } from '../protocol/mail-address.ts'
import { parseSubmissionUrl } from '../protocol/smtp/submission-url.ts'
import { consoleNotifier } from './console.ts'
import { emailNotifier } from './email.ts'
import type { Notifier } from './notifier.ts'
import { SLACK_OPTIONS, slackApi } from './slack.ts'
import { slackNotifier } from './slack-notifier.ts'
import { SlackWorkspace } from './slack-workspace.ts'
import { WEBHOOK_TIMEOUT_MS, webhookNotifier } from './webhook.ts'
import type { Wording } from './wording.ts'

/** A channel of watch.yaml as far as delivering needs it. */
export type ChannelSettings =
  | { readonly type: 'console' }
  | { readonly type: 'slack'; readonly channel: string }
  | { readonly type: 'email'; readonly to: readonly string[] }
  | { readonly type: 'webhook'; readonly urlEnv: string }

/** What the environment gives for delivering. */
export interface ChannelSecrets {
  readonly slackToken: Secret | null
  readonly smtpUrl: Secret | null
  readonly mailFrom: string | null
  /** Each signs every mail; empty: mail goes out unsigned. */
  readonly dkimKeys: readonly DkimKey[]
  /** Both by the name of the URL's variable. */
  readonly webhookUrls: ReadonlyMap<string, Secret>
  readonly webhookSigningKeys: ReadonlyMap<string, Secret>
}

export interface ChannelTools {
  readonly wording: Wording
  readonly clock: Clock
  readonly console: { write(text: string): void; readonly colour: boolean }
  /** The name given in EHLO. */
  readonly ehloName: string
  /** For the lab; null: Slack itself. */
  readonly slackApiUrl: string | null
  /** Told what became of each mail that was to be signed. */
  onSigning(outcome: SigningOutcome): void
  /** PEM roots that the SMTP server's certificate is checked against; null: the system's. */
  readonly smtpCa: string | null
}

/** Every channel that can work, and one sentence for each that cannot. */
export interface Channels {
  readonly notifiers: ReadonlyMap<ChannelId, Notifier>
  readonly problems: readonly string[]
}

/** The channel of an installation that has configured none. */
export const CONSOLE_CHANNEL = 'console' as ChannelId

/** Makes a notifier of each configured channel, in order; the terminal alone when none is configured. */
export function createNotifiers(
  configured: ReadonlyMap<ChannelId, ChannelSettings>,
  secrets: ChannelSecrets,
  tools: ChannelTools,
): Channels {
  const makers = new Makers(secrets, tools)
  const channels: ReadonlyMap<ChannelId, ChannelSettings> =
    configured.size > 0 ? configured : new Map([[CONSOLE_CHANNEL, { type: 'console' } as const]])
  const notifiers = new Map<ChannelId, Notifier>()
  const problems: string[] = []
  for (const [id, settings] of channels) {
    const made = makers.make(id, settings)
    if (typeof made === 'string') problems.push(`channel ${id}: ${made}`)
    else notifiers.set(id, made)
  }
  return { notifiers, problems }
}

/** What several channels share: one Slack workspace, one mail server. */
class Makers {
  readonly #secrets: ChannelSecrets
  readonly #tools: ChannelTools
  #workspace: SlackWorkspace | null = null

  constructor(secrets: ChannelSecrets, tools: ChannelTools) {
    this.#secrets = secrets
    this.#tools = tools
  }

  /** The notifier, or what is missing for it. */
  make(id: ChannelId, settings: ChannelSettings): Notifier | string {
    const { wording, clock, console } = this.#tools
    switch (settings.type) {
      case 'console':
        return consoleNotifier(id, wording, console)
      case 'slack': {
        const workspace = this.#slack()
        return typeof workspace === 'string'
          ? workspace
          : slackNotifier(id, settings.channel, workspace, wording, clock)
      }
      case 'email':
        return this.#email(id, settings.to)
      case 'webhook':
        return this.#webhook(id, settings.urlEnv)
    }
  }

  #slack(): SlackWorkspace | string {
    const { slackToken } = this.#secrets
    if (slackToken === null)
      return 'SLACK_BOT_TOKEN is not set (a bot token, xoxb-…, with the scope chat:write)'
    const { slackApiUrl, clock } = this.#tools
    this.#workspace ??= new SlackWorkspace(
      slackApi(slackToken, { ...SLACK_OPTIONS, apiUrl: slackApiUrl }),
      clock,
    )
    return this.#workspace
  }

  #email(id: ChannelId, recipients: readonly string[]): Notifier | string {
    const { mailFrom } = this.#secrets
    const from = mailFrom === null ? null : parseMailAddress(mailFrom)
    if (mailFrom === null) return 'MAIL_FROM is not set (the sender address of alerts)'
    if (from === null) return 'MAIL_FROM is no plain address such as alerts@example.net'
    const to: MailAddress[] = []
    for (const recipient of recipients) {
      const address = parseMailAddress(recipient)
      if (address === null) return `"${recipient}" is no plain mail address`
      to.push(address)
    }
    const transport = this.#mailTransport()
    return typeof transport === 'string'
      ? transport
      : emailNotifier(id, { from, to }, transport, this.#tools.wording)
  }

  #mailTransport(): MailTransport | string {
    const { smtpUrl } = this.#secrets
    if (smtpUrl === null) return 'SMTP_URL is not set (smtps://user:password@mail.example.net)'
    const server = parseSubmissionUrl(smtpUrl)
    if (!server.ok) return `SMTP_URL ${server.error}`
    const { ehloName, smtpCa } = this.#tools
    const transport = smtpTransport(server.value, { ehloName, ca: smtpCa, deadlines: MAIL_DEADLINES })
    const { dkimKeys } = this.#secrets
    if (dkimKeys.length === 0) return transport
    return signingTransport(transport, mailSigner(dkimKeys), (outcome) => this.#tools.onSigning(outcome))
  }

  #webhook(id: ChannelId, urlEnv: string): Notifier | string {
    const url = this.#secrets.webhookUrls.get(urlEnv)
    if (url === undefined) return `${urlEnv} is not set (the URL to post to)`
    if (!isPostable(url)) return `${urlEnv} must be an https URL (http only to this machine)`
    const signingKey = this.#secrets.webhookSigningKeys.get(urlEnv) ?? null
    return webhookNotifier(id, { url, signingKey, timeoutMs: WEBHOOK_TIMEOUT_MS }, this.#tools.wording)
  }
}

function isPostable(secret: Secret): boolean {
  const url = URL.parse(secret.reveal())
  if (url === null || url.username !== '' || url.password !== '') return false
  return (
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && /^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname))
  )
}
