import { display } from '../../lib/display.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { SLACK_OPTIONS, type SlackFailure, slackApi } from '../../notify/slack.ts'
import { SlackWorkspace } from '../../notify/slack-workspace.ts'
import { bad, type DoctorCheck, type DoctorLine, good, unset, warning } from './doctor-line.ts'

const TOPIC = 'Slack'

const TOKEN = 'Put the Bot User OAuth Token of the app (xoxb-…) into SLACK_BOT_TOKEN.'
const SCOPES =
  'Add the scopes chat:write and channels:read (groups:read for private channels) to the app, and install it again.'

const REMEDIES: Readonly<Record<string, string>> = {
  invalid_auth: TOKEN,
  not_authed: TOKEN,
  token_revoked: 'Install the app in the workspace again, and put the new token into SLACK_BOT_TOKEN.',
  account_inactive: 'Install the app in the workspace again, and put the new token into SLACK_BOT_TOKEN.',
  channel_not_found:
    'Correct the channel in watch.yaml; into a private one the app must be invited: /invite @APP',
  missing_scope: SCOPES,
}

/** Is the token good, may it post, and is the app in the channels? Nothing is posted. */
export const SLACK_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 60 * SECOND_MS,
  async run({ config, env, clock }, signal) {
    const channels = [...config.channels.values()].flatMap((channel) =>
      channel.type === 'slack' ? [channel.channel] : [],
    )
    if (channels.length === 0) return [unset(TOPIC, 'not configured: no channel is of type slack')]
    if (env.slackToken === null) {
      return [bad(TOPIC, 'a channel is of type slack, but SLACK_BOT_TOKEN is not set', TOKEN)]
    }
    const api = slackApi(env.slackToken, { ...SLACK_OPTIONS, apiUrl: env.slackApiUrl })
    const who = await api.call('auth.test', {}, signal)
    if (who.kind !== 'ok') return [failed('the token', who)]
    const workspace = new SlackWorkspace(api, clock)
    const lines = await Promise.all(
      [...new Set(channels)].map((channel) => ofChannel(channel, workspace, signal)),
    )
    return [ofToken(who.body), ...lines]
  },
}

function ofToken(body: Readonly<Record<string, unknown>>): DoctorLine {
  const { scopes } = (body.response_metadata ?? {}) as { readonly scopes?: unknown }
  const team = display(String(body.team ?? 'a workspace'), 80)
  if (!Array.isArray(scopes)) return good(TOPIC, `the token is good for ${team}`)
  return scopes.includes('chat:write')
    ? good(TOPIC, `the token is good for ${team}, and may post`)
    : bad(TOPIC, `the token is good for ${team}, but may not post: it lacks the scope chat:write`, SCOPES)
}

async function ofChannel(
  channel: string,
  workspace: SlackWorkspace,
  signal: AbortSignal,
): Promise<DoctorLine> {
  const shown = display(channel, 80)
  const id = await workspace.channelId(channel, signal)
  if (typeof id !== 'string') return failed(`the channel ${shown}`, id)
  if (id.startsWith('#')) {
    return warning(
      TOPIC,
      `the channel ${shown} is not among those that the app may see`,
      'Invite it: /invite @APP; or the scope channels:read is missing, and posting works all the same.',
    )
  }
  const answer = await workspace.call('conversations.info', { channel: id }, signal)
  if (answer.kind !== 'ok') return failed(`the channel ${shown}`, answer)
  const { is_archived: isArchived, is_member: isMember } = (answer.body.channel ?? {}) as Readonly<
    Record<string, unknown>
  >
  if (isArchived === true)
    return bad(TOPIC, `the channel ${shown} is archived`, 'Name another one in watch.yaml.')
  if (isMember === false)
    return bad(TOPIC, `the app is not in the channel ${shown}`, 'Invite it there: /invite @APP')
  return good(TOPIC, `the channel ${shown} can be posted to`)
}

function failed(what: string, failure: SlackFailure): DoctorLine {
  switch (failure.kind) {
    case 'declined':
      return bad(
        TOPIC,
        `${what}: Slack says ${display(failure.code, 80)}`,
        REMEDIES[failure.code] ?? 'See what Slack says of it: https://api.slack.com/methods',
      )
    case 'rate-limited':
      return warning(TOPIC, `${what}: Slack asks for a rest`, 'Run this again in a minute.')
    case 'unsent':
    case 'unheard':
      return bad(TOPIC, `Slack cannot be reached: ${failure.error}`, 'Open port 443 outwards to slack.com.')
  }
}
