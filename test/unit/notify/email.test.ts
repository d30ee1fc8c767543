import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CertificateAuthority } from '../../../src/lab/ca.ts'
import { CERTIFICATES } from '../../../src/lab/certificate-spec.ts'
import { INBOX_HOST, LabInbox } from '../../../src/lab/inbox.ts'
import type { InboxMode } from '../../../src/lab/world.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { systemClock } from '../../../src/lib/time.ts'
import { smtpTransport } from '../../../src/mail/transport.ts'
import type { ChannelId, Delivery } from '../../../src/model/notification.ts'
import { emailNotifier } from '../../../src/notify/email.ts'
import type { Attempt, Message, Notifier } from '../../../src/notify/notifier.ts'
import type { Wording } from '../../../src/notify/wording.ts'
import { type MailAddress, parseMailAddress } from '../../../src/protocol/mail-address.ts'
import { parseSubmissionUrl } from '../../../src/protocol/smtp/submission-url.ts'
import { decodeWords, header, readMail } from '../mail/read-mail.ts'
import { attempt, message, notification, resolved, step, T0, wording } from './message-builder.ts'
import { messageOf, POISON } from './poison.ts'
import { strictHtml } from './strict-html.ts'

const DEADLINES = { setupMs: 2_000, greetingMs: 300, silenceMs: 300, totalMs: 3_000 }
const KEY = notification().dedupeKey
const MESSAGE_ID = `<${KEY.slice(0, 32)}@example.net>`

let inbox: LabInbox
let mode: InboxMode | null = null
beforeAll(async () => {
  const ca = await CertificateAuthority.create(systemClock.now())
  const identity = await ca.identity(CERTIFICATES.good, INBOX_HOST)
  inbox = await LabInbox.start(
    identity,
    () => (mode === null ? null : { mode, connections: null }),
    systemClock,
  )
})
afterAll(() => inbox[Symbol.asyncDispose]())

function address(text: string): MailAddress {
  const parsed = parseMailAddress(text)
  if (parsed === null) throw new Error(text)
  return parsed
}

function notifier(words: Wording = wording(), to: readonly string[] = ['postmaster@example.com']): Notifier {
  const server = parseSubmissionUrl(new Secret(`smtp://me:secret-canary@127.0.0.1:${inbox.port}`))
  if (!server.ok) throw new Error(server.error)
  const transport = smtpTransport(server.value, {
    ehloName: 'monitor.example.net',
    ca: null,
    deadlines: DEADLINES,
  })
  const parties = { from: address('alerts@example.net'), to: to.map(address) }
  return emailNotifier('postmaster' as ChannelId, parties, transport, words)
}

function send(spec: Partial<Attempt> = {}, told: Message = message()): Promise<Delivery> {
  const channel = notifier()
  return channel.send(attempt(channel.render(told), spec), new AbortController().signal)
}

function rawOf(channel: Notifier, told: Message): string {
  return (JSON.parse(channel.render(told)) as { raw: string }).raw
}

describe('a mail', () => {
  test('arrives over TLS with its fixed id and says what to do in both parts', async () => {
    mode = null
    expect(await send()).toEqual({ outcome: 'delivered', reference: MESSAGE_ID })
    const mail = inbox.mails.at(-1)
    expect(mail).toMatchObject({
      from: 'alerts@example.net',
      to: ['postmaster@example.com'],
      secured: true,
      user: 'me',
    })
    const { headers, parts } = readMail(mail?.raw ?? '')
    expect(header(headers, 'Message-ID')).toBe(MESSAGE_ID)
    expect(header(headers, 'Date')).toBe('Mon, 23 Nov 2026 14:05:00 +0000')
    expect(header(headers, 'Subject')).toBe(
      '[critical] example.com: MX mx2.example.net is not covered by the MTA-STS policy (mode enforce)',
    )
    for (const { content } of parts) {
      expect(content).toContain('v=STSv1; id=20261123T140500Z')
      expect(content).toContain('stswatch explain inc_example.com')
    }
  })

  test('later in the thread answers the first one and gives its id back', async () => {
    mode = null
    const root = '<root@example.net>'
    const end = T0 + 60_000
    const told = { ...message([step('resolved', resolved(end), end)]), threadReference: root }
    expect(await send({ threadReference: root }, told)).toEqual({ outcome: 'delivered', reference: root })
    const { headers } = readMail(inbox.mails.at(-1)?.raw ?? '')
    expect(header(headers, 'References')).toBe(root)
    expect(header(headers, 'Subject')).toMatch(/^\[resolved\] example\.com: /)
  })

  test('has a text part that is good by itself', () => {
    const [text] = readMail(rawOf(notifier(), message())).parts
    expect(text?.content).toBe(
      `${`example.com: MX mx2.example.net is not covered by the MTA-STS policy (mode
enforce)

Critical, since 2026-11-23 14:05 UTC

The policy names mx1.example.net; the MX record has mx2.example.net as well.

Senders that honour MTA-STS will not deliver to mx2. Cached copies live
until 2026-12-07.

What to do:

Add this line to https://mta-sts.example.com/.well-known/mta-sts.txt

    mx: mx2.example.net

Then publish

    _mta-sts.example.com. TXT "v=STSv1; id=20261123T140500Z"

Evidence: stswatch explain inc_example.com

Standard: RFC 8461 §4.1

-- 
stswatch watches MTA-STS and SMTP TLS Reporting. Nobody reads answers to this mail.
`.replaceAll('\n', '\r\n')}`,
    )
  })
})

describe('what became of it', () => {
  const cases: readonly (readonly [InboxMode, Delivery['outcome']])[] = [
    ['greylist', 'retry'],
    ['reject-recipient', 'rejected'],
    ['reject-data', 'rejected'],
    ['full', 'retry'],
    ['stored-then-close', 'ambiguous'],
    ['stored-then-hang', 'ambiguous'],
    ['not-stored-then-close', 'ambiguous'],
    ['busy', 'retry'],
    ['hang-at-greeting', 'retry'],
    ['reset-at-connect', 'retry'],
    ['reject-login', 'rejected'],
    // On loopback a mail server need not offer TLS, but a login without it finds no AUTH.
    ['no-starttls', 'rejected'],
  ]
  test.each(cases)('%s: %s', async (kind, outcome) => {
    mode = kind
    const delivery = await send()
    expect(delivery.outcome).toBe(outcome)
    expect(JSON.stringify(delivery)).not.toContain('canary')
  })

  test('a lost answer gives two copies at most, the same to the byte', async () => {
    const before = inbox.mails.length
    const channel = notifier()
    const payload = channel.render(message())
    mode = 'stored-then-close'
    const first = await channel.send(attempt(payload), new AbortController().signal)
    mode = null
    const second = await channel.send(
      attempt(payload, { attempt: 2, ambiguous: true }),
      new AbortController().signal,
    )
    expect([first.outcome, second.outcome]).toEqual(['ambiguous', 'delivered'])
    const copies = inbox.mails.slice(before)
    expect(copies).toHaveLength(2)
    expect(copies[0]?.raw).toBe(copies[1]?.raw)
  })

  test('a server that never confirms is given up for another channel before it is flooded', async () => {
    mode = 'stored-then-close'
    expect((await send({ attempt: 3, ambiguous: true })).outcome).toBe('ambiguous')
    expect(await send({ attempt: 4, ambiguous: true })).toMatchObject({ errorCode: 'smtp_unconfirmed' })
    expect((await send({ attempt: 30, ambiguous: false })).outcome).toBe('ambiguous')
  })
})

describe('hostile text', () => {
  const hostile = messageOf(POISON)
  const readHostile = () => readMail(rawOf(notifier(hostile.wording), hostile.message))

  test('adds no header and hides nothing in the subject', () => {
    const read = readHostile()
    expect(read.headers.map(([name]) => name)).toEqual([
      'From',
      'To',
      'Subject',
      'Date',
      'Message-ID',
      'List-Id',
      'Auto-Submitted',
      'X-Auto-Response-Suppress',
      'MIME-Version',
      'Content-Type',
    ])
    const subject = decodeWords(header(read.headers, 'Subject'))
    expect(subject).toMatch(/^\[critical\] /)
    expect([...subject].length).toBeLessThanOrEqual(150)
  })

  test('is text in both parts: no control byte, no element but our own, nothing remote', () => {
    const [text, html] = readHostile().parts.map(({ content }) => content)
    for (const content of [text ?? '', html ?? '']) {
      expect(content).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e]/)
    }
    expect(() => strictHtml((html ?? '').replaceAll('\r\n', '\n'))).not.toThrow()
    expect(html).toContain('&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;')
  })
})
