/** A mail cut where DKIM cuts it; the MIME library shows neither the order nor the bytes of header fields. */
export interface SplitMail {
  /** From top to bottom. */
  readonly fields: readonly HeaderField[]
  /** With CRLF line ends. */
  readonly body: Uint8Array
}

export interface HeaderField {
  /** Lower case. */
  readonly name: string
  /** The whole field with its folding and without its last line end; bytes as latin1. */
  readonly line: string
}

const LF = 0x0a
const CR = 0x0d
const FIELD_START = /^[!-9;-~]+[ \t]*:/

/**
 * Splits a mail into header fields and body. Bare line feeds are taken for line ends, as every mail store on Unix writes
 * them. A line that begins no field belongs to the one above, whose signature then does not hold.
 */
export function splitMail(mail: Uint8Array): SplitMail {
  const bytes = withCrlf(withoutEnvelopeLine(mail))
  const startsEmpty = bytes[0] === CR && bytes[1] === LF
  const end = startsEmpty ? 0 : bytes.indexOf('\r\n\r\n')
  const head = bytes.subarray(0, end === -1 ? bytes.length : end).toString('latin1')
  const body = end === -1 ? bytes.subarray(bytes.length) : bytes.subarray(end + (startsEmpty ? 2 : 4))
  return { fields: readFields(head), body }
}

/** What stands behind the colon, folded as it is, in characters. */
export function fieldValue({ line }: HeaderField): string {
  const value = line.slice(line.indexOf(':') + 1)
  return /[\x80-\xff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value
}

/** The "From " line that mail stores put before a message. */
export function withoutEnvelopeLine(bytes: Uint8Array): Uint8Array {
  const isEnvelope = Buffer.from(bytes.subarray(0, 5)).toString('latin1') === 'From '
  return isEnvelope ? bytes.subarray(bytes.indexOf(LF) + 1) : bytes
}

function readFields(head: string): HeaderField[] {
  const fields: { name: string; lines: string[] }[] = []
  for (const line of head.split('\r\n')) {
    const last = fields.at(-1)
    if (FIELD_START.test(line)) fields.push({ name: nameOf(line), lines: [line] })
    else if (last !== undefined) last.lines.push(line)
  }
  return fields.map(({ name, lines }) => ({ name, line: lines.join('\r\n') }))
}

function nameOf(line: string): string {
  return line
    .slice(0, line.indexOf(':'))
    .replace(/[ \t]+$/, '')
    .toLowerCase()
}

function withCrlf(mail: Uint8Array): Buffer {
  const bytes = Buffer.from(mail.buffer, mail.byteOffset, mail.byteLength)
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] !== CR) {
      return Buffer.from(bytes.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1')
    }
  }
  return bytes
}
