/** What to do about a channel that does not deliver, to follow its error; null when the error says so itself. */
export function notifyRemedy(
  type: 'console' | 'slack' | 'email' | 'webhook',
  errorCode: string | null,
): string | null {
  switch (type) {
    case 'console':
    case 'email':
      return null
    case 'slack':
      return errorCode === null ? 'try again later' : (SLACK.get(errorCode) ?? 'see docs/slack.md')
    case 'webhook':
      return webhookRemedy(errorCode)
  }
}

const NEW_TOKEN = 'put a valid bot token (xoxb-…) into SLACK_BOT_TOKEN'
const INVITE = 'invite the bot in that channel (/invite @stswatch), or correct `channel:` in the watch list'

const SLACK: ReadonlyMap<string, string> = new Map([
  ['channel_not_found', INVITE],
  ['not_in_channel', INVITE],
  ['is_archived', 'unarchive that channel, or name another one in the watch list'],
  ['missing_scope', 'add the scope chat:write to the app and install it again (docs/slack.md)'],
  ...['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired'].map(
    (code) => [code, NEW_TOKEN] as const,
  ),
])

function webhookRemedy(errorCode: string | null): string {
  const status = Number(errorCode?.replace('http_', '') ?? 0)
  if (status >= 300 && status < 400) return 'redirects are not followed: set the URL that it leads to'
  if (status === 401 || status === 403) return 'check the secret part of the URL, and the signing secret'
  if (status === 404 || status === 410) return 'check the URL: nothing takes messages there'
  return status >= 400
    ? 'the receiver does not take this format'
    : 'check that the URL can be reached from here'
}
