import { once } from 'node:events'
import { createServer } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { CertificateAuthority } from '../../../src/lab/ca.ts'
import { CERTIFICATES } from '../../../src/lab/certificate-spec.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { systemClock } from '../../../src/lib/time.ts'
import { type MailDeadlines, type MailOutcome, smtpTransport } from '../../../src/mail/transport.ts'
import { type MailAddress, parseMailAddress } from '../../../src/protocol/mail-address.ts'
import type { SmtpServer } from '../../../src/protocol/smtp/submission-url.ts'
import { type Script, type ScriptedServer, scriptedServer } from './scripted-server.ts'

const QUICK: MailDeadlines = { setupMs: 2_000, greetingMs: 300, silenceMs: 300, totalMs: 3_000 }
const RAW = 'Subject: x\r\n\r\n.a dot\r\nend\r\n'
const TLS = { host: 'localhost', security: 'starttls' } as const
const PASSWORD = 'hunter2-Ä-secret'

let ca: CertificateAuthority
beforeAll(async () => {
  ca = await CertificateAuthority.create(systemClock.now())
})

function address(text: string): MailAddress {
  const parsed = parseMailAddress(text)
  if (parsed === null) throw new Error(text)
  return parsed
}

const MAIL = {
  from: address('alerts@example.net'),
  to: [address('a@example.com'), address('b@example.com')],
  raw: RAW,
}

function send(port: number, server: Partial<SmtpServer> = {}, signal?: AbortSignal): Promise<MailOutcome> {
  const settings: SmtpServer = {
    host: '127.0.0.1',
    port,
    security: 'loopback',
    user: null,
    password: null,
    ...server,
  }
  const options = { ehloName: 'monitor.example.net', ca: ca.rootPem, deadlines: QUICK }
  return smtpTransport(settings, options).send(MAIL, signal ?? new AbortController().signal)
}

describe('what became of a mail', () => {
  const cases: readonly (readonly [string, Partial<Script>, MailOutcome['outcome'], number])[] = [
    ['accepted', {}, 'accepted', 1],
    ['greeting 421', { greeting: '421 busy' }, 'retry', 0],
    ['greeting 554', { greeting: '554 go away' }, 'rejected', 0],
    ['no greeting', { greeting: 'hang' }, 'retry', 0],
    ['closed instead of a greeting', { greeting: 'close' }, 'retry', 0],
    ['sender refused for now', { mail: '451 later' }, 'retry', 0],
    ['sender refused for good', { mail: '550 no' }, 'rejected', 0],
    ['greylisted', { rcpt: { '*': '451 greylisted' } }, 'retry', 0],
    ['no such recipient', { rcpt: { '*': '550 unknown' } }, 'rejected', 0],
    ['one deferred, one unknown', { rcpt: { a: '451 later', b: '550 unknown' } }, 'retry', 0],
    ['one recipient unknown', { rcpt: { a: '550 unknown', '*': '250 ok' } }, 'accepted', 1],
    ['DATA refused for now', { data: '421 closing' }, 'retry', 0],
    ['DATA refused for good', { data: '554 no' }, 'rejected', 0],
    ['closed instead of 354', { data: 'close' }, 'retry', 0],
    ['silent instead of 354', { data: 'hang' }, 'retry', 0],
    ['full after the dot', { end: '452 full' }, 'retry', 1],
    ['policy after the dot', { end: '554 spam' }, 'rejected', 1],
    ['closed after the dot', { end: 'close' }, 'ambiguous', 1],
    ['silent after the dot', { end: 'hang' }, 'ambiguous', 1],
  ]
  test.each(cases)('%s', async (_name, script, outcome, stored) => {
    await using server = await scriptedServer(script)
    expect((await send(server.port)).outcome).toBe(outcome)
    expect(server.mails).toHaveLength(stored)
  })

  test('the same with pipelining', async () => {
    await using server = await scriptedServer({
      capabilities: ['PIPELINING'],
      rcpt: { '*': '550 unknown' },
      data: '503 no',
    })
    expect(await send(server.port)).toMatchObject({ outcome: 'rejected', code: 'smtp_550_rcpt' })
  })

  test('nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    server.close()
    await once(server, 'close')
    expect(await send(port)).toMatchObject({
      outcome: 'retry',
      error: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('who was refused is told, the others have it', async () => {
    await using server = await scriptedServer({ rcpt: { a: '550 5.1.1 unknown', '*': '250 ok' } })
    expect(await send(server.port)).toMatchObject({
      outcome: 'accepted',
      refused: ['a@example.com: 550 5.1.1 unknown'],
    })
  })

  test('stopped while the server is silent: nothing was handed over', async () => {
    await using server = await scriptedServer({ data: 'hang' })
    expect((await send(server.port, {}, AbortSignal.timeout(100))).outcome).toBe('retry')
  })

  test('stopped before it began', async () => {
    await using server = await scriptedServer()
    expect((await send(server.port, {}, AbortSignal.abort())).outcome).toBe('retry')
    expect(server.mails).toEqual([])
  })
})

test('the bytes arrive as they were given, the envelope is ours, and we take our leave', async () => {
  await using server = await scriptedServer()
  await send(server.port)
  expect(server.mails).toEqual([RAW])
  await expect
    .poll(() => server.commands)
    .toEqual([
      'EHLO monitor.example.net',
      'MAIL FROM:<alerts@example.net>',
      'RCPT TO:<a@example.com>',
      'RCPT TO:<b@example.com>',
      'DATA',
      'QUIT',
    ])
})

describe('protection', () => {
  const login = { user: 'me', password: new Secret(PASSWORD) }
  const context = async (spec: keyof typeof CERTIFICATES) => ca.context([CERTIFICATES[spec]], 'localhost')

  test('STARTTLS is used where it is required', async () => {
    await using server = await scriptedServer(
      { capabilities: ['STARTTLS'] },
      { context: await context('good'), implicit: false },
    )
    const outcome = await send(server.port, { host: 'localhost', security: 'starttls', ...login })
    expect(outcome).toMatchObject({ outcome: 'accepted', refused: [] })
    expect(server.commands.slice(0, 4).map((line) => line.split(' ')[0])).toEqual([
      'EHLO',
      'STARTTLS',
      'EHLO',
      'AUTH',
    ])
  })

  test('TLS from the first byte', async () => {
    await using server = await scriptedServer({}, { context: await context('good'), implicit: true })
    const outcome = await send(server.port, { host: 'localhost', security: 'implicit' })
    expect(outcome).toMatchObject({ outcome: 'accepted', refused: [] })
  })

  test.each(['expired', 'wrongName', 'selfSigned', 'untrustedRoot'] as const)(
    'a certificate that is %s gets neither password nor mail',
    async (spec) => {
      await using server = await scriptedServer(
        { capabilities: ['STARTTLS'] },
        { context: await context(spec), implicit: false },
      )
      const outcome = await send(server.port, { host: 'localhost', security: 'starttls', ...login })
      expect(outcome.outcome).toBe('retry')
      expect(server.commands).toEqual(['EHLO monitor.example.net', 'STARTTLS'])
    },
  )

  test('a server that has lost STARTTLS gets neither password nor mail', async () => {
    await using server = await scriptedServer({ starttls: '502 not here' })
    const outcome = await send(server.port, { host: 'localhost', security: 'starttls', ...login })
    expect(outcome).toMatchObject({ outcome: 'rejected', code: 'smtp_502_starttls' })
    expect(server.commands.join()).not.toMatch(/AUTH|MAIL/)
  })

  test('on loopback a certificate of its own making will do', async () => {
    await using server = await scriptedServer(
      { capabilities: ['STARTTLS'] },
      { context: await context('selfSigned'), implicit: false },
    )
    expect((await send(server.port)).outcome).toBe('accepted')
  })

  test('a refused login is for a person to see to, and the password is not repeated', async () => {
    const quoted = Buffer.from(`\0me\0${PASSWORD}`).toString('base64')
    await using server = await scriptedServer({
      capabilities: ['AUTH PLAIN'],
      auth: `535 5.7.8 not with ${quoted} and not with ${PASSWORD}`,
    })
    const outcome = await send(server.port, login)
    expect(outcome).toMatchObject({ outcome: 'rejected', code: 'smtp_535_auth' })
    expect(JSON.stringify(outcome)).not.toContain('hunter2')
    expect(JSON.stringify(outcome)).not.toContain(quoted.slice(0, 20))
  })

  test('what a server says is printable and short', async () => {
    await using server = await scriptedServer({ greeting: `554 \u001b[31m${'x'.repeat(5000)}` })
    const outcome = await send(server.port)
    const error = outcome.outcome === 'rejected' ? outcome.error : ''
    expect(error).toContain('\\u{1b}[31m')
    expect(error.length).toBeLessThanOrEqual(500)
  })
})

describe('a failure is one sentence with what to do', () => {
  const wrong = async (spec: keyof typeof CERTIFICATES) => {
    const context = await ca.context([CERTIFICATES[spec]], 'localhost')
    return scriptedServer({ capabilities: ['STARTTLS'] }, { context, implicit: false })
  }
  const login = { user: 'me', password: new Secret(PASSWORD) }
  const cases: readonly (readonly [string, () => Promise<ScriptedServer>, Partial<SmtpServer>, RegExp])[] = [
    [
      'login refused',
      () => scriptedServer({ capabilities: ['AUTH PLAIN'], auth: '535 5.7.8 bad credentials' }),
      login,
      /^127\.0\.0\.1:\d+ refuses the login \(.*535 5\.7\.8 bad credentials\); check user and password in SMTP_URL/,
    ],
    [
      'login not possible now',
      () => scriptedServer({ capabilities: ['AUTH PLAIN'], auth: '454 4.7.0 later' }),
      login,
      /cannot check the login now \(.*454 4\.7\.0 later\)$/,
    ],
    [
      'an expired certificate',
      () => wrong('expired'),
      TLS,
      /^the certificate of localhost:\d+ does not hold \(certificate has expired\); /,
    ],
    [
      'the wrong name',
      () => wrong('wrongName'),
      TLS,
      /does not hold \(Hostname.*DNS:other\.invalid\); name the host as the certificate does/,
    ],
    ['its own signature', () => wrong('selfSigned'), TLS, /does not hold \(self-signed certificate/],
    [
      'an unknown root',
      () => wrong('untrustedRoot'),
      TLS,
      /does not hold \(unable to get local issuer certificate\)/,
    ],
    [
      'no STARTTLS',
      () => scriptedServer({ starttls: '502 no' }),
      TLS,
      /does not do STARTTLS \(.*502 no\); use smtps:/,
    ],
    [
      'no TLS from the start',
      () => scriptedServer(),
      { ...TLS, security: 'implicit' },
      /does not begin with TLS \(.*wrong version number.*\); use smtp:/,
    ],
    [
      'a silent server',
      () => scriptedServer({ greeting: 'hang' }),
      {},
      /did not answer in time \(Timeout\); firewalls.*smtps:/,
    ],
    [
      'no such name',
      () => scriptedServer(),
      { host: 'none.invalid' },
      /^the name none\.invalid cannot be resolved \(.*\); check the host in SMTP_URL/,
    ],
    [
      'anything else as the server says it',
      () => scriptedServer({ greeting: '554 go away' }),
      {},
      /554 go away$/,
    ],
  ]
  test.each(cases)('%s', async (_, start, server, sentence) => {
    await using running = await start()
    const outcome = await send(running.port, server)
    expect(outcome.outcome === 'accepted' ? '' : outcome.error).toMatch(sentence)
    expect(JSON.stringify(outcome)).not.toContain('hunter2')
  })
})
