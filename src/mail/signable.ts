/**
 * The guard before dkim-signer: it takes any white space for a blank, adds a line end to an empty body, picks one of
 * several fields of a name, reads bytes as UTF-8 and is quadratic in runs of blanks. None of that can happen to a
 * message that passes here.
 */

// RFC 5322 §2.1.1, without the CRLF.
const LINE_MAX = 998
/** Blanks in a row, and empty lines in a row. */
const RUN_MAX = 100

const FROM = /^from$/
const FIELD = /^([!-9;-~]+):(.*)$/

/** Null when the message can be signed, else why not; `signed` are the fields that the signature covers. */
export function whyUnsignable(raw: string, signed: readonly string[]): string | null {
  if (/[^\x20-\x7e\r\n\t]/.test(raw)) return 'it is not 7-bit text'
  if (/\r(?!\n)|(?<!\r)\n/.test(raw)) return 'a line does not end in CRLF'
  const cut = raw.indexOf('\r\n\r\n')
  if (cut < 0) return 'no empty line ends its headers'
  const body = raw.slice(cut + 4)
  return whyNoHead(raw.slice(0, cut), signed) ?? whyNoBody(body) ?? whyBadLines(raw.split('\r\n'))
}

function whyNoHead(head: string, signed: readonly string[]): string | null {
  const covered = new Set(signed.map((name) => name.toLowerCase()))
  const seen = new Set<string>()
  let hasFrom = false
  for (const line of head.replace(/\r\n(?=[ \t])/g, '').split('\r\n')) {
    const [, field = '', value = ''] = FIELD.exec(line) ?? []
    const name = field.toLowerCase()
    if (name === '') return 'a line of its head is no header field'
    if (covered.has(name) && seen.has(name)) return `it has two fields ${name}`
    seen.add(name)
    // RFC 6376 §5.4: From must be signed, and dkim-signer leaves out what is empty.
    hasFrom ||= FROM.test(name) && value.trim() !== ''
  }
  return hasFrom ? null : 'it has no From'
}

function whyNoBody(body: string): string | null {
  return /\S/.test(body) ? null : 'its body is empty'
}

function whyBadLines(lines: readonly string[]): string | null {
  let empty = 0
  let blanks = false
  for (const line of lines) {
    if (line.length > LINE_MAX) return `a line is longer than ${LINE_MAX} characters`
    blanks ||= line.length > RUN_MAX && BLANKS.test(line)
    if (line.trim() !== '') empty = 0
    else if (++empty > RUN_MAX) return `more than ${RUN_MAX} lines in a row are empty`
  }
  return blanks ? `more than ${RUN_MAX} blanks stand in a row` : null
}

const BLANKS = new RegExp(`[ \\t]{${RUN_MAX + 1}}`)
