/** Longest encoded line without its CRLF (RFC 2045 §6.7 rule 5), less one for the soft break. */
const LINE_MAX = 75

/**
 * UTF-8 text as quoted-printable (RFC 2045 §6.7): lines of at most 76 ASCII characters, CRLF line ends whatever the
 * text has, so that no server has a reason to change a byte on the way.
 */
export function quotedPrintable(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => softBreaks(encodeLine(line)))
    .join('\r\n')
}

function encodeLine(line: string): readonly string[] {
  const bytes = Buffer.from(line, 'utf8')
  return [...bytes].map((byte, index) => {
    const blankAtEnd = (byte === 0x20 || byte === 0x09) && index === bytes.length - 1
    const literal = (byte >= 0x21 && byte <= 0x7e && byte !== 0x3d) || byte === 0x20 || byte === 0x09
    return literal && !blankAtEnd
      ? String.fromCharCode(byte)
      : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
  })
}

function softBreaks(units: readonly string[]): string {
  let length = 0
  let encoded = ''
  for (const unit of units) {
    if (length + unit.length > LINE_MAX) {
      encoded += '=\r\n'
      length = 0
    }
    encoded += unit
    length += unit.length
  }
  return encoded
}
