import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { ImapFlow } from 'imapflow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { composeMail, type MailDraft } from '../../src/mail/compose.ts'
import { signMail } from '../../src/mail/dkim-sign.ts'
import { mailSigner } from '../../src/mail/mail-signer.ts'
import { selfVerify } from '../../src/mail/self-verify.ts'
import { signingTransport } from '../../src/mail/signing-transport.ts'
import { MAIL_DEADLINES, smtpTransport } from '../../src/mail/transport.ts'
import type { Endpoint } from '../../src/model/route.ts'
import { mailBody } from '../../src/notify/email-body.ts'
import { tellStory } from '../../src/notify/story.ts'
import { formatKeyRecord, keyRecordName } from '../../src/protocol/dkim/format-key-record.ts'
import { type MailAddress, parseMailAddress } from '../../src/protocol/mail-address.ts'
import { worldOf } from '../scenario/stage.ts'
import { dkimKey } from '../unit/mail/dkim-keys.ts'
import { DRAFT } from '../unit/mail/draft.ts'
import { MAIL_KINDS, REAL_WORDING } from '../unit/notify/mail-kinds.ts'
import { type DkimVerifier, dkimpy, mailDkim, type Verdicts } from './dkim-verifier.ts'
import { eventually } from './eventually.ts'
import { DOVECOT_USER, Dovecot } from './servers/dovecot.ts'
import { describeWith } from './servers/packages.ts'
import { Postfix } from './servers/postfix.ts'

const DOMAIN = 'example.net'
const TO = 'postmaster@example.com'
const PASSWORD = 'long enough'

/** A key pair, and its record as `dkim keygen` prints it. */
function pair(selector: string, service: 'tlsrpt' | null) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const der = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  return { key: dkimKey(selector, pem, DOMAIN), record: formatKeyRecord({ publicKey: der, service }) }
}

const MAIL = pair('mail1', null)
const REPORT = pair('tlsrpt1', 'tlsrpt')
const RECORDS = new Map(
  [MAIL, REPORT].map(({ key, record }) => [keyRecordName(key.selector, key.domain), record]),
)

/** mailauth, with the records that the DNS has too. */
const mailauth: DkimVerifier = async (raw) =>
  Object.fromEntries((await selfVerify(raw, RECORDS)).map(({ selector, why }) => [selector, why ?? 'pass']))

const PNG = {
  mediaType: 'image/png',
  fileName: 'a.png',
  contentId: 'a@example.net',
  bytes: Buffer.alloc(5_000, 7),
} as const
const CSV = {
  mediaType: 'text/csv; charset=utf-8',
  fileName: 'a.csv',
  bytes: Buffer.from('ä;ö\r\n'.repeat(500)),
} as const
const draft = (edit: Partial<MailDraft>) => composeMail({ ...DRAFT, ...edit })

const MAILS: readonly (readonly [string, string])[] = [
  ...MAIL_KINDS.map(
    ({ name, message }) => [name, draft(mailBody(tellStory(message, REAL_WORDING)))] as const,
  ),
  ['umlauts everywhere', draft({ subject: 'Größe 🔴', text: 'Grüße\n', html: '<p>ß</p>' })],
  ['an IDN', draft({ text: 'bücher.example\n', to: [address('post@xn--bcher-kva.example')] })],
  ['empty texts', draft({ text: '', html: '' })],
  ['a picture and a file', draft({ images: [PNG], attachments: [CSV] })],
  [
    'a reply to many',
    draft({
      threadRoot: '<r@example.net>',
      to: Array.from({ length: 40 }, (_, n) => address(`p${n}@example.com`)),
    }),
  ],
  [
    'lines of 998 characters',
    `From: a@example.net\r\nSubject: ${'s'.repeat(900)}\r\nDate: Mon, 23 Nov 2026 14:05:00 +0000\r\nMessage-ID: <998@example.net>\r\n\r\n${`${'y'.repeat(998)}\r\n`.repeat(3)}`,
  ],
  [
    'a lone dot, blanks and empty lines at the end',
    `From: a@example.net\r\nMessage-ID: <dot@example.net>\r\n\r\n.\r\n..a  b\t \r\n\r\n\r\n`,
  ],
]

describeWith(
  ['python3-dkim', 'libmail-dkim-perl', 'postfix', 'dovecot-imapd'],
  'our signatures with other people’s verifiers',
  () => {
    const stack = new AsyncDisposableStack()
    let lab: Lab
    let dns: Endpoint
    beforeAll(async () => {
      lab = stack.use(await startLab(worldOf([healthyDomain(DOMAIN, {})])))
      lab.change((world) => ({
        ...world,
        records: [...RECORDS].map(([name, text]) => ({ name, ttlSeconds: 60, type: 'TXT', text })),
      }))
      dns = lab.dns
    })
    afterAll(() => stack.disposeAsync())

    const VERIFIERS: readonly (readonly [string, DkimVerifier])[] = [
      ['mailauth', mailauth],
      ['dkimpy', dkimpy(false)],
      ['Mail::DKIM', mailDkim],
    ]

    describe.each(VERIFIERS)('%s', (_, verify) => {
      test.each(MAILS)('%s', async (_name, raw) => {
        expect(await verify(signMail(raw, [MAIL.key]), dns)).toEqual({ mail1: 'pass' })
      })

      test('notices a changed body, a changed subject and another key', async () => {
        const signed = signMail(draft({ text: 'all is well' }), [MAIL.key])
        for (const changed of [
          signed.replace('all is well', 'all is lost'),
          signed.replace('Subject: ', 'Subject: not '),
          signed.replace('s=mail1;', 's=tlsrpt1;'),
        ]) {
          expect(changed).not.toBe(signed)
          expect(Object.values(await verify(changed, dns))).toEqual([expect.not.stringMatching(/^pass$/)])
        }
      })
    })

    describe('a mail that is signed twice', () => {
      const signed = signMail(draft({}), [REPORT.key, MAIL.key])
      const both: Verdicts = { tlsrpt1: 'pass', mail1: 'pass' }

      test('holds for receivers of ordinary mail by the second signature alone', async () => {
        for (const verify of [dkimpy(false), mailDkim]) {
          expect(await verify(signed, dns)).toEqual({
            mail1: 'pass',
            tlsrpt1: expect.not.stringMatching(/^pass$/),
          })
        }
      })

      test('holds for a receiver of TLS reports by both, or by the first alone if it is strict', async () => {
        expect(await dkimpy(true)(signed, dns)).toEqual(both)
        expect(await dkimpy('strict')(signed, dns)).toEqual({
          tlsrpt1: 'pass',
          mail1: expect.any(String),
        })
      })
    })

    test('through a real Postfix into a real Dovecot: what arrives still verifies with all three', async () => {
      await using postfix = await Postfix.start({
        host: '127.0.0.1',
        main: {
          virtual_mailbox_domains: 'example.com',
          virtual_mailbox_maps: `inline:{ { ${TO} = ${TO}/ } }`,
        },
        services: { plain: { smtpd_tls_security_level: 'none' } },
      })
      await using dovecot = await Dovecot.start({
        identity: null,
        password: PASSWORD,
        settings: [`mail_location = maildir:${join(postfix.mailboxes, TO)}`],
      })
      const { host, port } = postfix.endpoint('plain')
      const outcomes: string[] = []
      const server = { host, port, security: 'loopback', user: null, password: null } as const
      const transport = signingTransport(
        smtpTransport(server, { ehloName: 'monitor.example.net', ca: null, deadlines: MAIL_DEADLINES }),
        mailSigner([REPORT.key, MAIL.key]),
        ({ outcome }) => outcomes.push(outcome),
      )
      for (const [, raw] of MAILS) {
        const sent = await transport.send(
          { from: DRAFT.from, to: [address(TO)], raw },
          new AbortController().signal,
        )
        expect(sent).toMatchObject({ outcome: 'accepted', refused: [] })
      }
      expect(outcomes).toEqual(MAILS.map(() => 'signed'))
      await eventually(() => postfix.log.split('status=sent').length > MAILS.length)
      const arrived = await mailsOf(dovecot)
      expect(arrived).toHaveLength(MAILS.length)
      for (const raw of arrived) {
        expect(raw).toMatch(/^Received: from monitor\.example\.net/m)
        expect(await mailauth(raw, dns)).toEqual({ mail1: 'pass', tlsrpt1: 'pass' })
        expect(await dkimpy(true)(raw, dns)).toEqual({ mail1: 'pass', tlsrpt1: 'pass' })
        expect(await mailDkim(raw, dns)).toMatchObject({ mail1: 'pass' })
      }
    })
  },
)

/** What a mail program gets of the inbox, byte for byte. */
async function mailsOf({ plain }: Dovecot): Promise<readonly string[]> {
  const client = new ImapFlow({
    host: plain.host,
    port: plain.port,
    secure: false,
    doSTARTTLS: false,
    auth: { user: DOVECOT_USER, pass: PASSWORD },
    logger: false,
  })
  await client.connect()
  await client.mailboxOpen('INBOX', { readOnly: true })
  const mails: string[] = []
  for await (const { source } of client.fetch('1:*', { source: true })) {
    if (source !== undefined) mails.push(source.toString('latin1'))
  }
  await client.logout()
  return mails
}

function address(text: string): MailAddress {
  const parsed = parseMailAddress(text)
  if (parsed === null) throw new Error(text)
  return parsed
}
