import { describe } from '../announce/describe.ts'
import { durationText, instantText } from '../announce/text-time.ts'
import type { Env } from '../config/env.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import type { Clock } from '../lib/time.ts'
import type { DkimKey } from '../mail/dkim-sign.ts'
import type { SigningOutcome } from '../mail/mail-signer.ts'
import { type Channels, createNotifiers } from '../notify/channels.ts'
import type { Wording } from '../notify/wording.ts'

export interface ChannelOpeningTools {
  readonly clock: Clock
  readonly console: { write(text: string): void; readonly colour: boolean }
  /** Told what became of each mail that was to be signed with DKIM. */
  readonly onSigning: (outcome: SigningOutcome) => void
  /** PEM roots for the SMTP server's certificate; null: the system's. */
  readonly smtpCa: string | null
  /** Everything that is told is a drill, and is marked so. */
  readonly isDrill: boolean
}

/** The channels of a configuration, with the secrets that the environment has for them. */
export function openChannels(
  config: Pick<WatchConfig, 'channels' | 'timezone' | 'ehloName'>,
  env: Env,
  { clock, console, onSigning, smtpCa, isDrill }: ChannelOpeningTools,
): Channels {
  return createNotifiers(
    config.channels,
    {
      slackToken: env.slackToken,
      slackAppToken: env.slackAppToken,
      smtpUrl: env.smtpUrl,
      mailFrom: env.mailFrom,
      dkimKeys: mailKeys(env.dkim),
      webhookUrls: env.webhookUrls,
      webhookSigningKeys: env.webhookSigningKeys,
    },
    {
      wording: { ...wordingIn(config.timezone, clock), isDrill },
      clock,
      console,
      ehloName: config.ehloName,
      slackApiUrl: env.slackApiUrl,
      onSigning,
      smtpCa,
    },
  )
}

/** Whether there is mail that is to be signed: a channel that sends it, and a key for it. */
export function signsMail({ channels }: Pick<WatchConfig, 'channels'>, { dkim }: Pick<Env, 'dkim'>): boolean {
  return mailKeys(dkim).length > 0 && [...channels.values()].some(({ type }) => type === 'email')
}

/** A key for TLS reports alone signs no ordinary mail: its record makes other receivers ignore it (RFC 6376 §3.6.1). */
function mailKeys(dkim: Env['dkim']): readonly DkimKey[] {
  if (dkim === null || dkim.mail === null) return []
  return [{ domain: dkim.domain, selector: dkim.mail.selector, privateKey: dkim.mail.privateKey }]
}

/** How an installation in this time zone speaks. */
export function wordingIn(timezone: string, clock: Clock): Wording {
  return {
    isDrill: false,
    describe: (finding) => describe(finding, { timezone, now: clock.now() }),
    instant: (at) => instantText(at, timezone),
    duration: durationText,
  }
}
