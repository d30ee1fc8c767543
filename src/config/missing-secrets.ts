import type { Env } from './env.ts'
import { mailboxGap } from './mailbox-gap.ts'
import type { ChannelConfig, WatchConfig } from './watch-config.ts'

type Needed = Pick<Env, 'slackToken' | 'smtpUrl' | 'mailFrom' | 'webhookUrls'>

/**
 * What the file and the environment lack of each other: channels that could not say anything, a mailbox without a login, a
 * login without a mailbox. A sentence each, empty when all is there.
 */
export function missingSecrets(
  config: Pick<WatchConfig, 'channels' | 'mailbox'>,
  env: Needed & Pick<Env, 'imapUrl'>,
): readonly string[] {
  const channels = [...config.channels].flatMap(([id, channel]) =>
    lacking(channel, env).map(
      (variable) =>
        `channel ${id} (${channel.type}) needs ${variable} in the environment (.env; see .env.example)`,
    ),
  )
  const gap = mailboxGap(config, env)
  return gap === null ? channels : [...channels, gap]
}

function lacking(channel: ChannelConfig, env: Needed): readonly string[] {
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
