import { describe, expect, test } from 'vitest'
import { rootMessage, threadReply } from '../../../src/notify/slack-blocks.ts'
import { tellStory } from '../../../src/notify/story.ts'
import { KINDS, WORDS } from './kinds.ts'

describe('what Slack is sent', () => {
  test.each(Object.entries(KINDS))('%s', async (name, message) => {
    const story = tellStory(message, WORDS)
    const sent = { root: rootMessage(story, 'thr_1'), reply: threadReply(story) }
    await expect(`${JSON.stringify(sent, null, 2)}\n`).toMatchFileSnapshot(`golden-slack/${name}.json.txt`)
  })
})

test('the notification reads well by itself', () => {
  const texts = Object.entries(KINDS).map(([name, message]) => {
    const story = tellStory(message, WORDS)
    return message.threadReference === null
      ? `${name}: ${rootMessage(story, null).text}`
      : `${name}: ${threadReply(story).text}`
  })
  return expect(`${texts.join('\n')}\n`).toMatchFileSnapshot('golden-slack/notifications.txt')
})
