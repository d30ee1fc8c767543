import { display } from '../../lib/display.ts'
import type { Problem } from '../problem.ts'
import { trimWsp } from '../trim-wsp.ts'

/** One `key: value` line of a policy file, white space round the value removed. */
export interface PolicyField {
  readonly line: number
  readonly key: string
  readonly value: string
}

export interface PolicyLines {
  readonly fields: readonly PolicyField[]
  readonly problems: readonly Problem[]
}

type Report = (code: string, message: string) => void

const RFC = 'RFC 8461 §3.2'
// All of C0 but the tab, and DEL.
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/g
const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/

/**
 * Splits a policy file into its fields (RFC 8461 §3.2), every fault of the line grammar reported with its line. A faulty
 * line that still shows what was meant gives its field too, so that one slip is not reported as several.
 */
export function scanPolicyLines(body: string): PolicyLines {
  const fields: PolicyField[] = []
  const problems: Problem[] = []
  for (const [index, text] of splitLines(body).entries()) {
    const line = index + 1
    const report: Report = (code, message) =>
      problems.push({ code, severity: 'error', line, message, rfc: RFC })
    const field = scanLine(line === 1 ? withoutByteOrderMark(text, report) : text, report)
    if (field !== null) fields.push({ line, ...field })
  }
  return { fields, problems }
}

/** LF and CRLF end a line; the last terminator is optional. A CR anywhere else stays in the text. */
function splitLines(body: string): string[] {
  const lines = body.split('\n')
  const unterminated = lines.pop() ?? ''
  const terminated = lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  return unterminated === '' ? terminated : [...terminated, unterminated]
}

function withoutByteOrderMark(text: string, report: Report): string {
  if (!text.startsWith('\ufeff')) return text
  report(
    'byte-order-mark',
    'The file begins with an invisible byte order mark; save it as UTF-8 without BOM.',
  )
  return text.slice(1)
}

function scanLine(text: string, report: Report): Omit<PolicyField, 'line'> | null {
  reportCharacters(text, report)
  // Read on as if they were not there, so that UTF-16 or stray CRs are one problem a line and not five.
  const trimmed = trimWsp(text.replace(CONTROLS, ''))
  if (trimmed === '') {
    report(
      'blank-line',
      'The policy may not hold a blank line, not even at its end: some senders then refuse it. Delete the line.',
    )
    return null
  }
  if (/^[ \t]/.test(text))
    report('leading-space', 'A line must begin with its key; remove the white space before it.')
  const colon = trimmed.indexOf(':')
  if (colon === -1) {
    report('line-malformed', noColonAdvice(trimmed))
    return null
  }
  const written = trimmed.slice(0, colon)
  const key = trimWsp(written)
  const value = trimWsp(trimmed.slice(colon + 1))
  if (key !== written) report('space-before-colon', 'No white space may stand before the colon; remove it.')
  if (!KEY.test(key)) {
    report(
      'key-malformed',
      key === ''
        ? 'Nothing stands before the colon; write the key there or delete the line.'
        : `"${display(key, 48)}" is no legal key: a letter or digit, then at most 31 letters, digits, "_", "-" or "."; correct it or delete the line.`,
    )
  }
  if (value === '')
    report('value-missing', `"${display(key, 48)}" has no value; give it one or delete the line.`)
  if (value.includes('\t'))
    report('tab-in-value', 'A value may hold spaces but no tabs; replace the tab by a space.')
  return { key, value }
}

function reportCharacters(text: string, report: Report): void {
  const control = text.match(CONTROLS)?.[0]
  if (control !== undefined) {
    const hint =
      control === '\r'
        ? 'end lines with LF or CRLF'
        : control === '\0'
          ? 'save the file as UTF-8, not as UTF-16'
          : 'remove it'
    report('control-character', `The line holds the control character "${display(control)}"; ${hint}.`)
  }
  // spec: U+FFFD is what decoders leave where bytes are no UTF-8; nobody publishes it on purpose.
  if (text.includes('\ufffd') || !text.isWellFormed()) {
    report('not-utf8', 'The line is not valid UTF-8; save the file as UTF-8 or plain ASCII.')
  }
}

function noColonAdvice(text: string): string {
  const shown = `"${display(text, 64)}"`
  if (text.startsWith('#')) return `${shown}: a policy knows no comments; delete the line.`
  if (/^v=STSv1/i.test(text))
    return `${shown} is the syntax of the TXT record; write one "key: value" a line, first "version: STSv1".`
  const equals = text.indexOf('=')
  if (equals > 0 && KEY.test(text.slice(0, equals))) {
    return `${shown} must use a colon; write "${text.slice(0, equals)}: ${display(text.slice(equals + 1), 64)}".`
  }
  return `${shown} is no "key: value" line; correct or delete it.`
}
