import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import { composeMail, type MailDraft } from '../../../src/mail/compose.ts'
import type { InlineImage, MailAttachment } from '../../../src/mail/mail-part.ts'
import { DRAFT } from './draft.ts'

const IMAGE: InlineImage = {
  contentId: 'sessions.0123@example.net',
  mediaType: 'image/png',
  fileName: 'sessions.png',
  bytes: Uint8Array.from({ length: 1_000 }, (_, n) => n % 256),
}
const CSV: MailAttachment = {
  mediaType: 'text/csv; charset=utf-8',
  fileName: 'domains-2026-W47.csv',
  bytes: Buffer.from('domain;state\r\nbücher.example;ok\r\n'),
}

/** `multipart/mixed(multipart/alternative(text/plain, …))`, read off the raw text. */
function shapeOf(raw: string): string {
  const [, type = ''] = /^Content-Type: ([^;\r]+)/m.exec(raw) ?? []
  const [, boundary] = /^Content-Type: multipart\/[^\r]*boundary="([^"]+)"/.exec(headOf(raw)) ?? []
  if (boundary === undefined) return type
  const pieces = raw.split(new RegExp(`^--${boundary.replaceAll('.', '\\.')}(?:--)?\r\n`, 'm')).slice(1, -1)
  return `${type}(${pieces.map(shapeOf).join(', ')})`
}

function headOf(raw: string): string {
  const [head = ''] = raw.split('\r\n\r\n')
  return head.split('\r\n').find((line) => line.startsWith('Content-Type:')) ?? ''
}

const compose = (edit: Partial<MailDraft>) => composeMail({ ...DRAFT, ...edit })

describe('the structure that mail clients need', () => {
  test.each<[string, Partial<MailDraft>, string]>([
    ['text and HTML', {}, 'multipart/alternative(text/plain, text/html)'],
    [
      'an image lies beside the HTML that shows it',
      { images: [IMAGE] },
      'multipart/alternative(text/plain, multipart/related(text/html, image/png))',
    ],
    [
      'an attachment lies beside all of it',
      { attachments: [CSV] },
      'multipart/mixed(multipart/alternative(text/plain, text/html), text/csv)',
    ],
    [
      'both',
      { images: [IMAGE, { ...IMAGE, contentId: 'b@example.net' }], attachments: [CSV, CSV] },
      'multipart/mixed(multipart/alternative(text/plain, multipart/related(text/html, image/png, image/png)), text/csv, text/csv)',
    ],
  ])('%s', (_, edit, shape) => {
    expect(shapeOf(compose(edit))).toBe(shape)
  })
})

test('everything comes back out of an independent parser', async () => {
  const html = `<p>Grüße <img src="cid:${IMAGE.contentId}" alt="12 of 40"></p>\n`
  const mail = await PostalMime.parse(compose({ images: [IMAGE], attachments: [CSV], text: 'Grüße\n', html }))
  expect([mail.text, mail.html].map((text) => text?.trimEnd())).toEqual(['Grüße', html.trimEnd()])
  expect(mail.attachments).toMatchObject([
    {
      filename: 'sessions.png',
      mimeType: 'image/png',
      disposition: 'inline',
      contentId: `<${IMAGE.contentId}>`,
      related: true,
    },
    { filename: CSV.fileName, mimeType: 'text/csv', disposition: 'attachment' },
  ])
  expect(mail.attachments.map(({ content }) => Buffer.from(content as ArrayBuffer).toString('hex'))).toEqual(
    [IMAGE, CSV].map(({ bytes }) => Buffer.from(bytes).toString('hex')),
  )
})

test('7-bit, CRLF, short lines, and the same bytes every time', () => {
  const raw = compose({ images: [IMAGE], attachments: [CSV] })
  expect(raw).toBe(compose({ images: [{ ...IMAGE }], attachments: [{ ...CSV }] }))
  expect(raw).not.toMatch(/[^\x20-\x7e\r\n]|\r(?!\n)|(?<!\r)\n/)
  expect(Math.max(...raw.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(110)
})

test('no boundary is the beginning of another', () => {
  const raw = compose({ images: [IMAGE], attachments: [CSV] })
  const boundaries = [...raw.matchAll(/boundary="([^"]+)"/g)].map(([, name = '']) => name)
  expect(boundaries).toHaveLength(3)
  for (const one of boundaries) {
    expect(boundaries.filter((other) => other.startsWith(one))).toEqual([one])
    expect(one.length).toBeLessThanOrEqual(70)
  }
})

describe('a name or id that could break a header is refused', () => {
  test.each(['', 'a b.csv', 'a".csv', '../a.csv', 'a\r\nBcc: x', 'bücher.csv', '.csv', 'x'.repeat(101)])(
    '%j',
    (fileName) => {
      expect(() => compose({ attachments: [{ ...CSV, fileName }] })).toThrow('no file name')
      expect(() => compose({ images: [{ ...IMAGE, fileName }] })).toThrow('no file name')
    },
  )
  test.each(['', 'a', 'a@', '<a@b>', 'a@b\r\nX: y', 'ä@b.example'])('%j', (contentId) => {
    expect(() => compose({ images: [{ ...IMAGE, contentId }] })).toThrow('no content id')
  })
})
