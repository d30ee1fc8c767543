/** Writes the printed pages of docs/ and config/; with `--check` says which are not current and exits 1. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printedPages } from './printed-pages.ts'

const root = join(import.meta.dirname, '../..')
const check = process.argv.includes('--check')
let stale = 0
for (const { path, text } of printedPages()) {
  const file = join(root, path)
  const current = readOrEmpty(file)
  if (current === text) continue
  stale += 1
  if (check) process.stdout.write(`${path} is not current: run "npm run docs"\n`)
  else {
    writeFileSync(file, text)
    process.stdout.write(`${path} written\n`)
  }
}
if (stale === 0) process.stdout.write('all printed pages are current\n')
process.exitCode = check && stale > 0 ? 1 : 0

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
