import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvFile } from '../../../src/lib/csv.ts'
import { POISON } from '../notify/poison.ts'
import { readCsv } from './read-csv.ts'

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '  =1', '\n=1', '＝1'])(
  '%j is no formula',
  (text) => {
    expect(readCsv(csvFile([[text]]))).toEqual([[`'${text}`]])
  },
)

test.each(['a', 'a=1', "'=1", '', 'x-1', POISON])('%j stays as it is', (text) => {
  // The poison begins with an escape character, which no spreadsheet skips.
  expect(readCsv(csvFile([[text, 'next']]))).toEqual([[text, 'next']])
})

test('numbers and nothing', () => {
  expect(csvFile([[1, null, 2.5, 'a']])).toBe('\ufeff1,,2.5,"a"\r\n')
})

test('whatever is written is read again, and no cell begins a formula', () => {
  const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('=', '"', ',', '\r\n', '@', POISON))
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      (rows) => {
        const read = readCsv(csvFile(rows))
        expect(read.map((row) => row.length)).toEqual(rows.map((row) => row.length))
        for (const [index, row] of read.entries()) {
          for (const [place, text] of row.entries()) {
            expect(text).not.toMatch(/^[\s\u0000]*[=+\-@]/)
            expect([rows[index]?.[place], `'${rows[index]?.[place]}`]).toContain(text)
          }
        }
      },
    ),
  )
})
