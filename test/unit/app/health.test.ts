import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { HealthBoard } from '../../../src/app/health-board.ts'
import { heartbeatTo } from '../../../src/app/heartbeat.ts'
import { judgeHealth } from '../../../src/check/health.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import { desk } from './desk.ts'

const WELL = { overdueDomains: 0, waitingForMs: null, mailboxUnreadForMs: null, clockSkewMs: null }

describe('a monitor is well', () => {
  test.each([
    ['when nothing is wrong', {}, []],
    ['with a message that waits for half an hour', { waitingForMs: 30 * MINUTE_MS }, []],
    ['not with one that waits longer', { waitingForMs: 30 * MINUTE_MS + 1 }, ['messages-waiting']],
    ['with a mailbox read an hour ago', { mailboxUnreadForMs: HOUR_MS }, []],
    ['not with one that was not', { mailboxUnreadForMs: HOUR_MS + 1 }, ['mailbox-unread']],
    ['not when looks are overdue', { overdueDomains: 1 }, ['looks-overdue']],
    ['not with a clock that is an hour off', { clockSkewMs: -HOUR_MS - 1 }, ['clock-wrong']],
  ])('%s', (_, facts, codes) => {
    expect(judgeHealth({ ...WELL, ...facts })).toEqual(codes)
  })

  test('as long as it says so every minute', async () => {
    const clock = manualClock(0)
    const board = new HealthBoard(clock)
    board.note([])
    await clock.advance(3 * MINUTE_MS)
    expect(board.codes()).toEqual([])
    await clock.advance(1)
    expect(board.codes()).toEqual(['stalled'])
    board.note(['messages-waiting'])
    expect(board.codes()).toEqual(['messages-waiting'])
  })
})

test('looks that do not come make it unwell after two intervals, and the first one that comes mends it', async () => {
  await using it = await desk({ domains: ['a.example'] })
  await it.pass(2)
  expect(it.monitor.health.codes()).toEqual([])
  const look = it.probe.look
  it.probe.look = () => Promise.reject(new Error('a bug'))
  await it.pass(16)
  expect(it.monitor.health.codes()).toEqual([])
  await it.pass(90)
  expect(it.monitor.health.codes()).toEqual(['looks-overdue'])
  it.probe.look = look
  await it.pass(16)
  expect(it.monitor.health.codes()).toEqual([])
})

describe('the heartbeat', () => {
  async function receiver(status = 200) {
    const got: string[] = []
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const piece of request) body += piece
      got.push(`${request.method} ${request.url} ${body}`.trim())
      response.writeHead(status).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = new Secret(`http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/0123-secret`)
    return {
      url,
      got,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      },
    }
  }
  const signal = new AbortController().signal

  test('pings while all is well, and /fail with the reasons while it is not', async () => {
    await using far = await receiver()
    const heart = heartbeatTo(far.url, silentLogger)
    await heart.beat([], signal)
    await heart.beat(['messages-waiting', 'clock-wrong'], signal)
    expect(far.got).toEqual([
      'POST /ping/0123-secret',
      'POST /ping/0123-secret/fail messages-waiting\nclock-wrong',
    ])
  })

  test('one that is not heard is said once in the log, without the URL', async () => {
    const lines: string[] = []
    const log = {
      ...silentLogger,
      warn: (event: string, fields = {}) => void lines.push(`${event} ${JSON.stringify(fields)}`),
      info: (event: string) => void lines.push(event),
    }
    await using far = await receiver(500)
    const heart = heartbeatTo(far.url, log)
    await heart.beat([], signal)
    await heart.beat([], signal)
    expect(lines).toEqual(['heartbeat.failed {"error":"HTTP status 500"}'])
    const gone = heartbeatTo(new Secret('http://127.0.0.1:1/ping/0123-secret'), log)
    await gone.beat([], signal)
    expect(lines).toHaveLength(2)
    expect(lines.join()).not.toContain('0123-secret')
  })
})
