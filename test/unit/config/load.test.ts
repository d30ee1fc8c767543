import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isLargeRemoval } from '../../../src/config/large-removal.ts'
import { loadWatchConfig } from '../../../src/config/load.ts'
import { nearest } from '../../../src/config/nearest.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'

const CONTEXT = { hostname: 'monitor.example.net', now: Date.UTC(2026, 10, 23), lab: false }
let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stswatch-load-'))
})
afterAll(() => rm(directory, { recursive: true }))

test.each<[string, string | Uint8Array, string | null]>([
  ['UTF-8', 'domains: [bücher.example]', null],
  ['a byte order mark', '\ufeffdomains: [a.example]', null],
  ['CRLF', 'domains:\r\n  - a.example\r\n', null],
  ['exactly 1 MiB', `domains: [a.example]\n#${'x'.repeat(2 ** 20 - 22)}`, null],
  ['more than 1 MiB', `domains: [a.example]\n#${'x'.repeat(2 ** 20 - 21)}`, 'the file is larger than 1 MiB'],
  ['Latin-1', Buffer.from('domains: [bücher.example]', 'latin1'), 'the file is not UTF-8 text'],
  ['UTF-16', Buffer.from('\ufeffdomains: [a.example]', 'utf16le'), 'the file is not UTF-8 text'],
])('a file in or of %s', async (_, contents, message) => {
  const file = join(directory, 'watch.yaml')
  await writeFile(file, contents)
  const loaded = await loadWatchConfig(file, CONTEXT)
  expect(loaded.ok ? null : loaded.problems.map((problem) => problem.message).join()).toBe(message)
})

test('a file that is not there, or is none, is a problem and no throw', async () => {
  const missing = await loadWatchConfig(join(directory, 'none.yaml'), CONTEXT)
  expect(missing).toMatchObject({ ok: false, problems: [{ line: 1, column: 1 }] })
  const folder = await loadWatchConfig(directory, CONTEXT)
  expect(folder).toMatchObject({ ok: false, problems: [{ message: 'this is a directory, not a file' }] })
})

const domains = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `d${index}.example` as DomainName }))

test.each([
  [10, 8, false],
  [10, 7, true],
  [100, 80, false],
  [100, 79, true],
  [4, 2, false],
  [4, 1, true],
  [1, 0, true],
  [0, 5, false],
  [5, 50, false],
])('from %i domains to %i is a large removal: %s', (before, after, large) => {
  expect(isLargeRemoval(domains(before), domains(after))).toBe(large)
})

test.each([
  ['excpet', 'expect'],
  ['chek', 'check'],
  ['Europe/Berlni', null],
  ['colour', null],
  ['x', null],
])('the nearest key to %s is %s', (word, key) => {
  expect(nearest(word, ['check', 'expect', 'tags'])).toBe(key)
})
