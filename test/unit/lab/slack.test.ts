import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildWorld } from '../../../src/lab/build-world.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { SlackMode } from '../../../src/lab/world.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { patienceFor } from './clients.ts'

const START = Date.UTC(2026, 0, 5, 8)
const METADATA = { event_type: 'stswatch_notice', event_payload: { k: 'abc' } }

let lab: Lab
let clock = manualClock(START)

beforeEach(async () => {
  clock = manualClock(START)
  lab = await startLab(buildWorld(), { clock })
})
afterEach(() => lab[Symbol.asyncDispose]())

type Fields = Readonly<Record<string, unknown>>

interface SlackAnswer {
  readonly ok: boolean
  readonly error?: string
  readonly ts?: string
  readonly messages?: readonly { readonly ts: string; readonly text: string; readonly metadata?: unknown }[]
  readonly response_metadata?: { readonly next_cursor: string }
}

async function post(
  method: string,
  fields: Fields,
  patienceMs = patienceFor('an answer'),
): Promise<Response> {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  const body = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, text(value)]))
  const headers = { authorization: 'Bearer xoxb-lab' }
  return fetch(`${lab.slack.url}${method}`, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(patienceMs),
  })
}

async function call(method: string, fields: Fields): Promise<SlackAnswer> {
  return (await post(method, fields)).json() as Promise<SlackAnswer>
}

async function say(text: string, more: Fields = {}): Promise<string> {
  return (await call('chat.postMessage', { channel: 'C1', text, metadata: METADATA, ...more })).ts ?? ''
}

describe('in good order', () => {
  test('keeps roots, threads, metadata and edits', async () => {
    const root = await say('opened', { blocks: [{ type: 'divider' }] })
    await say('still broken', { thread_ts: root })
    await say('elsewhere', { channel: 'C2' })
    expect(await call('chat.update', { channel: 'C1', ts: root, text: 'resolved' })).toMatchObject({
      ok: true,
    })
    expect(lab.slack.messages('C1')).toMatchObject([
      {
        ts: root,
        text: 'resolved',
        metadata: METADATA,
        postedAt: START,
        blocks: [{ type: 'divider' }],
        before: [{ text: 'opened' }],
        replies: [{ text: 'still broken', threadTs: root }],
      },
    ])
  })

  test('history gives roots only, newest first, within the window, page by page, metadata if asked', async () => {
    const roots: string[] = []
    for (const text of ['one', 'two', 'three']) {
      roots.push(await say(text))
      await clock.advance(60_000)
    }
    await say('reply', { thread_ts: roots[0] })
    const history = (fields: Fields) => call('conversations.history', { channel: 'C1', ...fields })
    const texts = async (fields: Fields) => (await history(fields)).messages?.map(({ text }) => text)
    expect(await texts({})).toEqual(['three', 'two', 'one'])
    expect(await texts({ oldest: roots[0] })).toEqual(['three', 'two'])
    expect(await texts({ oldest: roots[0], inclusive: true, latest: roots[1] })).toEqual(['two', 'one'])
    const first = await history({ limit: 2, include_all_metadata: true })
    expect(first.messages?.[0]?.metadata).toEqual(METADATA)
    expect((await history({})).messages?.[0]?.metadata).toBeUndefined()
    expect(await texts({ limit: 2, cursor: first.response_metadata?.next_cursor })).toEqual(['one'])
  })

  test('replies gives the root and its thread, oldest first', async () => {
    const root = await say('root')
    await say('first', { thread_ts: root })
    await say('second', { thread_ts: root })
    const replies = await call('conversations.replies', { channel: 'C1', ts: root })
    expect(replies.messages?.map(({ text }) => text)).toEqual(['root', 'first', 'second'])
  })

  test('a deleted root can be neither updated nor found', async () => {
    const ts = await say('gone')
    lab.slack.deleteMessage(ts)
    expect(await call('chat.update', { channel: 'C1', ts, text: 'x' })).toMatchObject({
      error: 'message_not_found',
    })
    expect(await call('conversations.replies', { channel: 'C1', ts })).toMatchObject({
      error: 'thread_not_found',
    })
  })

  test.each([
    ['chat.postMessage', { channel: 'C1' }, 'no_text'],
    ['chat.postMessage', { channel: 'C1', text: 'x'.repeat(40_001) }, 'msg_too_long'],
    ['chat.postMessage', { channel: 'C1', blocks: Array(51).fill({}) }, 'invalid_blocks'],
    ['chat.postMessage', { channel: 'C1', text: 'x', metadata: '{' }, 'invalid_arguments'],
    ['conversations.history', { channel: 'C1', limit: 0 }, 'invalid_limit'],
    ['chat.shout', {}, 'unknown_method'],
  ] as const)('%s refuses what Slack refuses: %o', async (method, fields, error) => {
    expect(await call(method, fields)).toEqual({ ok: false, error })
  })

  test('says who is there, and takes nothing without a token', async () => {
    expect(await call('auth.test', {})).toMatchObject({ ok: true, bot_id: 'B1' })
    const bare = await fetch(`${lab.slack.url}auth.test`, { method: 'POST' })
    expect(await bare.json()).toEqual({ ok: false, error: 'not_authed' })
  })
})

describe('in trouble', () => {
  const modes: readonly (readonly [SlackMode, string, number])[] = [
    ['hang', 'timeout', 0],
    ['reset', 'broken', 0],
    ['bad-json', '200 unreadable', 0],
    ['huge', '200 2097176 bytes', 0],
    ['stored-then-close', 'broken', 1],
    ['stored-then-500', '500 internal_error', 1],
    ['stored-then-hang', 'timeout', 1],
    ['not-stored-then-close', 'broken', 0],
    [{ status: 503 }, '503 fatal_error', 0],
    [{ error: 'channel_not_found' }, '200 channel_not_found', 0],
    [{ retryAfter: '30' }, '429 ratelimited after 30', 0],
    [{ retryAfter: null }, '429 ratelimited', 0],
  ]

  async function outcome(patienceMs: number): Promise<string> {
    try {
      const response = await post('chat.postMessage', { channel: 'C1', text: 'x' }, patienceMs)
      const body = await response.text()
      if (body.length > 10_000) return `${response.status} ${body.length} bytes`
      if (!body.endsWith('}')) return `${response.status} unreadable`
      const after = response.headers.get('retry-after')
      const { error } = JSON.parse(body) as SlackAnswer
      return `${response.status} ${error}${after === null ? '' : ` after ${after}`}`
    } catch (error) {
      return (error as Error).name === 'TimeoutError' ? 'timeout' : 'broken'
    }
  }

  test.each(modes)('%o: the caller sees %s, %i kept', async (mode, expected, kept) => {
    lab.change((world) => ({ ...world, slack: { mode, methods: ['chat.postMessage'], calls: 1 } }))
    expect(await call('auth.test', {})).toMatchObject({ ok: true })
    expect(await outcome(patienceFor(expected))).toBe(expected)
    expect(lab.slack.messages('C1')).toHaveLength(kept)
    await say('trouble is over after one call')
    expect(lab.slack.messages('C1')).toHaveLength(kept + 1)
    expect(lab.slack.calls.map(({ method }) => method)).toEqual([
      'auth.test',
      'chat.postMessage',
      'chat.postMessage',
    ])
  })

  test('a message may stay invisible for some looks', async () => {
    lab.change((world) => ({
      ...world,
      slack: { mode: { invisibleForLooks: 2 }, methods: ['chat.postMessage'], calls: null },
    }))
    await say('late')
    const look = async () => (await call('conversations.history', { channel: 'C1' })).messages?.length
    expect([await look(), await look(), await look()]).toEqual([0, 0, 1])
    expect(lab.slack.messages('C1')).toHaveLength(1)
  })
})
