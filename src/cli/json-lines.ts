import { printableJson } from '../lib/printable-json.ts'
import type { Io } from './io.ts'
import { MAX_LINE_CHARACTERS, readLines } from './read-lines.ts'

/** What is to be printed for one line beside its id, or why the line could not be answered. */
export type LineAnswer = { readonly answer: object } | { readonly error: string }

export interface LineQuestion {
  /** What a line looks like, for the message when one does not: `{"id":…,"input":…}`. */
  readonly shape: string
  readonly answer: (line: Readonly<Record<string, unknown>>) => LineAnswer | Promise<LineAnswer>
  readonly maxCharacters?: number
}

/**
 * One JSON object a line in, one a line out with its id, in order; a line that cannot be answered gives an error with its
 * number, and the next one follows. Answers are printed as soon as their line is complete.
 */
export async function answerJsonLines(
  source: AsyncIterable<Uint8Array | string>,
  question: LineQuestion,
  io: Io,
): Promise<void> {
  let number = 0
  for await (const batch of readLines(source, question.maxCharacters ?? MAX_LINE_CHARACTERS)) {
    const answers: string[] = []
    for (const line of batch) {
      number += 1
      const answer =
        'tooLong' in line
          ? failure(null, number, 'the line is too long')
          : answerLine(question, line.text, number)
      answers.push(`${printableJson(JSON.stringify(answer instanceof Promise ? await answer : answer))}\n`)
    }
    io.out(answers.join(''))
    await io.drained()
  }
}

function answerLine({ shape, answer }: LineQuestion, text: string, number: number): object | Promise<object> {
  let line: unknown
  try {
    // RFC 8259 §8.1: a byte order mark may be ignored; Windows shells begin their streams with one.
    line = JSON.parse(number === 1 ? text.replace(/^\ufeff/, '') : text)
  } catch {
    return failure(null, number, `not JSON; write ${shape}`)
  }
  if (!isObject(line)) return failure(null, number, `not an object; write ${shape}`)
  const { id = null } = line
  // A nested one could be too deep to be printed again.
  if (typeof id === 'object' && id !== null)
    return failure(null, number, '"id" must be a string, a number or null')
  const complete = (given: LineAnswer) =>
    'error' in given ? failure(id, number, given.error) : { id, ...given.answer }
  const given = answer(line)
  return given instanceof Promise ? given.then(complete) : complete(given)
}

function failure(id: unknown, number: number, error: string): object {
  return { id, error: `line ${number}: ${error}` }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
