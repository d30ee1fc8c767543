import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startHealthServer } from '../../../src/web/health-server.ts'

const HERE = { host: '127.0.0.1', port: 0 }

async function ask(port: number, path: string, method = 'GET') {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
  return [response.status, await response.text()]
}

test('200 while nothing is wrong, 503 with the reasons while something is', async () => {
  const codes: string[] = []
  await using server = await startHealthServer(HERE, () => codes)
  expect(await ask(server.port, '/healthz')).toEqual([200, '{"status":"ok","codes":[]}\n'])
  codes.push('looks-overdue', 'stalled')
  expect(await ask(server.port, '/healthz?verbose')).toEqual([
    503,
    '{"status":"failing","codes":["looks-overdue","stalled"]}\n',
  ])
  expect(await ask(server.port, '/healthz', 'HEAD')).toEqual([503, ''])
})

test('there is nothing else, and nothing to change', async () => {
  await using server = await startHealthServer(HERE, () => [])
  for (const path of ['/', '/metrics', '/healthz/', '//healthz', '/%68ealthz']) {
    expect((await ask(server.port, path))[0]).toBe(404)
  }
  expect((await ask(server.port, '/healthz', 'POST'))[0]).toBe(405)
})

test('what is no HTTP, or too much of it, is cut off', async () => {
  await using server = await startHealthServer(HERE, () => [])
  for (const bytes of [
    '\u0000\u0001 nonsense\r\n\r\n',
    `GET /healthz HTTP/1.1\r\nX: ${'y'.repeat(10_000)}\r\n\r\n`,
  ]) {
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.resume()
    socket.write(bytes)
    await once(socket, 'close')
  }
  expect((await ask(server.port, '/healthz'))[0]).toBe(200)
})

test('a port that is taken is said to be', async () => {
  await using server = await startHealthServer(HERE, () => [])
  await expect(startHealthServer({ ...HERE, port: server.port }, () => [])).rejects.toThrow('EADDRINUSE')
})
