import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Which room may import which: the only copy; docs/architecture.md is printed from it. */
import { ARROWS, LIBRARY_HOMES, PURE_ROOMS } from './architecture.ts'

const SRC = join(import.meta.dirname, '../src')

interface SourceFile {
  readonly path: string
  readonly room: string
  readonly text: string
  readonly imports: readonly string[]
}

const files: readonly SourceFile[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(ts|js)$/.test(path) && !path.endsWith('.d.ts'))
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8')
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')
    return { path, room: path.includes('/') ? (path.split('/')[0] ?? '') : 'main', text, imports }
  })

function targetRoom(file: SourceFile, specifier: string): string {
  const target = relative(SRC, join(SRC, dirname(file.path), specifier))
  return target.includes('/') ? (target.split('/')[0] ?? '') : 'main'
}

test('every room is in the table, and the table has no room that does not exist', () => {
  expect(new Set(files.map((file) => file.room))).toEqual(new Set(Object.keys(ARROWS)))
})

describe('arrows', () => {
  test.each(Object.entries(ARROWS))('%s imports only what the table allows', (room, allowed) => {
    const wrong = files
      .filter((file) => file.room === room)
      .flatMap((file) =>
        file.imports
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => ({ from: file.path, to: targetRoom(file, specifier), specifier }))
          .filter(({ to }) => to !== room && !allowed.includes(to)),
      )
    expect(wrong).toEqual([])
  })

  test('relative imports name their file with its ending', () => {
    const wrong = files.flatMap((file) =>
      file.imports.filter((s) => s.startsWith('.') && !s.endsWith('.ts')).map((s) => `${file.path}: ${s}`),
    )
    expect(wrong).toEqual([])
  })
})

test('each library enters through the files that the table names', () => {
  const wrong = files.flatMap((file) =>
    file.imports
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .filter((specifier) => {
        const library = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/')
        return !(LIBRARY_HOMES[library] ?? []).some(
          (home) => file.path === home || file.path.startsWith(`${home}/`),
        )
      })
      .map((specifier) => `${file.path}: ${specifier}`),
  )
  expect(wrong).toEqual([])
})

const FORBIDDEN_IN_PURE =
  /from 'node:(?!crypto'|util'|url'|net')|\bfetch\(|\bMath\.random\b|\bprocess\.(?!versions)/
const CLOCK_READS = /\bDate\.now\(|\bnew Date\(\)|\bsetTimeout\(|\bsetInterval\(/

test('pure rooms touch no file, network or randomness', () => {
  const wrong = files.filter(
    (file) =>
      PURE_ROOMS.includes(file.room) && FORBIDDEN_IN_PURE.test(file.text) && file.path !== 'lib/time.ts',
  )
  expect(wrong.map((file) => file.path)).toEqual([])
})

test('time is read in lib/time.ts alone (servers of the lab may use timers)', () => {
  const wrong = files.filter(
    (file) => file.path !== 'lib/time.ts' && CLOCK_READS.test(file.text) && file.room !== 'lab',
  )
  expect(wrong.map((file) => file.path)).toEqual([])
})

test('only cli/process-io.ts and the entry look at the environment, and only the entry sets the exit status', () => {
  const env = files.filter((file) => /\bprocess\.env\b/.test(file.text) && file.path !== 'cli/process-io.ts')
  const exit = files.filter(
    (file) => /\bprocess\.exitCode\b/.test(file.text) && !['main.ts', 'stswatch.js'].includes(file.path),
  )
  expect([...env, ...exit].map((file) => file.path)).toEqual([])
})

describe('size', () => {
  test('no source file is longer than 300 lines', () => {
    expect(files.filter((file) => file.text.split('\n').length > 301).map((file) => file.path)).toEqual([])
  })

  test('files are named in kebab-case and none is a drawer for odds and ends', () => {
    const odd = files.filter(
      (file) =>
        !/^(?:[a-z0-9-]+\/)*[a-z0-9-]+\.(ts|js)$/.test(file.path) ||
        /\/(index|utils|helpers|common|misc)\.ts$/.test(file.path),
    )
    expect(odd.map((file) => file.path)).toEqual([])
  })
})
