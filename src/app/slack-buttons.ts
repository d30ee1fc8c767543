import type { Env } from '../config/env.ts'
import { SLACK_OPTIONS, slackApi } from '../notify/slack.ts'
import { openSlackSocket } from '../notify/slack-socket.ts'
import type { App } from './app.ts'
import type { AppTools } from './app-tools.ts'
import { answerPress } from './jobs/press.ts'

export type ButtonTools = Pick<AppTools, 'store' | 'clock' | 'newId' | 'log'>

/** Listens to the buttons under our Slack messages; null without SLACK_APP_TOKEN, when messages have none. */
export function listenToButtons(
  { slackToken, slackAppToken, slackApiUrl }: Pick<Env, 'slackToken' | 'slackAppToken' | 'slackApiUrl'>,
  app: App,
  { store, clock, newId, log }: ButtonTools,
): AsyncDisposable | null {
  if (slackToken === null || slackAppToken === null) return null
  const options = { ...SLACK_OPTIONS, apiUrl: slackApiUrl }
  const api = slackApi(slackToken, options)
  const stop = new AbortController()
  const socket = openSlackSocket(slackAppToken, {
    ...options,
    clock,
    async onPress(press) {
      try {
        const tools = { store, config: app.settings.config, now: clock.now(), newId }
        const text = await answerPress(press, tools)
        log.info('slack.button', { action: press.action, thread: press.thread, by: press.user.name })
        if (text === null) return
        const { channel, user } = press
        await api.call('chat.postEphemeral', { channel, user: user.id, text }, stop.signal)
      } catch (error) {
        log.error('slack.button.failed', { error: String(error) })
      }
    },
    onTrouble: (error) => log.warn('slack.buttons.unheard', { error }),
  })
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await socket[Symbol.asyncDispose]()
    },
  }
}
