/** Comma-separated values as RFC 4180 has them, made so that no spreadsheet takes a text for a formula (S41). */

// A cell that begins so is computed by spreadsheets; some of them skip blanks before it.
const FORMULA = /^[\s\u0000]*[=+\-@\t\r\n＝＋－＠]/u

/** The whole file: every cell in quotes, lines ended by CRLF, UTF-8 with a byte order mark, which Excel needs. */
export function csvFile(rows: readonly (readonly (string | number | null)[])[]): string {
  return `\ufeff${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`
}

/** A number stands as it is, nothing as nothing; a text that a spreadsheet might compute begins with an apostrophe. */
function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return `"${text.replaceAll('"', '""')}"`
}
