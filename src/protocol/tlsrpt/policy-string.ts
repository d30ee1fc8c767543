import type { Note } from './deviation.ts'
import { scanJson } from './json-scan.ts'
import { type Field, firstElements, readText } from './report-fields.ts'
import { REPORT_LIMITS, TEXT_LIMITS } from './report-limits.ts'

const MAX_LINES = REPORT_LIMITS.policyLines
const TLSA_RDATA = /^(\d{1,3}) (\d{1,3}) (\d{1,3}) ([0-9A-Fa-f]{2,})$/

/**
 * The lines of an MTA-STS policy, or TLSA records, as the sender applied them (RFC 8460 §4.5): line ends removed, blanks
 * and errors kept. Empty when not given.
 */
export function readPolicyString(field: Field, policyType: string | null, note: Note): readonly string[] {
  if (field.value === null) note('policy-string-missing', field.where)
  const strings = (
    field.value === null ? [] : firstElements(field, MAX_LINES, 'policy-string-not-array', note)
  ).flatMap((element) => unfold(element, note))
  const isWhole = typeof field.value === 'string'
  const lines = strings.flatMap((string) => {
    const split = splitLines(string.value, isWhole && policyType !== 'sts')
    if (split.length > 1 && !isWhole) note('policy-string-unsplit', string.where)
    return split.map((line) => ({ value: line, where: string.where }))
  })
  if (lines.length > MAX_LINES) note('list-too-long', field.where, lines.length)
  return lines.slice(0, MAX_LINES).flatMap((line) => {
    const text = readText(line, TEXT_LIMITS.policyLine, note)
    if (text === null) return []
    return [policyType === 'tlsa' ? readTlsa(text, line.where, note) : text]
  })
}

interface TextField extends Field {
  readonly value: string
}

/** A string as it is; an array in the array, or the text of an array in a string (Microsoft), taken apart. */
function unfold(element: Field, note: Note): TextField[] {
  const { value, where } = element
  const inner = typeof value === 'string' && value.startsWith('[') ? parseArray(value) : value
  if (Array.isArray(inner)) {
    note('policy-string-nested', where)
    return inner.flatMap((line: unknown) => (typeof line === 'string' ? [{ value: line, where }] : []))
  }
  if (typeof value === 'string') return [{ value, where }]
  note('text-expected', where, value)
  return []
}

function parseArray(text: string): unknown {
  if (scanJson(text, { depth: 1, values: MAX_LINES * 2 }).fault !== null) return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** RFC 8460 §4 speaks of TLSA records joined by semicolons, §4.4 of an array; policy lines may hold semicolons. */
function splitLines(text: string, atSemicolons: boolean): string[] {
  const isTlsaList = atSemicolons || /^\d{1,3} \d{1,3} \d{1,3} [0-9A-Fa-f]*;/.test(text)
  const lines = text.split(isTlsaList ? /\r\n?|[\n;]/ : /\r\n?|\n/, MAX_LINES + 1)
  const last = lines.findLastIndex((line) => line !== '')
  return lines.slice(0, last + 1)
}

/** "3 1 1 ABCD": no blanks inside the data; those of wrapped presentation format are closed up. */
function readTlsa(text: string, where: string, note: Note): string {
  if (TLSA_RDATA.test(text)) return text
  note('tlsa-malformed', where, text)
  const [usage, selector, matching, ...data] = text.trim().split(/\s+/)
  const joined = `${usage} ${selector} ${matching} ${data.join('')}`
  return TLSA_RDATA.test(joined) ? joined : text
}
