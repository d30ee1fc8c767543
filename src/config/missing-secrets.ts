import type { Env } from './env.ts'
import type { ChannelConfig, WatchConfig } from './watch-config.ts'

/** Channels that could not say anything, because the environment lacks what they need: a sentence each, empty when all is there. */
export function missingSecrets(
  config: Pick<WatchConfig, 'channels'>,
  env: Pick<Env, 'slackToken' | 'smtpUrl' | 'mailFrom' | 'webhookUrls'>,
): readonly string[] {
  return [...config.channels].flatMap(([id, channel]) =>
    lacking(channel, env).map(
      (variable) =>
        `channel ${id} (${channel.type}) needs ${variable} in the environment (.env; see .env.example)`,
    ),
  )
}

function lacking(
  channel: ChannelConfig,
  env: Pick<Env, 'slackToken' | 'smtpUrl' | 'mailFrom' | 'webhookUrls'>,
): readonly string[] {
  switch (channel.type) {
    case 'console':
      return []
    case 'slack':
      return env.slackToken === null ? ['SLACK_BOT_TOKEN'] : []
    case 'email':
      return [...(env.smtpUrl === null ? ['SMTP_URL'] : []), ...(env.mailFrom === null ? ['MAIL_FROM'] : [])]
    case 'webhook':
      return env.webhookUrls.has(channel.urlEnv) ? [] : [channel.urlEnv]
  }
}
