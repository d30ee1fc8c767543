import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { composeMail } from '../../../src/mail/compose.ts'
import { quotedPrintable } from '../../../src/mail/quoted-printable.ts'
import type { MailAddress } from '../../../src/protocol/mail-address.ts'
import { DRAFT } from './draft.ts'
import { decodeWords, header, readMail } from './read-mail.ts'

const HEADERS = [
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
]

test('exactly these headers, and both bodies', () => {
  const { headers, parts } = readMail(composeMail(DRAFT))
  expect(headers).toEqual([
    ['From', 'stswatch <alerts@example.net>'],
    ['To', 'postmaster@example.com'],
    ['Subject', '[critical] example.com: MX mx2.example.net is not covered'],
    ['Date', 'Tue, 03 Nov 2026 04:05:06 +0000'],
    ['Message-ID', '<0123@example.net>'],
    ['List-Id', 'stswatch alerts <stswatch.example.net>'],
    ['Auto-Submitted', 'auto-generated'],
    ['X-Auto-Response-Suppress', 'All'],
    ['MIME-Version', '1.0'],
    ['Content-Type', 'multipart/alternative; boundary="=_abababababababababababababababab"'],
  ])
  expect(parts).toEqual([
    { type: 'text/plain; charset=utf-8', content: 'plain\r\n' },
    { type: 'text/html; charset=utf-8', content: '<p>rich</p>\r\n' },
  ])
})

test('the same draft gives the same bytes', () => {
  expect(composeMail(DRAFT)).toBe(composeMail({ ...DRAFT }))
})

test('a later message names the first one of its thread', () => {
  const { headers } = readMail(composeMail({ ...DRAFT, threadRoot: '<root@example.net>' }))
  expect(header(headers, 'References')).toBe('<root@example.net>')
  expect(header(headers, 'In-Reply-To')).toBe('<root@example.net>')
})

test('many recipients are folded, none is lost', () => {
  const to = Array.from({ length: 60 }, (_, n) => `person-${n}@example.com` as MailAddress)
  const { headers } = readMail(composeMail({ ...DRAFT, to }))
  expect(header(headers, 'To').split(', ')).toEqual(to)
})

describe('a subject comes back as it went in', () => {
  test.each([
    'Plain',
    'Größe: bücher.example 🔴',
    'é'.repeat(150),
    '=?utf-8?Q?evil?= words',
    'x'.repeat(150),
    'word '.repeat(30).trim(),
  ])('%s', (subject) => {
    const raw = composeMail({ ...DRAFT, subject })
    expect(decodeWords(header(readMail(raw).headers, 'Subject'))).toBe(subject)
    const line = raw.slice(raw.indexOf('Subject:'), raw.indexOf('Date:'))
    expect(Math.max(...line.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(
      subject.startsWith('xxx') ? 998 : 76,
    )
  })

  test('but for line ends, which become blanks', () => {
    const { headers } = readMail(composeMail({ ...DRAFT, subject: 'a\r\nBcc: x@y.test\n\u0085b' }))
    expect(header(headers, 'Subject')).toBe('a Bcc: x@y.test b')
  })
})

test('no text can add a header, end a part or spoil a line', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\r\n',
      '\n.',
      '\r\n.\r\n',
      '--=_abababababababababababababababab--',
      '\r\nBcc: x',
      ' \r\n',
      '=\r\n',
    ),
  )
  const text = fc.array(piece).map((pieces) => pieces.join(''))
  const lineEnds = (content: string) => content.toWellFormed().replace(/\r\n|\r|\n/g, '\r\n')
  fc.assert(
    fc.property(text, text, text, (subject, plain, html) => {
      const { headers, parts } = readMail(composeMail({ ...DRAFT, subject, text: plain, html }))
      expect(headers.map(([name]) => name)).toEqual(HEADERS)
      expect(parts.map(({ content }) => content)).toEqual([lineEnds(plain), lineEnds(html)])
    }),
    { numRuns: 500 },
  )
})

describe('quoted-printable', () => {
  test.each([
    ['a=b', 'a=3Db'],
    ['end \n', 'end=20\r\n'],
    ['tab\t', 'tab=09'],
    ['ä', '=C3=A4'],
    ['x'.repeat(80), `${'x'.repeat(75)}=\r\nxxxxx`],
    [`${'x'.repeat(74)}ä`, `${'x'.repeat(74)}=\r\n=C3=A4`],
  ])('%j', (text, encoded) => {
    expect(quotedPrintable(text)).toBe(encoded)
  })
})
