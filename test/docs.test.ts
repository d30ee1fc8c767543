import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { printedPages } from './docs/printed-pages.ts'

test.each(printedPages())('$path says what the code says (else: npm run docs)', ({ path, text }) => {
  expect(readFileSync(join(import.meta.dirname, '..', path), 'utf8')).toBe(text)
})
