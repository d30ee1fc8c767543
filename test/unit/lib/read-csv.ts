/** A reader of RFC 4180 that shares nothing with the writer: cells are quoted texts or bare numbers. Throws for anything else. */
export function readCsv(text: string): readonly (readonly string[])[] {
  if (!text.startsWith('\ufeff')) throw new Error('no byte order mark')
  const rows: string[][] = []
  let row: string[] = []
  let rest = text.slice(1)
  while (rest !== '') {
    const [whole, quoted, bare, end] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest) ?? []
    if (whole === undefined) throw new Error(`no cell: ${rest.slice(0, 40)}`)
    row.push(quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'))
    rest = rest.slice(whole.length)
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  if (row.length > 0) throw new Error('not ended')
  return rows
}
