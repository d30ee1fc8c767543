import { expect, it } from 'vitest'
import { type InputLine, readLines } from '../../../src/cli/read-lines.ts'

async function* chunks(parts: readonly string[]): AsyncGenerator<string> {
  yield* parts
}

async function read(parts: readonly string[], maxCharacters?: number): Promise<InputLine[]> {
  const lines: InputLine[] = []
  for await (const batch of readLines(chunks(parts), maxCharacters)) lines.push(...batch)
  return lines
}

it.each([
  [[], []],
  [[''], []],
  [['\n'], ['']],
  [['a'], ['a']],
  [['a\nb\r\nc'], ['a', 'b', 'c']],
  [
    ['a', 'b\n', '\n', 'c', '\n'],
    ['ab', '', 'c'],
  ],
  [['\ufeffa\n'], ['\ufeffa']],
])('splits %j into %j', async (parts, texts) => {
  expect(await read(parts)).toEqual(texts.map((text) => ({ text })))
})

it('skips a line that is too long, however it arrives, and goes on with the next', async () => {
  expect(await read(['abc', 'de', 'f\nok\n', 'abcdef\n', 'ok', '\nabcdef'], 5)).toEqual([
    { tooLong: true },
    { text: 'ok' },
    { tooLong: true },
    { text: 'ok' },
    { tooLong: true },
  ])
})
