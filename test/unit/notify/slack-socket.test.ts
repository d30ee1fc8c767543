import { describe, expect, test } from 'vitest'
import { ACKNOWLEDGE_ACTION, SILENCE_ACTION } from '../../../src/notify/slack-blocks.ts'
import { readPress } from '../../../src/notify/slack-socket.ts'
import { POISON } from './poison.ts'

const BUTTON = { action_id: ACKNOWLEDGE_ACTION, value: 'thr_1' }
const PRESS = {
  type: 'block_actions',
  api_app_id: 'A1',
  user: { id: 'U1', name: 'ada', username: 'ada.l' },
  container: { message_ts: '1.2', channel_id: 'C1' },
  message: { app_id: 'A1' },
  actions: [BUTTON],
}

describe('what Slack sends is a press of ours', () => {
  test('with who, where and what', () => {
    expect(readPress(PRESS)).toEqual({
      action: 'acknowledge',
      thread: 'thr_1',
      channel: 'C1',
      message: '1.2',
      user: { id: 'U1', name: 'ada' },
    })
    expect(readPress({ ...PRESS, actions: [{ ...BUTTON, action_id: SILENCE_ACTION }] })?.action).toBe(
      'silence',
    )
  })

  test('of a person without a name, or with a hostile one', () => {
    expect(readPress({ ...PRESS, user: { id: 'U1' } })?.user.name).toBe('U1')
    const name = readPress({ ...PRESS, user: { id: 'U1', name: POISON } })?.user.name ?? ''
    expect([...name].length).toBe(80)
    expect(name).not.toMatch(/\p{Cc}/u)
  })

  test.each([
    ['nothing', null],
    ['text', 'block_actions'],
    ['another kind', { ...PRESS, type: 'view_submission' }],
    ['no action', { ...PRESS, actions: [] }],
    ['two actions', { ...PRESS, actions: [BUTTON, BUTTON] }],
    ['no list of actions', { ...PRESS, actions: BUTTON }],
    ['another action', { ...PRESS, actions: [{ ...BUTTON, action_id: 'approve' }] }],
    ['no value', { ...PRESS, actions: [{ action_id: ACKNOWLEDGE_ACTION }] }],
    ['a value that is no text', { ...PRESS, actions: [{ ...BUTTON, value: { a: 1 } }] }],
    ['a message of another app', { ...PRESS, message: { app_id: 'A2' } }],
    ['no message', { ...PRESS, container: { channel_id: 'C1' } }],
    ['no channel', { ...PRESS, container: { message_ts: '1.2' } }],
    ['no user', { ...PRESS, user: null }],
  ])('but for %s', (_name, body) => {
    expect(readPress(body)).toBeNull()
  })
})
