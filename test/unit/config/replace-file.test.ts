import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfigText } from '../../../src/config/load.ts'
import { replaceFile } from '../../../src/config/replace-file.ts'

/** A file with this text in a folder of its own. */
async function fileWith(text: string) {
  const directory = await mkdtemp(join(tmpdir(), 'stswatch-replace-'))
  const file = join(directory, 'watch.yaml')
  await writeFile(file, text)
  return {
    file,
    text: () => readFile(file, 'utf8'),
    names: () => readdir(directory),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
}

test.each(['', '\ufeff'])(
  'what was read can be replaced, whatever the file begins with (%j)',
  async (mark) => {
    await using it = await fileWith(`${mark}domains: [a.example]\n`)
    const read = await readConfigText(it.file)
    await replaceFile(it.file, read.ok ? read.text : '', 'domains: [b.example]\n')
    expect(await it.text()).toBe(`${mark}domains: [b.example]\n`)
  },
)

test('what somebody else has written meanwhile stays, and nothing is left behind', async () => {
  await using it = await fileWith('domains: [theirs.example]\n')
  await expect(replaceFile(it.file, 'domains: [a.example]\n', '')).rejects.toThrow('changed by somebody else')
  expect([await it.text(), await it.names()]).toEqual(['domains: [theirs.example]\n', ['watch.yaml']])
})
