import nodemailer from 'nodemailer'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildWorld } from '../../../src/lab/build-world.ts'
import { INBOX_HOST } from '../../../src/lab/inbox.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { InboxMode } from '../../../src/lab/world.ts'
import { patienceFor } from './clients.ts'

let lab: Lab

beforeEach(async () => {
  lab = await startLab(buildWorld())
})
afterEach(() => lab[Symbol.asyncDispose]())

const RAW = 'Message-ID: <one@example.com>\r\nSubject: hello\r\n\r\n.dot\r\nend\r\n'

/** `ok`, the reply code and its command, or the client's error code. */
async function send(login: boolean, patienceMs: number): Promise<string> {
  const transport = nodemailer.createTransport({
    host: lab.inbox.host,
    port: lab.inbox.port,
    requireTLS: true,
    tls: { ca: lab.caPem, servername: INBOX_HOST },
    ...(login && { auth: { user: 'alerts', pass: 'secret' } }),
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
  })
  const envelope = { from: 'bot@example.com', to: ['postmaster@example.net'] }
  try {
    await transport.sendMail({ envelope, raw: RAW })
    return 'ok'
  } catch (error) {
    const { code, responseCode, command } = error as {
      code?: string
      responseCode?: number
      command?: string
    }
    return responseCode === undefined ? `${code}` : `${responseCode} ${command}`
  } finally {
    transport.close()
  }
}

test('keeps a mail byte for byte, with its envelope, over TLS, with or without a login', async () => {
  const patience = patienceFor('ok')
  expect(await send(true, patience)).toBe('ok')
  expect(await send(false, patience)).toBe('ok')
  expect(lab.inbox.mails).toMatchObject([
    {
      messageId: 'one@example.com',
      from: 'bot@example.com',
      to: ['postmaster@example.net'],
      raw: RAW,
      secured: true,
      user: 'alerts',
    },
    { user: null },
  ])
  expect(lab.inbox.byMessageId().get('one@example.com')).toHaveLength(2)
})

const modes: readonly (readonly [InboxMode, string, number])[] = [
  ['greylist', '451 RCPT TO', 0],
  ['reject-recipient', '550 RCPT TO', 0],
  ['reject-data', '554 DATA', 0],
  ['full', '452 DATA', 0],
  ['stored-then-close', 'ECONNECTION', 1],
  ['stored-then-hang', 'ETIMEDOUT (timeout)', 1],
  ['not-stored-then-close', 'ECONNECTION', 0],
  ['busy', '421 CONN', 0],
  ['hang-at-greeting', 'ETIMEDOUT (timeout)', 0],
  ['no-starttls', '500 STARTTLS', 0],
  ['reset-at-connect', 'ESOCKET', 0],
  ['reject-login', '535 AUTH PLAIN', 0],
]

test.each(modes)(
  'in mode %s the client sees %s, %i kept; then all is well again',
  async (mode, expected, kept) => {
    lab.change((world) => ({ ...world, inbox: { mode, connections: 1 } }))
    expect(await send(true, patienceFor(expected))).toBe(expected.replace(' (timeout)', ''))
    expect(lab.inbox.mails).toHaveLength(kept)
    expect(await send(true, patienceFor('ok'))).toBe('ok')
    expect(lab.inbox.mails).toHaveLength(kept + 1)
  },
)
