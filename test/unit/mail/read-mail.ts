/** A reader of mails that shares nothing with the composer: strict about what a mail may be. */

export interface ReadMail {
  /** In order, names as written, values unfolded and not decoded. */
  readonly headers: readonly (readonly [string, string])[]
  /** The leaves in order, whatever they are nested in; what is in base64 as its bytes (latin1), but for text. */
  readonly parts: readonly { readonly type: string; readonly content: string }[]
}

/** Throws for anything that some mail server might have to repair. */
export function readMail(raw: string): ReadMail {
  if (/[^\x20-\x7e\r\n\t]/.test(raw)) throw new Error('not 7-bit printable')
  if (/\r(?!\n)|(?<!\r)\n/.test(raw)) throw new Error('bare CR or LF')
  if (raw.split('\r\n').some((line) => line.length > 998)) throw new Error('line over 998')
  const { head, body } = cut(raw)
  const headers = readHeaders(head)
  return { headers, parts: readParts(header(headers, 'Content-Type'), body, '--\r\n') }
}

function readParts(type: string, body: string, end: string): ReadMail['parts'] {
  const boundary = /boundary="([^"]+)"/.exec(type)?.[1]
  if (boundary === undefined) throw new Error('no boundary')
  const pieces = `\r\n${body}`.split(`\r\n--${boundary}`)
  if (pieces.at(-1) !== end) throw new Error('not closed')
  return pieces.slice(1, -1).flatMap((piece) => readPart(piece.replace(/^\r\n/, '')))
}

export function header(headers: ReadMail['headers'], name: string): string {
  const found = headers.filter(([other]) => other === name)
  if (found.length !== 1) throw new Error(`${name} occurs ${found.length} times`)
  return found[0]?.[1] ?? ''
}

/** RFC 2047 encoded-words to text, base64 only. */
export function decodeWords(value: string): string {
  return value
    .replace(/(=\?UTF-8\?B\?[^?]*\?=)\s+(?==\?)/g, '$1')
    .replace(/=\?UTF-8\?B\?([^?]*)\?=/g, (_, word: string) => Buffer.from(word, 'base64').toString('utf8'))
}

function cut(text: string): { readonly head: string; readonly body: string } {
  const at = text.indexOf('\r\n\r\n')
  if (at < 0) throw new Error('no body')
  return { head: text.slice(0, at), body: text.slice(at + 4) }
}

function readHeaders(head: string): ReadMail['headers'] {
  return head
    .replace(/\r\n[ \t]/g, ' ')
    .split('\r\n')
    .map((line) => {
      const match = /^([A-Za-z-]+): (.*)$/.exec(line)
      if (match === null) throw new Error(`no header: ${line}`)
      return [match[1] ?? '', match[2] ?? ''] as const
    })
}

function readPart(text: string): ReadMail['parts'] {
  const { head, body } = cut(text)
  const headers = readHeaders(head)
  const type = header(headers, 'Content-Type')
  if (type.startsWith('multipart/')) return readParts(type, body, '--')
  if (header(headers, 'Content-Transfer-Encoding') === 'base64')
    return [{ type, content: readBase64(type, body) }]
  if (header(headers, 'Content-Transfer-Encoding') !== 'quoted-printable') throw new Error('encoding')
  if (body.split('\r\n').some((line) => line.length > 76)) throw new Error('line over 76')
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return [{ type, content: Buffer.from(bytes, 'latin1').toString('utf8') }]
}

function readBase64(type: string, body: string): string {
  if (!/^(?:[A-Za-z0-9+/]{1,76}={0,2}(?:\r\n|$))*$/.test(body)) throw new Error('base64')
  return Buffer.from(body, 'base64').toString(type.startsWith('text/') ? 'utf8' : 'latin1')
}
