import type { LintedPolicy, LintedRecord } from '../check/lint.ts'
import { display } from '../lib/display.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { MATCH_RULES } from '../protocol/mta-sts/match-rules.ts'
import type { Problem } from '../protocol/problem.ts'
import { txtZoneLine } from '../protocol/txt-zone-line.ts'
import { type Paint, wrap } from './paint.ts'
import { renderViews } from './render-views.ts'

/** How it is shown. */
export interface LintPage {
  readonly width: number
  readonly paint: Paint
}

const MOST_PROBLEMS = 40
const INDENT = '    '
const MARKS = {
  error: ['✗', 'red'],
  warning: ['!', 'yellow'],
  info: ['i', 'cyan'],
} as const

/** A policy text: the strict verdict, the known readers, and the text that all of them read. */
export function renderLintedPolicy(
  title: string,
  linted: LintedPolicy,
  domain: DomainName | null,
  page: LintPage,
): string {
  const { policy, problems, views, body, isClean } = linted
  const { width, paint } = page
  const lines = body.split(/\r?\n/)
  const meaning =
    policy === null
      ? ''
      : `: mode ${policy.mode}, max_age ${policy.maxAgeSeconds}, mx ${policy.mxPatterns.slice(0, 8).join(' ') || 'none'}`
  return [
    `${paint('bold', title)}: ${verdict(policy !== null, problems, paint)}${meaning}\n`,
    ...problemLines(problems, (line) => lines[line - 1] ?? '', 'line', page),
    renderViews(views, policy !== null, width, paint),
    ...linted.missed.map((one) => `${wrap(missedLine(one), width, '    ')}\n`),
    isClean ? '' : remedy(linted, domain, page),
  ].join('')
}

/** The record in the same way; `newId` is for one that has no id to keep. */
export function renderLintedRecord(
  title: string,
  linted: LintedRecord,
  domain: DomainName,
  newId: string,
  page: LintPage,
): string {
  const { records, record, problems, views, isClean } = linted
  const { width, paint } = page
  const id = record?.id ?? newId
  const line = txtZoneLine(owner(domain), `v=STSv1; id=${id};`)
  return [
    `${paint('bold', title)}: ${verdict(record !== null, problems, paint)}${record === null ? '' : `: id ${record.id}`}\n`,
    ...problemLines(problems, (index) => records[index - 1] ?? '', 'record', page),
    renderViews(views, record !== null, width, paint),
    isClean
      ? ''
      : `${paint('bold', '  A record that all of them read, alone at its name:')}\n${INDENT}${paint('cyan', line)}\n`,
  ].join('')
}

function verdict(isValid: boolean, problems: readonly Problem[], paint: Paint): string {
  const counts = (['error', 'warning', 'info'] as const)
    .map(
      (severity) => [problems.filter((problem) => problem.severity === severity).length, severity] as const,
    )
    .filter(([count]) => count > 0)
    .map(([count, severity]) => `${count} ${severity}${count === 1 || severity === 'info' ? '' : 's'}`)
  const told = counts.length === 0 ? '' : ` (${counts.join(', ')})`
  return `${isValid ? paint('green', 'valid') : paint('red', 'invalid')} by RFC 8461${told}`
}

/** Each with its line as it stands there, every byte visible. */
function problemLines(
  problems: readonly Problem[],
  textOf: (line: number) => string,
  unit: 'line' | 'record',
  { width, paint }: LintPage,
): readonly string[] {
  const told = problems.slice(0, MOST_PROBLEMS).map(({ code, severity, line, message, rfc }) => {
    const [mark, style] = MARKS[severity]
    const where = line === null ? 'the whole' : `${unit} ${line}  "${display(textOf(line), 80)}"`
    return `  ${paint(style, `${mark} ${where}`)}\n${wrap(message, width, INDENT)}\n${paint('dim', `${INDENT}${code}, ${rfc}`)}\n`
  })
  const rest = problems.length - told.length
  return rest > 0 ? [...told, `  and ${rest} more\n`] : told
}

function missedLine({ host, quirk, readers }: LintedPolicy['missed'][number]): string {
  const names = readers.map(({ name }) => name).join(', ')
  return `• the MX host ${display(host)} is not covered for ${names}: ${MATCH_RULES[quirk].what}`
}

const KEEP_MX =
  'Keep the old mx lines: in mode none no sender applies them, but some refuse a policy that has none.'

function remedy(
  { policy, mended }: LintedPolicy,
  domain: DomainName | null,
  { width, paint }: LintPage,
): string {
  const name = domain ?? ('<domain>' as DomainName)
  if (mended === null && policy?.mode === 'none') return `${wrap(KEEP_MX, width, '  ')}\n`
  if (mended === null) {
    const command = `stswatch policy generate ${domain ?? 'example.org'}`
    return `${wrap('The text does not tell for which mail hosts it is meant; make a policy anew:', width, '  ')}\n${INDENT}${paint('cyan', command)}\n`
  }
  const text = mended.body
    .split('\r\n')
    .slice(0, -1)
    .map((line) => `${INDENT}${paint('cyan', line)}\n`)
  return [
    `${paint('bold', '  The same policy as all of them read it; lines end with CRLF or LF:')}\n`,
    ...text,
    ...mended.remarks.map((line) => `${wrap(`Mind: ${line}`, width, '  ')}\n`),
    `${paint('bold', '  Once it is served, publish:')}\n`,
    `${INDENT}${paint('cyan', txtZoneLine(owner(name), `v=STSv1; id=${mended.id};`))}\n`,
  ].join('')
}

function owner(domain: DomainName): DomainName {
  return `_mta-sts.${domain}` as DomainName
}
