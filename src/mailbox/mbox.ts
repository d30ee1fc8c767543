/** The mails of an mbox file, one at a time, so that an archive of any size costs the memory of one mail. */

export interface MboxMail {
  /** Without the line before it and with ">From " unquoted; null when it is larger than was asked for. */
  readonly bytes: Uint8Array | null
  readonly sizeBytes: number
}

/** Longer than any envelope line; what may still turn out to be one is held back until its end is known. */
const ENVELOPE_BYTES = 1_024
/** What is looked at before a line to see whether the line above is empty. */
const BEFORE = 3
/** A sender and a time of day; a body's "From here on" after an empty line is none (RFC 4155, Appendix A). */
const ENVELOPE = /^From .*\d:\d\d/

/** Whether a file that begins with these bytes is an mbox. */
export function isMbox(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 5)).toString('latin1') === 'From '
}

/**
 * Splits at "From " lines that follow an empty line; both ways of quoting, mboxo and mboxrd, are undone. A mail of more
 * than `maxBytes` comes without its bytes. The stream must begin with an envelope line; rejects when it fails.
 */
export async function* mboxMails(
  source: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
): AsyncGenerator<MboxMail> {
  const mail = new GrowingMail(maxBytes)
  let held: Uint8Array = new Uint8Array(0)
  /** Where in `held` the search goes on: what lies before was searched, and is kept to be looked back at. */
  let searchFrom = 0
  for await (const chunk of pieces(source)) {
    const bytes = chunk === null ? held : Buffer.concat([held, chunk])
    const searchEnd = chunk === null ? bytes.length : Math.max(searchFrom, bytes.length - ENVELOPE_BYTES)
    let start = 0
    for (const at of envelopes(bytes, searchFrom, searchEnd)) {
      mail.add(bytes.subarray(start, at))
      yield mail.take()
      start = at
    }
    const kept = chunk === null ? bytes.length : Math.max(start, searchEnd - BEFORE)
    mail.add(bytes.subarray(start, kept))
    held = bytes.subarray(kept)
    searchFrom = Math.max(0, searchEnd - kept)
  }
  if (mail.sizeBytes > 0) yield mail.take()
}

/** The chunks, and null for the end. */
async function* pieces(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array | null> {
  for await (const chunk of source) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
  yield null
}

/** Where the envelope lines begin that follow an empty line. */
function* envelopes(bytes: Uint8Array, from: number, end: number): Generator<number> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = text.indexOf('\nFrom ', from); at !== -1 && at < end; at = text.indexOf('\nFrom ', at + 1)) {
    const isAfterEmpty = text[at - 1] === 0x0a || (text[at - 1] === 0x0d && text[at - 2] === 0x0a)
    if (!isAfterEmpty) continue
    const lineEnd = text.indexOf('\n', at + 1)
    const line = text.subarray(at + 1, lineEnd === -1 ? at + ENVELOPE_BYTES : lineEnd)
    if (ENVELOPE.test(line.toString('latin1'))) yield at + 1
  }
}

/** The mail under way; beyond the limit it only counts. */
class GrowingMail {
  readonly #maxBytes: number
  #chunks: Uint8Array[] = []
  sizeBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(bytes: Uint8Array): void {
    this.sizeBytes += bytes.length
    if (this.sizeBytes > this.#maxBytes) this.#chunks = []
    // Copied: a view would keep all of what was read.
    else if (bytes.length > 0) this.#chunks.push(bytes.slice())
  }

  take(): MboxMail {
    const { sizeBytes } = this
    const whole = sizeBytes > this.#maxBytes ? null : Buffer.concat(this.#chunks)
    this.#chunks = []
    this.sizeBytes = 0
    return { bytes: whole && unquoted(withoutFrame(whole)), sizeBytes }
  }
}

/** Without the envelope line, and the empty line that ends a mail in an mbox. */
function withoutFrame(mail: Buffer): Buffer {
  const body = mail.subarray(mail.indexOf(0x0a) + 1)
  if (body.at(-1) !== 0x0a) return body
  const end = body.at(-2) === 0x0d ? body.length - 2 : body.length - 1
  return end === 0 || body[end - 1] === 0x0a ? body.subarray(0, end) : body
}

function unquoted(mail: Buffer): Buffer {
  if (!mail.includes('>From ')) return mail
  return Buffer.from(mail.toString('latin1').replaceAll(/(^|\n)>(>*From )/g, '$1$2'), 'latin1')
}
