import { performance } from 'node:perf_hooks'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { composeMail, type MailDraft } from '../../../src/mail/compose.ts'
import { signMail } from '../../../src/mail/dkim-sign.ts'
import { mailSigner, type SigningOutcome } from '../../../src/mail/mail-signer.ts'
import { selfVerify } from '../../../src/mail/self-verify.ts'
import { UnsignableMessage } from '../../../src/mail/signable.ts'
import { signingTransport } from '../../../src/mail/signing-transport.ts'
import { formatKeyRecord, keyRecordName } from '../../../src/protocol/dkim/format-key-record.ts'
import { readRsaPrivateKey } from '../../../src/protocol/dkim/rsa-private-key.ts'
import { dkimKey, rsaPem } from './dkim-keys.ts'
import { DRAFT } from './draft.ts'

const PEM = rsaPem(2048)
const KEY = dkimKey('mail1', PEM)
const OTHER = dkimKey('tlsrpt1', rsaPem(2048))
const HEAD = 'From: a@example.net\r\nSubject: x\r\n'

function recordOf(pem: string, service: 'tlsrpt' | null = null): string {
  const facts = readRsaPrivateKey(pem)
  if (!facts.ok) throw new Error(facts.error)
  return formatKeyRecord({ publicKey: facts.value.publicKey, service })
}

const RECORDS = new Map([
  [keyRecordName('mail1', KEY.domain), recordOf(PEM)],
  [keyRecordName('tlsrpt1', OTHER.domain), recordOf(OTHER.privateKey.reveal(), 'tlsrpt')],
])

async function verdicts(signed: string): Promise<readonly (string | null)[]> {
  return (await selfVerify(signed, RECORDS)).map(({ why }) => why)
}

function draft(edit: Partial<MailDraft>): string {
  return composeMail({ ...DRAFT, ...edit })
}

describe('a signature verifies', () => {
  test.each<[string, string]>([
    ['a composed mail', draft({})],
    ['umlauts in subject and body', draft({ subject: 'Größe 🔴', text: 'Grüße\n', html: '<p>ß</p>' })],
    ['an IDN in the body', draft({ text: 'bücher.example (xn--bcher-kva.example)\n' })],
    ['an empty text part', draft({ text: '', html: '' })],
    ['a reply', draft({ threadRoot: '<root@example.net>' })],
    ['a subject of one long word', draft({ subject: 'x'.repeat(150) })],
    [
      'many recipients, folded',
      draft({ to: Array.from({ length: 60 }, (_, n) => `p${n}@example.com` as MailDraft['to'][number]) }),
    ],
    ['a line of 998 characters', `${HEAD}\r\n${'y'.repeat(998)}\r\n`],
    ['100 blanks in a row', `${HEAD}\r\na${' '.repeat(100)}b\r\n`],
    ['100 empty lines in a row', `${HEAD}\r\na\r\n${'\r\n'.repeat(100)}b\r\n`],
    ['blanks at line ends, tabs, empty lines at the end', `${HEAD}\r\na \t\r\n\tb\r\n\r\n\r\n`],
    ['no line end at its end', `${HEAD}\r\nend`],
    ['a lone dot', `${HEAD}\r\n.\r\n..\r\n`],
    ['a folded header', `From: a@example.net\r\nSubject: a\r\n  b\r\n\tc\r\n\r\nbody\r\n`],
    ['a header without a value', `From: a@example.net\r\nSubject:\r\n\r\nbody\r\n`],
    ['headers in lower case', `from: a@example.net\r\nsubject: x\r\n\r\nbody\r\n`],
  ])('%s', async (_, raw) => {
    const signed = signMail(raw, [KEY])
    expect(signed.endsWith(raw)).toBe(true)
    expect(await verdicts(signed)).toEqual([null])
  })

  test('of whatever text a mail is composed', async () => {
    const text = fc.string({ unit: 'binary' })
    await fc.assert(
      fc.asyncProperty(text, text, text, async (subject, plain, html) => {
        const signed = signMail(draft({ subject, text: plain, html }), [KEY])
        expect(await verdicts(signed)).toEqual([null])
      }),
      { numRuns: 60 },
    )
  })

  test('one for each key, the same bytes every time', async () => {
    const signed = signMail(draft({}), [OTHER, KEY])
    expect(signed).toBe(signMail(draft({}), [OTHER, KEY]))
    expect(await selfVerify(signed, RECORDS)).toEqual([
      { domain: 'example.net', selector: 'tlsrpt1', why: null },
      { domain: 'example.net', selector: 'mail1', why: null },
    ])
  })
})

test('what is signed is what a reader sees, never with l=, and no line is too long', () => {
  const raw = `TLS-Report-Domain: a.example\r\nTLS-Report-Submitter: example.net\r\nTLS-Required: No\r\n${draft({ threadRoot: '<r@example.net>' })}`
  const [field = ''] = signMail(raw, [KEY]).split(/\r\n(?![ \t])/)
  const tags = field.replace(/\s+/g, '').replace('DKIM-Signature:', '')
  expect(/;h=([^;]*);/.exec(tags)?.[1]).toBe(
    'from:to:subject:date:message-id:in-reply-to:references:mime-version:content-type:tls-report-domain:tls-report-submitter:tls-required:auto-submitted:list-id',
  )
  expect(tags).toMatch(/^v=1;a=rsa-sha256;c=relaxed\/relaxed;d=example\.net;q=dns\/txt;s=mail1;/)
  expect(tags).not.toMatch(/;l=/)
  expect(Math.max(...field.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(998)
})

describe('what changed on the way is noticed', () => {
  const signed = signMail(draft({ text: 'all is well' }), [KEY])
  test.each<[string, string]>([
    ['the body', signed.replace('all is well', 'all is lost')],
    ['the subject', signed.replace('Subject: ', 'Subject: not ')],
    ['the list', signed.replace('List-Id: ', 'List-Id: x ')],
    ['a second From', signed.replace('From: ', 'From: x@example.com\r\nFrom: ')],
  ])('%s', async (_, changed) => {
    expect(changed).not.toBe(signed)
    const [why] = await verdicts(changed)
    // Nobody can be kept from adding a field above; From is then for the receiver to refuse (RFC 6376 §8.15).
    if (changed.includes('x@example.com')) expect(why).toBeNull()
    else expect(why).not.toBeNull()
  })

  test('another key than the published one', async () => {
    expect(await verdicts(signMail(draft({}), [dkimKey('mail1', rsaPem(2048))]))).toEqual(['bad signature'])
  })

  test('a key that is not published', async () => {
    expect(await verdicts(signMail(draft({}), [dkimKey('none', PEM)]))).toEqual([expect.any(String)])
  })
})

describe('what would be signed wrongly is refused with the reason', () => {
  test.each<[string, string, string]>([
    ['UTF-8 in the body', `${HEAD}\r\nGröße\r\n`, 'it is not 7-bit text'],
    ['a no-break space', `${HEAD}\r\na\u00a0b\r\n`, 'it is not 7-bit text'],
    ['a form feed', `${HEAD}\r\na\fb\r\n`, 'it is not 7-bit text'],
    ['a vertical tab', `${HEAD}\r\na\vb\r\n`, 'it is not 7-bit text'],
    ['NUL', `${HEAD}\r\na\0b\r\n`, 'it is not 7-bit text'],
    ['a bare LF', `${HEAD}\r\na\nb\r\n`, 'a line does not end in CRLF'],
    ['a bare CR', `${HEAD}\r\na\rb\r\n`, 'a line does not end in CRLF'],
    ['an empty body', `${HEAD}\r\n`, 'its body is empty'],
    ['a body of line ends', `${HEAD}\r\n\r\n\r\n`, 'its body is empty'],
    ['a body of blanks', `${HEAD}\r\n \t\r\n`, 'its body is empty'],
    ['no body', HEAD, 'no empty line ends its headers'],
    ['two subjects', `${HEAD}subject: y\r\n\r\nx\r\n`, 'it has two fields subject'],
    ['no From', 'Subject: x\r\n\r\nx\r\n', 'it has no From'],
    ['an empty From', 'From: \r\nSubject: x\r\n\r\nx\r\n', 'it has no From'],
    ['no header field', `${HEAD}oops\r\n\r\nx\r\n`, 'a line of its head is no header field'],
    [
      'a blank before a colon',
      `${HEAD}To : a@b.example\r\n\r\nx\r\n`,
      'a line of its head is no header field',
    ],
    ['a line of 999', `${HEAD}\r\n${'y'.repeat(999)}\r\n`, 'a line is longer than 998 characters'],
    ['101 blanks', `${HEAD}\r\na${' '.repeat(101)}b\r\n`, 'more than 100 blanks stand in a row'],
    ['101 empty lines', `${HEAD}\r\na\r\n${'\r\n'.repeat(101)}b`, 'more than 100 lines in a row are empty'],
    ['101 blank lines', `${HEAD}\r\na\r\n${' \r\n'.repeat(101)}b`, 'more than 100 lines in a row are empty'],
  ])('%s', (_, raw, why) => {
    expect(() => signMail(raw, [KEY])).toThrow(UnsignableMessage)
    expect(() => signMail(raw, [KEY])).toThrow(why)
  })

  test('but two fields that are not signed are nobody’s business', () => {
    expect(() => signMail(`Received: a\r\nReceived: b\r\n${HEAD}\r\nx\r\n`, [KEY])).not.toThrow()
  })
})

test('a mail of 10 MB made of the worst runs that are let through is signed within seconds', () => {
  const worst = `${`a${' '.repeat(100)}`.repeat(9)}b\r\n`.repeat(11_000)
  const since = performance.now()
  signMail(`${HEAD}\r\n${worst}`, [KEY])
  expect(performance.now() - since).toBeLessThan(10_000)
})

describe('a signer never loses a mail', () => {
  test('signed when every signature verifies', async () => {
    const raw = draft({})
    expect(await mailSigner([KEY, OTHER]).sign(raw)).toEqual({
      outcome: 'signed',
      raw: signMail(raw, [KEY, OTHER]),
    })
  })

  test('a selector in capitals signs like any other', async () => {
    const key = dkimKey('Mail1', PEM)
    expect((await mailSigner([key]).sign(draft({}))).outcome).toBe('signed')
  })

  test('the key that is at fault is named, not the first one', async () => {
    const short = dkimKey('old1', rsaPem(1024), 'example.org')
    expect(await mailSigner([KEY, short]).sign(draft({}))).toMatchObject({
      outcome: 'unsigned',
      domain: 'example.org',
      selector: 'old1',
    })
  })

  test.each<[string, string, string, RegExp]>([
    ['that cannot be signed', `${HEAD}\r\n`, PEM, /^the message cannot be signed: its body is empty$/],
    ['whose key is none', draft({}), 'canary', /^signing failed: /],
    ['whose key is too short', draft({}), rsaPem(1024), /the key of mail1 has 1024 bits/],
  ])('one %s comes back as it was', async (_, raw, pem, why) => {
    const result = await mailSigner([dkimKey('mail1', pem)]).sign(raw)
    const { domain, selector } = KEY
    expect(result).toEqual({ outcome: 'unsigned', domain, selector, raw, why: expect.stringMatching(why) })
    expect(JSON.stringify(result)).not.toContain('canary')
  })

  test('and says what became of it while the mail goes on', async () => {
    const sent: string[] = []
    const heard: SigningOutcome[] = []
    const transport = signingTransport(
      {
        send: async ({ raw }) => {
          sent.push(raw)
          return { outcome: 'accepted', refused: [], note: '' }
        },
      },
      mailSigner([KEY]),
      (outcome) => heard.push(outcome),
    )
    const { from, to } = DRAFT
    const signal = new AbortController().signal
    for (const raw of [draft({}), `${HEAD}\r\n`]) {
      expect(await transport.send({ from, to, raw }, signal)).toEqual({
        outcome: 'accepted',
        refused: [],
        note: '',
      })
    }
    expect(sent).toEqual([signMail(draft({}), [KEY]), `${HEAD}\r\n`])
    expect(heard).toEqual([
      { outcome: 'signed' },
      {
        outcome: 'unsigned',
        domain: KEY.domain,
        selector: KEY.selector,
        why: 'the message cannot be signed: its body is empty',
      },
    ])
  })
})
