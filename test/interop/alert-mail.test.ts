import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAIL_DEADLINES, smtpTransport } from '../../src/mail/transport.ts'
import type { ChannelId, Delivery } from '../../src/model/notification.ts'
import type { Endpoint } from '../../src/model/route.ts'
import { emailNotifier } from '../../src/notify/email.ts'
import { type MailAddress, parseMailAddress } from '../../src/protocol/mail-address.ts'
import type { SmtpServer } from '../../src/protocol/smtp/submission-url.ts'
import { header, readMail } from '../unit/mail/read-mail.ts'
import { attempt, message, notification, wording } from '../unit/notify/message-builder.ts'
import { eventually } from './eventually.ts'
import { freeEndpoint } from './servers/free-endpoints.ts'
import { OpenSslAuthority } from './servers/openssl.ts'
import { describeWith } from './servers/packages.ts'
import { Postfix, type PostfixOptions, type SmtpdSettings } from './servers/postfix.ts'
import { Scratch } from './servers/scratch.ts'

const FROM = 'alerts@example.net'
const HOST = 'localhost'
const GREY = 'grey@example.com'
const REFUSED = 'refused@example.com'
const MESSAGE_ID = `<${notification().dedupeKey.slice(0, 32)}@example.net>`

const RECIPIENTS = ['starttls', 'implicit', 'twice', 'partly', 'plain', 'never', 'stopped', 'last'].map(
  (name) => `${name}@example.com`,
)

/** Real Maildirs for `RECIPIENTS`; everybody else is unknown, but for one who is greylisted for ever. */
const MAIN: SmtpdSettings = {
  virtual_mailbox_domains: 'example.com',
  virtual_mailbox_maps: `inline:{ ${[...RECIPIENTS, GREY].map((one) => `{ ${one} = ${one}/ }`).join(', ')} }`,
  smtpd_tls_received_header: 'yes',
  smtpd_recipient_restrictions: `check_recipient_access inline:{ { ${GREY} = 450 4.2.0 Greylisted come back later } }`,
}

type Security = SmtpServer['security']

describeWith(['postfix', 'openssl'], 'alert mail through a real Postfix', () => {
  const stack = new AsyncDisposableStack()
  let postfix: Postfix
  let ca: string
  let options: Partial<PostfixOptions>

  beforeAll(async () => {
    const scratch = stack.use(new Scratch('mail'))
    const authority = new OpenSslAuthority(scratch, 'ec', 'ec')
    const stranger = new OpenSslAuthority(scratch, 'stranger', 'rsa')
    ca = authority.rootPem
    const showing = (file: string): SmtpdSettings => ({
      smtpd_tls_security_level: 'may',
      smtpd_tls_chain_files: file,
    })
    const good = showing(authority.issue(HOST))
    options = {
      // The certificates are for a name, so the servers are found by that name.
      host: '127.0.0.1',
      main: MAIN,
      services: {
        starttls: { ...good, smtpd_tls_security_level: 'encrypt' },
        implicit: { ...good, smtpd_tls_wrappermode: 'yes' },
        'wrong-name': showing(authority.issue('mail.example.net')),
        expired: showing(authority.issue(HOST, { fromDays: -91, toDays: -1 })),
        'unknown-root': showing(stranger.issue(HOST)),
        'self-signed': showing(authority.issue(HOST, { signer: 'itself' })),
        'no-starttls': { smtpd_tls_security_level: 'none' },
        small: { ...good, message_size_limit: '100' },
        busy: { smtpd_client_restrictions: 'defer', smtpd_delay_reject: 'no' },
      },
    }
    postfix = stack.use(await Postfix.start(options))
  })
  afterAll(() => stack.disposeAsync())

  interface Sending {
    readonly to: readonly string[]
    readonly security: Security
    readonly endpoint: Endpoint
    readonly trusted: string
  }

  /** One attempt of the channel as the product makes it, and the bytes that it sent. */
  async function send(service: string, edit: Partial<Sending> = {}): Promise<Delivery & { raw: string }> {
    const { to = ['never@example.com'], security = 'starttls', trusted = ca } = edit
    const { port } = edit.endpoint ?? postfix.endpoint(service)
    const server: SmtpServer = { host: HOST, port, security, user: null, password: null }
    const transport = smtpTransport(server, {
      ehloName: 'monitor.example.net',
      ca: trusted,
      deadlines: MAIL_DEADLINES,
    })
    const parties = { from: address(FROM), to: to.map(address) }
    const channel = emailNotifier('postmaster' as ChannelId, parties, transport, wording())
    const payload = channel.render(message())
    const delivery = await channel.send(attempt(payload), new AbortController().signal)
    return { ...delivery, raw: (JSON.parse(payload) as { raw: string }).raw }
  }

  /** The mails in a Maildir, once there are `count` and Postfix has nothing left to deliver. */
  async function maildir(mailbox: string, count: number): Promise<readonly string[]> {
    const folder = join(postfix.mailboxes, mailbox, 'new')
    await eventually(() => postfix.log.split(`to=<${mailbox}>`).length > count)
    return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
  }

  describe.each(['starttls', 'implicit'] as const)('%s', (security) => {
    test('one mail arrives once, with every byte that was sent', async () => {
      const to = `${security}@example.com`
      const { raw, ...delivery } = await send(security, { security, to: [to] })
      expect(delivery).toEqual({ outcome: 'delivered', reference: MESSAGE_ID })
      const mails = await maildir(to, 1)
      expect(mails).toHaveLength(1)
      const [trace = '', ...rest] = (mails[0] ?? '').split(/(?=^From: )/m)
      expect(rest.join('')).toBe(raw.replaceAll('\r\n', '\n'))
      expect(trace).toMatch(/^Received: from monitor\.example\.net .*\n.*using TLSv1\.3/ms)
      const { headers } = readMail(raw)
      expect(header(headers, 'Message-ID')).toBe(MESSAGE_ID)
      expect(header(headers, 'Auto-Submitted')).toBe('auto-generated')
    })
  })

  test('an attempt that is repeated arrives as the same message', async () => {
    const to = ['twice@example.com']
    await send('starttls', { to })
    await send('starttls', { to })
    const mails = await maildir('twice@example.com', 2)
    const [first, second] = mails.map((mail) => mail.slice(mail.indexOf('\nFrom: ')))
    expect(mails).toHaveLength(2)
    expect(first).toBe(second)
  })

  test.each(['wrong-name', 'expired', 'unknown-root', 'self-signed'])(
    '%s: no message is given away, it is tried again later',
    async (service) => {
      const delivery = await send(service)
      expect(delivery).toMatchObject({ outcome: 'retry', afterMs: null })
      expect(delivery.outcome === 'retry' && delivery.error).toMatch(/certificate|altnames/)
    },
  )

  test('a server without STARTTLS is sent no message, and that is for a person to see to', async () => {
    expect(await send('no-starttls')).toMatchObject({ outcome: 'rejected', errorCode: 'smtp_502_starttls' })
  })

  test('on this machine itself the certificate does not matter', async () => {
    const to = ['plain@example.com']
    expect(await send('self-signed', { to, security: 'loopback' })).toMatchObject({ outcome: 'delivered' })
    expect(await send('no-starttls', { to, security: 'loopback' })).toMatchObject({ outcome: 'delivered' })
    expect(await maildir('plain@example.com', 2)).toHaveLength(2)
  })

  test('TLS where there is none, and none where there is TLS, are tried again later', async () => {
    const [implicit, plain] = await Promise.all([
      send('starttls', { security: 'implicit' }),
      send('no-starttls', { security: 'implicit' }),
    ])
    expect([implicit.outcome, plain.outcome]).toEqual(['retry', 'retry'])
  })

  test('a recipient that does not exist is refused for good, with the words of the server', async () => {
    expect(await send('starttls', { to: [REFUSED] })).toMatchObject({
      outcome: 'rejected',
      errorCode: 'smtp_550_rcpt',
      error: expect.stringContaining('User unknown in virtual mailbox table'),
    })
  })

  test('one of two recipients has it: delivered in part, and the other is named', async () => {
    const to = ['partly@example.com', REFUSED]
    expect(await send('starttls', { to })).toMatchObject({
      outcome: 'delivered-in-part',
      reference: MESSAGE_ID,
      error: expect.stringContaining(REFUSED),
    })
    expect(await maildir('partly@example.com', 1)).toHaveLength(1)
  })

  test('greylisting is tried again later', async () => {
    expect(await send('starttls', { to: [GREY] })).toMatchObject({
      outcome: 'retry',
      error: expect.stringContaining('Greylisted'),
    })
  })

  test('a server that turns everybody away for now is tried again later', async () => {
    expect(await send('busy')).toMatchObject({ outcome: 'retry' })
  })

  test('a message that is too large is refused for good', async () => {
    expect(await send('small')).toMatchObject({
      outcome: 'rejected',
      errorCode: expect.stringMatching(/^smtp_552/),
    })
  })

  test('a server that is not there, or is stopped, is tried again later', async () => {
    const nowhere = await send('starttls', { endpoint: await freeEndpoint('127.0.0.1') })
    expect(nowhere).toMatchObject({ outcome: 'retry', error: expect.stringContaining('ECONNREFUSED') })
    await using other = await Postfix.start({
      ...options,
      services: { starttls: options.services?.starttls ?? {} },
    })
    const endpoint = other.endpoint('starttls')
    const to = ['stopped@example.com']
    expect(await send('starttls', { endpoint, to })).toMatchObject({ outcome: 'delivered' })
    await other.stop()
    expect(await send('starttls', { endpoint, to })).toMatchObject({ outcome: 'retry' })
  })

  // The last test: what was let through by mistake before would have arrived by now.
  test('not one message got through where none may', async () => {
    await send('starttls', { to: ['last@example.com'] })
    expect(await maildir('last@example.com', 1)).toHaveLength(1)
    expect(postfix.log).not.toMatch(/to=<never@example\.com>.* status=/)
  })
})

function address(text: string): MailAddress {
  const parsed = parseMailAddress(text)
  if (parsed === null) throw new Error(text)
  return parsed
}
