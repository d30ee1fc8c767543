import { gzipSync } from 'node:zlib'
import { expect, it, vi } from 'vitest'
import { readReports } from '../../../src/mailbox/read-reports.ts'
import { JSON_LIMITS } from '../../../src/protocol/tlsrpt/json-scan.ts'
import { HUMAN, MACHINE, mail, zip } from './mail-builder.ts'

const deep = (depth: number) => `{"policies":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
// Each element is one value, the first two brackets are two more.
const wide = (values: number) => `{"policies":[${'0,'.repeat(values - 2)}0]}`

const WAYS: readonly [string, (text: string) => Uint8Array][] = [
  ['a file', (text) => Buffer.from(text)],
  ['gzip', (text) => gzipSync(text)],
  ['zip', (text) => zip([{ name: 'a.json', bytes: Buffer.from(text) }])],
  ['a mail', (text) => mail({ parts: [HUMAN, { ...MACHINE, body: gzipSync(text) }] })],
  ['base64', (text) => Buffer.from(gzipSync(text).toString('base64'))],
  ['the text of a mail', (text) => Buffer.from(`A: b\r\n\r\n${text}`)],
]

it.each(WAYS)('%s: JSON.parse sees nothing beyond the limits', async (_what, wrap) => {
  const parse = vi.spyOn(JSON, 'parse')
  for (const [make, limit] of [
    [deep, JSON_LIMITS.depth],
    [wide, JSON_LIMITS.values],
  ] as const) {
    parse.mockClear()
    await readReports(wrap(make(limit)))
    expect(parse).toHaveBeenCalledTimes(1)
    parse.mockClear()
    await readReports(wrap(make(limit + 1)))
    expect(parse).not.toHaveBeenCalled()
  }
})
