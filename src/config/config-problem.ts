import { display } from '../lib/display.ts'

/** One mistake in the watch list: where, what was found, what is allowed, and what was probably meant. */
export interface ConfigProblem {
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
  /** `domains[1].expect`; empty for the file as a whole. */
  readonly path: string
  /** What stands there, in words; null where showing it would say nothing or give away a secret. */
  readonly found: string | null
  readonly allowed: string | null
  /** One sentence with `found` and `allowed`, without the place and without the suggestion. */
  readonly message: string
  readonly suggestion: string | null
  /** The line itself; null when there is none to show or when it may hold a secret. */
  readonly sourceLine: string | null
  /** How many characters the mistake is long; at least 1. */
  readonly width: number
}

/** Something right that the operator should know nevertheless. */
export interface ConfigNotice {
  readonly file: string
  /** Null when no line is to blame. */
  readonly line: number | null
  readonly message: string
}

const MOST_SHOWN = 50
const EXCERPT_COLUMNS = 100

/**
 * The problems as a compiler would print them, in the order of the file, each with its line and a caret. After fifty
 * only their number is told.
 */
export function formatConfigProblems(problems: readonly ConfigProblem[]): string {
  const ordered = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const texts = ordered.slice(0, MOST_SHOWN).map(formatProblem)
  const rest = ordered.length - texts.length
  return [...texts, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n')
}

/** `config/watch.yaml:7:11: domains[1].expect: found "x", allowed: y. Did you mean "z"?`: the first line alone. */
export function configProblemSentence(problem: ConfigProblem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}:`
  const path = problem.path === '' ? '' : ` ${problem.path}:`
  const suggestion = problem.suggestion === null ? '' : ` Did you mean ${quoted(problem.suggestion)}?`
  return `${place}${path} ${problem.message}.${suggestion}`
}

export function formatConfigNotice(notice: ConfigNotice): string {
  return notice.line === null
    ? `${notice.file}: ${notice.message}`
    : `${notice.file}: line ${notice.line}: ${notice.message}`
}

function formatProblem(problem: ConfigProblem): string {
  const sentence = configProblemSentence(problem)
  return problem.sourceLine === null ? sentence : `${sentence}\n${excerpt(problem, problem.sourceLine)}`
}

function excerpt(problem: ConfigProblem, sourceLine: string): string {
  const column = problem.column - 1
  const from = Math.max(0, Math.min(column - EXCERPT_COLUMNS / 2, sourceLine.length - EXCERPT_COLUMNS))
  const shown = display(sourceLine.slice(from, from + EXCERPT_COLUMNS), EXCERPT_COLUMNS * 8)
  const before = display(sourceLine.slice(from, column), EXCERPT_COLUMNS * 8).length
  const number = String(problem.line).padStart(4)
  const carets = '^'.repeat(Math.max(1, Math.min(problem.width, shown.length - before)))
  return `${number} | ${shown}\n${' '.repeat(number.length)} | ${' '.repeat(before)}${carets}`
}

/** Text in double quotes, safe to show; a text that is itself quoted or a list stays as it is. */
export function quoted(text: string): string {
  return /^["[`]/.test(text) ? display(text, 100) : `"${display(text, 100)}"`
}
