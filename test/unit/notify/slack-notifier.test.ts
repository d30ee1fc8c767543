import { describe, expect, test } from 'vitest'
import type { SlackMode } from '../../../src/lab/world.ts'
import type { Delivery } from '../../../src/model/notification.ts'
import { attempt, message, resolved, step, T0 } from './message-builder.ts'
import { CHANNEL, slackStage, TOKEN } from './slack-stage.ts'

function referenceOf(delivery: Delivery): string {
  if (delivery.outcome !== 'delivered' || delivery.reference === null) throw new Error(delivery.outcome)
  return delivery.reference
}

const LOST_ANSWERS: readonly SlackMode[] = [
  'stored-then-close',
  'stored-then-500',
  'stored-then-hang',
  'not-stored-then-close',
  'hang',
  'reset',
  { status: 503 },
  { error: 'internal_error' },
  { error: 'fatal_error' },
]

describe('a conversation', () => {
  test('begins with one root message that carries its key', async () => {
    await using stage = await slackStage()
    const delivery = await stage.send({ dedupeKey: 'k1' })
    const [root] = stage.slack.messages(CHANNEL)
    expect(delivery).toEqual({ outcome: 'delivered', reference: `${CHANNEL}/${root?.ts}` })
    expect(root?.metadata).toEqual({ event_type: 'stswatch_notice', event_payload: { k: 'k1' } })
    expect(root?.text).toContain('example.com: MX mx2.example.net')
    expect(stage.slack.calls[0]?.args).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false' })
    expect(stage.slack.calls[0]?.args).not.toHaveProperty('link_names')
  })

  test('goes on with the root brought up to date and a reply under it', async () => {
    await using stage = await slackStage()
    const reference = referenceOf(await stage.send({ dedupeKey: 'k1' }))
    const end = message([step('resolved', resolved(T0 + 60_000), T0 + 60_000)])
    expect(await stage.send({ dedupeKey: 'k2', threadReference: reference }, end)).toEqual({
      outcome: 'delivered',
      reference,
    })
    const threads = stage.slack.messages(CHANNEL)
    expect(threads).toHaveLength(1)
    expect(threads[0]?.text).toMatch(/^🟢/)
    expect(threads[0]?.before).toHaveLength(1)
    expect(threads[0]?.replies.map(({ text }) => text)).toEqual([expect.stringContaining('Resolved')])
  })

  test('calls people when it gets worse, and not when it ends', async () => {
    await using stage = await slackStage()
    const threadReference = referenceOf(await stage.send())
    await stage.send({ threadReference }, message([step('worsened')]))
    await stage.send({ threadReference }, message([step('resolved')]))
    const replies = stage.slack.calls.filter(({ args }) => args.thread_ts !== undefined)
    expect(replies.map(({ args }) => args.reply_broadcast)).toEqual(['true', undefined])
  })

  test('whose root was deleted begins anew, once', async () => {
    await using stage = await slackStage()
    const threadReference = referenceOf(await stage.send({ dedupeKey: 'k1' }))
    stage.slack.deleteMessage(threadReference.split('/')[1] ?? '')
    const reference = referenceOf(await stage.send({ dedupeKey: 'k2', threadReference }))
    expect(reference).not.toBe(threadReference)
    expect(stage.slack.messages(CHANNEL).map(({ ts }) => `${CHANNEL}/${ts}`)).toEqual([reference])
    expect(stage.slack.calls.map(({ args }) => args.thread_ts)).toEqual([undefined, undefined, undefined])
  })

  test('goes on where a workspace forbids editing', async () => {
    await using stage = await slackStage()
    const threadReference = referenceOf(await stage.send())
    stage.trouble({ error: 'edit_window_closed' }, ['chat.update'])
    expect(await stage.send({ threadReference })).toMatchObject({ outcome: 'delivered' })
    expect(stage.slack.messages(CHANNEL)[0]?.replies).toHaveLength(1)
  })
})

describe('after a lost answer there is one message', () => {
  test.each(LOST_ANSWERS)('%o, a root', async (mode) => {
    await using stage = await slackStage()
    stage.trouble(mode)
    expect(await stage.sendUntilSettled('k1')).toMatchObject({ outcome: 'delivered' })
    const roots = stage.slack.messages(CHANNEL)
    expect(roots.map(({ text }) => text)).toEqual([expect.not.stringContaining('duplicate')])
  })

  test.each(LOST_ANSWERS)('%o, a reply', async (mode) => {
    await using stage = await slackStage()
    const threadReference = referenceOf(await stage.send({ dedupeKey: 'k1' }))
    stage.trouble(mode)
    expect(await stage.sendUntilSettled('k2', threadReference)).toEqual({
      outcome: 'delivered',
      reference: threadReference,
    })
    expect(stage.slack.messages(CHANNEL).map(({ replies }) => replies.length)).toEqual([1])
  })

  test.each(['stored-then-close', 'not-stored-then-close'] as const)(
    '%s, a root posted anew',
    async (mode) => {
      await using stage = await slackStage()
      const threadReference = referenceOf(await stage.send({ dedupeKey: 'k1' }))
      stage.slack.deleteMessage(threadReference.split('/')[1] ?? '')
      stage.trouble(mode)
      const settled = referenceOf(await stage.sendUntilSettled('k2', threadReference))
      expect(stage.slack.messages(CHANNEL).map(({ ts }) => `${CHANNEL}/${ts}`)).toEqual([settled])
    },
  )

  test.each(['bad-json', 'huge'] as const)('%s: an answer that is none', async (mode) => {
    await using stage = await slackStage()
    stage.trouble(mode)
    expect(await stage.send()).toMatchObject({ outcome: 'ambiguous' })
  })

  test('also when it becomes visible only at the third look, 45 s later', async () => {
    await using stage = await slackStage()
    stage.trouble({ invisibleForLooks: 2 })
    await stage.send({ dedupeKey: 'k1' })
    const again = await stage.send({ dedupeKey: 'k1', attempt: 2, ambiguous: true })
    expect(again).toMatchObject({ outcome: 'delivered' })
    expect(stage.slack.messages(CHANNEL)).toHaveLength(1)
    expect(stage.clock.slept).toEqual([5_000, 10_000, 30_000])
  })

  test('also when 40 others were posted since', async () => {
    await using stage = await slackStage()
    stage.trouble('stored-then-close')
    await stage.send({ dedupeKey: 'k1' })
    for (let n = 0; n < 40; n++) await stage.send({ dedupeKey: `other${n}` })
    await stage.send({ dedupeKey: 'k1', attempt: 2, ambiguous: true })
    expect(stage.slack.messages(CHANNEL)).toHaveLength(41)
    expect(stage.methods.filter((method) => method === 'conversations.history')).toHaveLength(3)
  })
})

describe('when it cannot be looked up', () => {
  test.each([{ error: 'missing_scope' }, { error: 'not_in_channel' }, { retryAfter: '86400' }] as const)(
    '%o: posts again and says that it may be the second time',
    async (mode) => {
      await using stage = await slackStage()
      stage.trouble('stored-then-close')
      await stage.send({ dedupeKey: 'k1' })
      stage.trouble(mode, ['conversations.history'], 100)
      const settled = await stage.sendUntilSettled('k1', null, message(), true)
      expect(settled).toMatchObject({ outcome: 'delivered' })
      const [first, second] = stage.slack.messages(CHANNEL)
      expect(first?.text).not.toContain('possible duplicate')
      expect(second?.text).toMatch(/^\(possible duplicate\) /)
      expect(JSON.stringify(second?.blocks)).toContain('(possible duplicate)')
    },
  )

  test('more was posted since than is read: posts again and says that it may be the second time', async () => {
    await using stage = await slackStage()
    stage.trouble('stored-then-close')
    await stage.send({ dedupeKey: 'k1' })
    for (let n = 0; n < 50; n++) await stage.send({ dedupeKey: `other${n}` })
    await stage.send({ dedupeKey: 'k1', attempt: 2, ambiguous: true })
    expect(stage.slack.messages(CHANNEL).at(-1)?.text).toMatch(/^\(possible duplicate\) /)
  })

  test.each([{ retryAfter: '30' }, 'reset', 'hang', { status: 502 }] as readonly SlackMode[])(
    '%o: for now, nothing is posted',
    async (mode) => {
      await using stage = await slackStage()
      stage.trouble(mode, ['conversations.history'])
      const spec = { dedupeKey: 'k1', attempt: 2, ambiguous: true }
      expect(await stage.send(spec)).toMatchObject({ outcome: 'ambiguous' })
      expect(stage.methods).toEqual(['conversations.history'])
    },
  )

  test('a channel given by name is searched under the id that its first message told', async () => {
    await using stage = await slackStage('#mail-ops')
    await stage.send({ dedupeKey: 'k1' })
    await stage.send({ dedupeKey: 'k2', attempt: 2, ambiguous: true })
    expect(stage.methods).not.toContain('conversations.list')
  })
})

describe('the far side declines or is away', () => {
  test.each([
    'channel_not_found',
    'is_archived',
    'invalid_auth',
    'token_revoked',
    'account_inactive',
    'not_in_channel',
    'msg_too_long',
  ])('%s is for a person to see to', async (error) => {
    await using stage = await slackStage()
    stage.trouble({ error })
    expect(await stage.send()).toEqual({
      outcome: 'rejected',
      errorCode: error,
      error: `Slack says ${error}`,
    })
  })

  test('after a 429 the whole workspace is left alone for as long as it asks', async () => {
    await using stage = await slackStage()
    stage.trouble({ retryAfter: '30' })
    expect(await stage.send()).toMatchObject({ outcome: 'retry', afterMs: 31_000 })
    stage.clock.pass(20_000)
    expect(await stage.send()).toMatchObject({ outcome: 'retry', afterMs: 11_000 })
    expect(stage.slack.calls).toHaveLength(1)
    stage.clock.pass(11_000)
    expect(await stage.send()).toMatchObject({ outcome: 'delivered' })
  })

  test('nobody listens: nothing was sent', async () => {
    const stage = await slackStage()
    await stage[Symbol.asyncDispose]()
    expect(await stage.send()).toMatchObject({
      outcome: 'retry',
      error: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('stopped before or while waiting', async () => {
    await using stage = await slackStage()
    const stopped = (spec: Parameters<typeof stage.send>[0]) =>
      stage.notifier.send({ ...attempt(stage.notifier.render(message())), ...spec }, AbortSignal.abort())
    expect(await stopped({})).toMatchObject({ outcome: 'retry' })
    expect(await stopped({ ambiguous: true })).toMatchObject({ outcome: 'ambiguous' })
    expect(stage.slack.calls).toEqual([])
  })

  test('the token is in nothing that we give back, even when Slack quotes it', async () => {
    await using stage = await slackStage()
    stage.trouble({ error: `bad token ${TOKEN} \u001b[31m${'x'.repeat(2_000)}` })
    const text = JSON.stringify(await stage.send())
    expect(text).not.toContain('canary')
    expect(text).toContain('u{1b}')
    expect(text.length).toBeLessThan(700)
  })
})

test('a burst keeps the pace that Slack asks for', async () => {
  await using stage = await slackStage()
  for (let n = 0; n < 100; n++) await stage.send({ dedupeKey: `k${n}` })
  const at = stage.slack.calls.map((call) => call.at)
  const gaps = at.slice(1).map((time, n) => time - (at[n] ?? 0))
  expect(gaps).toHaveLength(99)
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_100)
})
