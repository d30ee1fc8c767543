import { quotedPrintable } from './quoted-printable.ts'

/** A picture inside the HTML, which shows it as `<img src="cid:…">`. */
export interface InlineImage {
  /** Without angle brackets, `name@host`; unique in the world by the sender's care (RFC 2392). */
  readonly contentId: string
  readonly mediaType: 'image/png'
  readonly fileName: string
  readonly bytes: Uint8Array
}

export interface MailAttachment {
  readonly mediaType: 'text/csv; charset=utf-8' | 'application/json' | 'application/gzip'
  readonly fileName: string
  readonly bytes: Uint8Array
}

// S39: no quoting, folding or encoding of parameters is ever needed.
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/
const CONTENT_ID = /^[A-Za-z0-9._-]{1,100}@[A-Za-z0-9.-]{1,253}$/
// RFC 2045 §6.8: at most 76 characters a line.
const BASE64_WIDTH = 76

/** One entity of a message: its headers, an empty line, its content; without a line end. */
export type MailPart = string

/** A text in quoted-printable. */
export function textPart(subtype: 'plain' | 'html', content: string): MailPart {
  const head = [`Content-Type: text/${subtype}; charset=utf-8`, 'Content-Transfer-Encoding: quoted-printable']
  return entity(head, quotedPrintable(content))
}

/** A picture that belongs to the HTML beside it. Throws for a name or id that could not stand in a header as it is. */
export function imagePart({ mediaType, fileName, contentId, bytes }: InlineImage): MailPart {
  if (!CONTENT_ID.test(contentId)) throw new Error('no content id that may stand in a header')
  return entity([`Content-ID: <${contentId}>`, ...fileHead(mediaType, fileName, 'inline')], base64(bytes))
}

/** A file to keep. Throws for a name that could not stand in a header as it is. */
export function attachmentPart({ mediaType, fileName, bytes }: MailAttachment): MailPart {
  return entity(fileHead(mediaType, fileName, 'attachment'), base64(bytes))
}

/** Several parts as one, or the part itself when there is only one. The boundary may occur in none of them. */
export function multipart(contentType: string, boundary: string, parts: readonly MailPart[]): MailPart {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const pieces = parts.map((part) => `--${boundary}\r\n${part}\r\n`)
  return entity([`Content-Type: ${contentType}; boundary="${boundary}"`], `${pieces.join('')}--${boundary}--`)
}

export function entity(head: readonly string[], content: string): MailPart {
  return [...head, '', content].join('\r\n')
}

function fileHead(mediaType: string, fileName: string, disposition: 'inline' | 'attachment') {
  if (!FILE_NAME.test(fileName)) throw new Error('no file name that may stand in a header')
  return [
    `Content-Type: ${mediaType}`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: ${disposition}; filename="${fileName}"`,
  ]
}

export function base64(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  return (text.match(new RegExp(`.{1,${BASE64_WIDTH}}`, 'g')) ?? []).join('\r\n')
}
