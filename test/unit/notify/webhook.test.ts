import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../../src/lib/secret.ts'
import type { ChannelId, Delivery } from '../../../src/model/notification.ts'
import { webhookNotifier } from '../../../src/notify/webhook.ts'
import { attempt, message, notification, T0, wording } from './message-builder.ts'

interface Received {
  readonly body: string
  readonly headers: IncomingHttpHeaders
}

type Answer = (response: ServerResponse) => void

async function receiver(answer: Answer) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    // Who gives up in the middle of a request is heard of by no one.
    request.on('error', () => {})
    request.on('end', () => {
      received.push({ body, headers: request.headers })
      answer(response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=canary-in-url`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An answer is waited for as long as a busy machine needs; where none comes the wait is short. */
const PATIENT_MS = 10_000
const SILENCE_MS = 200

function send(url: string, signingKey: string | null = null, timeoutMs = PATIENT_MS): Promise<Delivery> {
  const target = {
    url: new Secret(url),
    format: 'json' as const,
    signingKey: signingKey === null ? null : new Secret(signingKey),
    timeoutMs,
  }
  const notifier = webhookNotifier('hook' as ChannelId, target, wording())
  return notifier.send(attempt(notifier.render(message())), new AbortController().signal)
}

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end()

test('posts what happened, as documented', async () => {
  await using hook = await receiver(status(204))
  expect(await send(hook.url)).toEqual({ outcome: 'delivered', reference: null })
  const [post] = hook.received
  expect(post?.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'idempotency-key': notification().dedupeKey,
  })
  expect(JSON.parse(post?.body ?? '')).toMatchObject({
    version: 1,
    key: notification().dedupeKey,
    thread: 'thr_1',
    label: 'critical',
    text: expect.stringContaining('example.com: MX mx2.example.net'),
    note: null,
    events: [
      {
        kind: 'incident',
        reason: 'opened',
        at: new Date(T0).toISOString(),
        incident: { id: 'inc_example.com', domain: 'example.com', severity: 'critical', phase: 'open' },
      },
    ],
  })
})

test('signs the bytes of the body when it has a key, and only then', async () => {
  await using hook = await receiver(status(200))
  await send(hook.url, 'signing-key')
  await send(hook.url)
  const [signed, unsigned] = hook.received
  const expected = createHmac('sha256', 'signing-key')
    .update(signed?.body ?? '')
    .digest('hex')
  expect(signed?.headers['x-stswatch-signature']).toBe(`sha256=${expected}`)
  expect(unsigned?.headers).not.toHaveProperty('x-stswatch-signature')
})

describe('what became of it', () => {
  const cases: readonly (readonly [string, Answer, Partial<Delivery>])[] = [
    ['accepted', status(202), { outcome: 'delivered' }],
    ['gone', status(410), { outcome: 'rejected', errorCode: 'http_410' }],
    ['forbidden', status(403), { outcome: 'rejected', errorCode: 'http_403' }],
    ['too many', status(429, { 'retry-after': '7' }), { outcome: 'retry', afterMs: 8_000 }],
    ['failing', status(503), { outcome: 'retry' }],
    ['silent', () => {}, { outcome: 'ambiguous' }],
    ['cut off', (response) => response.destroy(), { outcome: 'ambiguous' }],
  ]
  test.each(cases)('%s', async (name, answer, expected) => {
    await using hook = await receiver(answer)
    const delivery = await send(hook.url, null, name === 'silent' ? SILENCE_MS : PATIENT_MS)
    expect(delivery).toMatchObject(expected)
    expect(JSON.stringify(delivery)).not.toContain('canary')
  })

  test('a redirect is refused, and not followed', async () => {
    await using other = await receiver(status(200))
    await using hook = await receiver(status(302, { location: other.url }))
    expect(await send(hook.url)).toMatchObject({ outcome: 'rejected', errorCode: 'http_302' })
    expect(other.received).toEqual([])
  })

  test('nobody listens: nothing was sent', async () => {
    const hook = await receiver(status(200))
    await hook[Symbol.asyncDispose]()
    const delivery = await send(hook.url)
    expect(delivery).toMatchObject({ outcome: 'retry', error: expect.stringContaining('ECONNREFUSED') })
    expect(JSON.stringify(delivery)).not.toContain('canary')
  })
})
