import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
// "RFC 8461 §3.1", and lists such as "RFC 8461 §3.1, §3.3 and §5.1".
const CITATION = /RFC (\d+) (§\d[\d.]*\d|§\d)((?:(?:,? and |, )§\d(?:[\d.]*\d)?)*)/g
const ROW = /^\| (RFC \d+ §[\d.]+) \| (MUST|SHALL|SHOULD|MAY|–) \| [^|]+ \| `([^`]+)` \| (?:`([^`]+)`|–) \|$/

interface Row {
  readonly section: string
  readonly level: string
  readonly code: string
  readonly test: string | null
}

const tableLines = read('docs/rfc.md')
  .split('\n')
  .filter((line) => line.startsWith('| RFC'))
const rows = tableLines.flatMap((line): Row[] => {
  const [, section = '', level = '', code = '', test = null] = ROW.exec(line) ?? []
  return section === '' ? [] : [{ section, level, code, test }]
})

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Every `RFC n §s` of a text, lists taken apart; a comment's line breaks do not hide one. */
function citations(text: string): Set<string> {
  const joined = text.replace(/\s*\n\s*(?:\*|\/\/) ?/g, ' ')
  const found = new Set<string>()
  for (const [, rfc, first, rest = ''] of joined.matchAll(CITATION)) {
    for (const section of [first, ...(rest.match(/§\d(?:[\d.]*\d)?/g) ?? [])])
      found.add(`RFC ${rfc} ${section}`)
  }
  return found
}

describe('docs/rfc.md', () => {
  it('has only rows that can be read', () => {
    expect(tableLines.filter((line) => !ROW.test(line))).toEqual([])
    expect(rows.length).toBeGreaterThan(20)
  })

  it('knows every section that the code cites', () => {
    const ledger = new Set(rows.map(({ section }) => section))
    const unknown = globSync('src/**/*.ts', { cwd: ROOT }).flatMap((file) =>
      [...citations(read(file))].filter((cited) => !ledger.has(cited)).map((cited) => `${file}: ${cited}`),
    )
    expect(unknown).toEqual([])
  })

  it('names for every rule a file that cites it', () => {
    const silent = rows.filter(
      ({ code, section }) => !existsSync(join(ROOT, code)) || !citations(read(code)).has(section),
    )
    expect(silent).toEqual([])
  })

  it('names for every MUST, SHALL, SHOULD and MAY a test that exists', () => {
    const untested = rows.filter(({ level, test }) =>
      test === null ? level !== '–' : !existsSync(join(ROOT, test)),
    )
    expect(untested).toEqual([])
  })
})

it('citations are found in lists and across the lines of a comment', () => {
  const text = '// RFC 1 §2, §3.4 and §5.\n/**\n * See RFC 6\n * §7.8.9, then RFC 10, §1.\n */'
  expect([...citations(text)]).toEqual(['RFC 1 §2', 'RFC 1 §3.4', 'RFC 1 §5', 'RFC 6 §7.8.9'])
})
