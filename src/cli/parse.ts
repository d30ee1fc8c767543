/** `stswatch parse`: the strict verdict of the protocol core on a text, as JSON. */

import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { isLegalMxPattern, matchesMxPattern } from '../protocol/mta-sts/mx-match.ts'
import { parseStsPolicy } from '../protocol/mta-sts/policy.ts'
import { parseStsRecord } from '../protocol/mta-sts/record.ts'
import type { Parsed, Problem } from '../protocol/problem.ts'
import { parseTlsrptRecord } from '../protocol/tlsrpt/record.ts'
import { EXIT, type Io } from './io.ts'
import { answerJsonLines, type LineAnswer } from './json-lines.ts'
import { type InputSource, openInput } from './open-input.ts'
import { MAX_LINE_CHARACTERS } from './read-lines.ts'

export type ParseKind = 'policy' | 'sts-record' | 'tlsrpt-record' | 'mx-match'

/** A fault of what we were given to read, as opposed to a verdict on it. */
class InputError extends Error {}

/**
 * Reads `file` (null: standard input) and prints the verdict. Without `lines`: one text, pretty JSON, exit status 0 when
 * valid (mx-match: when every line matches) and 1 when not. With `lines`: one JSON object `{"id","input"}` a line in, one
 * a line out, malformed lines answered with an error, exit status 0 when the input was read to its end.
 */
export async function parseCommand(
  kind: ParseKind,
  options: { readonly file: string | null; readonly lines: boolean },
  io: Io,
): Promise<number> {
  const source = await openInput(options.file, io)
  if (source === null) return EXIT.noInput
  try {
    return await (options.lines ? answerLines(kind, source, io) : answerOnce(kind, source, io))
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    io.err(`${options.file ?? 'standard input'}: ${error.message}\n`)
    return EXIT.badData
  }
}

async function answerOnce(kind: ParseKind, source: InputSource, io: Io): Promise<number> {
  const text = await readText(source)
  if (kind === 'mx-match') return answerMatches(splitLines(text), io)
  const verdict = JUDGES[kind].judge(kind === 'policy' ? text : splitLines(text))
  io.out(`${printableJson(JSON.stringify(verdict, null, 2))}\n`)
  return verdict?.valid ? EXIT.ok : EXIT.findings
}

function answerMatches(lines: readonly string[], io: Io): number {
  if (lines.length === 0) throw new InputError('nothing to match; write "pattern host", one pair a line')
  let allMatch = true
  for (const [index, line] of lines.entries()) {
    const [pattern, host, ...more] = line.split(/[ \t]+/).filter((word) => word !== '')
    if (pattern === undefined || host === undefined || more.length > 0) {
      throw new InputError(`line ${index + 1}: write "pattern host", two words, not "${display(line, 80)}"`)
    }
    const match = matchesMxPattern(pattern, host)
    allMatch &&= match
    io.out(
      `${printableJson(JSON.stringify({ match, pattern, host, legalPattern: isLegalMxPattern(pattern) }, null, 2))}\n`,
    )
  }
  return allMatch ? EXIT.ok : EXIT.findings
}

async function answerLines(kind: ParseKind, source: InputSource, io: Io): Promise<number> {
  const answer = ({ input }: Readonly<Record<string, unknown>>) => answerLine(kind, input)
  await answerJsonLines(source, { shape: '{"id":…,"input":…}', answer }, io)
  return EXIT.ok
}

function answerLine(kind: ParseKind, input: unknown): LineAnswer {
  const { expects, judge } = JUDGES[kind]
  const verdict = judge(input)
  return verdict === null ? { error: `"input" must be ${expects}` } : { answer: verdict }
}

interface Verdict {
  readonly valid: boolean
  readonly value: object | null
  readonly problems: readonly Problem[]
}

interface Judge<V extends object> {
  readonly expects: string
  /** Null when the input has the wrong type. */
  readonly judge: (input: unknown) => V | null
}

const JUDGES = {
  policy: {
    expects: 'the text',
    judge: (input) => (typeof input === 'string' ? judgePolicy(input) : null),
  },
  'sts-record': {
    expects: 'an array of TXT strings',
    judge: (input) => (isTexts(input) ? toVerdict(parseStsRecord(input), ({ id }) => ({ id })) : null),
  },
  'tlsrpt-record': {
    expects: 'an array of TXT strings',
    judge: (input) => (isTexts(input) ? judgeTlsrptRecord(input) : null),
  },
  'mx-match': {
    expects: '{"pattern":"…","host":"…"}',
    judge: (input) => (isPair(input) ? { match: matchesMxPattern(input.pattern, input.host) } : null),
  },
} satisfies Record<Exclude<ParseKind, 'mx-match'>, Judge<Verdict>> &
  Record<'mx-match', Judge<{ match: boolean }>>

function judgePolicy(body: string): Verdict {
  return toVerdict(parseStsPolicy(body), ({ mode, maxAgeSeconds, mxPatterns }) => ({
    mode,
    maxAgeSeconds,
    mxPatterns,
  }))
}

function judgeTlsrptRecord(records: readonly string[]): Verdict {
  return toVerdict(parseTlsrptRecord(records), ({ rua }) => ({ rua: rua.map(({ raw }) => raw) }))
}

function toVerdict<T>({ value, problems }: Parsed<T>, show: (value: T) => object): Verdict {
  return {
    valid: value !== null,
    value: value === null ? null : show(value),
    problems: problems.map(({ code, severity, line, message, rfc }) => ({
      code,
      severity,
      line,
      message,
      rfc,
    })),
  }
}

async function readText(source: InputSource): Promise<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let text = ''
  for await (const chunk of source) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    if (text.length > MAX_LINE_CHARACTERS)
      throw new InputError('the input is larger than 16 MiB; that is no policy or record')
  }
  return text + decoder.decode()
}

/** Lines of a text file, the last terminator optional. */
function splitLines(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string')
}

function isPair(value: unknown): value is { readonly pattern: string; readonly host: string } {
  return isObject(value) && typeof value.pattern === 'string' && typeof value.host === 'string'
}
