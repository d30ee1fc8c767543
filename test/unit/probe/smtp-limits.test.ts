import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { faultOf } from '../../../src/probe/fault-error.ts'
import { DEFAULT_LIMITS } from '../../../src/probe/limits.ts'
import { GREETING_FAULTS, SmtpConnection } from '../../../src/probe/smtp-connection.ts'

const LIMITS = DEFAULT_LIMITS.smtp
const patient = new AbortController().signal

/** What a connection reads as the greeting when the server sends these bytes, then closes or waits. */
async function greetedWith(bytes: string, end = true): Promise<string> {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined)
    if (end) socket.end(bytes, 'latin1')
    else socket.write(bytes, 'latin1')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  try {
    const connection = new SmtpConnection(socket, 'mx.example.com', LIMITS)
    const reply = await connection.read(5_000, GREETING_FAULTS, patient)
    return `${reply.code} ${reply.lines.length} ${connection.release()}`
  } catch (error) {
    const { kind, detail } = faultOf(error)
    return `${kind}: ${detail.replace(/^.*?: /, '').slice(0, 50)}`
  } finally {
    socket.destroy()
    server.close()
  }
}

function line(length: number): string {
  return `${'220 '.padEnd(length, 'x')}`
}

function lines(count: number, width = 4): string {
  return `${line(width).replace(' ', '-')}\r\n`.repeat(count - 1)
}

describe('the limits of one reply', () => {
  test.each([
    ['a line just below the limit', `${line(LIMITS.lineBytes - 1)}\r\n`, '220 1 0'],
    ['a line at the limit', `${line(LIMITS.lineBytes)}\r\n`, '220 1 0'],
    [
      'a line above the limit',
      `${line(LIMITS.lineBytes + 1)}\r\n`,
      'greeting-malformed: a line of more than 2048 bytes',
    ],
    ['as many lines as allowed', `${lines(LIMITS.replyLines)}220 last\r\n`, '220 100 0'],
    [
      'one line more',
      `${lines(LIMITS.replyLines + 1)}220 last\r\n`,
      'greeting-malformed: a reply of more than 100 lines',
    ],
    ['bare line feeds', '220-one\n220 two\n', '220 2 0'],
    ['codes that differ', '220-one\r\n250 two\r\n', 'greeting-malformed: instead of a reply: 250 two'],
    ['bytes after the reply', '220 hello\r\n250 injected\r\n', '220 1 14'],
    ['half a line and no more', '220 hel', 'smtp-closed: the server closed the connection'],
    ['nothing', '', 'smtp-closed: the server closed the connection'],
    [
      'HTTP',
      'HTTP/1.1 400 Bad Request\r\n',
      'greeting-malformed: instead of a reply: HTTP/1.1 400 Bad Request',
    ],
    ['bytes that are no text', '\xff\xfe\0\r\n', 'greeting-malformed: instead of a reply: \xff\xfe\0'],
  ])('%s', async (_what, bytes, expected) => {
    expect(await greetedWith(bytes)).toBe(expected)
  })

  test('more bytes than a session may have', async () => {
    const flood = lines(90, 1_000)
    expect(flood.length).toBeGreaterThan(LIMITS.sessionBytes)
    expect(await greetedWith(flood, false)).toBe('greeting-malformed: more than 65536 bytes')
  })
})
