/** The values of a policy's known keys (RFC 8461 §3.2). Each reader reports what is wrong and gives null when unusable. */
import { display } from '../../lib/display.ts'
import { parseIpAddress } from '../ip-address.ts'
import { nearKey } from '../near-key.ts'
import type { Problem } from '../problem.ts'
import { isLegalMxPattern } from './mx-match.ts'
import type { PolicyField } from './policy-lines.ts'
import { mxAdvice } from './policy-mx-advice.ts'

export type StsMode = 'enforce' | 'testing' | 'none'

/** Collects the problems of one reading; `rfc` is RFC 8461 §3.2 unless said otherwise. */
export type Report = (
  code: string,
  severity: Problem['severity'],
  line: number | null,
  message: string,
  rfc?: string,
) => void

/** RFC 8461 §3.2: about a year. */
export const MAX_AGE_LIMIT_SECONDS = 31_557_600

const DAY_SECONDS = 86_400
const WEEK_SECONDS = 7 * DAY_SECONDS

/** Only STSv1 is defined. */
export function readVersion(field: PolicyField | undefined, report: Report): 'STSv1' | null {
  if (field === undefined) return null
  if (field.value === 'STSv1') return field.value
  if (field.value === '') return null
  let hint = invisibleHint(field.value)
  if (field.value.includes('\\n')) hint = ' The "\\n" are two characters here; write real line breaks.'
  else if (/(?:mode|mx|max_age)[ \t]*[:=]/.test(field.value)) hint = ' Give each "key: value" its own line.'
  report(
    'version-malformed',
    'error',
    field.line,
    `The version must be exactly "STSv1", not "${display(field.value, 48)}"; write "version: STSv1".${hint}`,
  )
  return null
}

/** A no-break space looks like any other in a message. */
function invisibleHint(value: string): string {
  return /[\p{Zs}\p{Cf}]/u.test(value.replaceAll(' ', ''))
    ? ' A special space or invisible character stands in it; type the line anew.'
    : ''
}

/** Exactly one of the three words, in lower case. */
export function readMode(field: PolicyField | undefined, report: Report): StsMode | null {
  if (field === undefined || field.value === '') return null
  const { value, line } = field
  if (value === 'enforce' || value === 'testing' || value === 'none') return value
  const meant = nearKey(value.replace(/[^A-Za-z]/g, ''), ['enforce', 'testing', 'none'])
  const bare = /^[^A-Za-z]*(enforce|testing|none)[^A-Za-z]*$/.exec(value)?.[1]
  const advice = bare ?? meant ?? 'enforce'
  report(
    'mode-malformed',
    'error',
    line,
    `The mode must be exactly "enforce", "testing" or "none", not "${display(value, 48)}"; write for example "mode: ${advice}".${invisibleHint(value)}`,
  )
  return null
}

/** Seconds; how short is too short depends on the mode. */
export function readMaxAge(
  field: PolicyField | undefined,
  mode: StsMode | null,
  report: Report,
): number | null {
  if (field === undefined || field.value === '') return null
  const { value, line } = field
  if (!/^[0-9]{1,10}$/.test(value)) {
    report(
      'max-age-malformed',
      'error',
      line,
      `max_age must be 1 to 10 digits, seconds without sign or unit, not "${display(value, 48)}"; write for example "max_age: 604800".${invisibleHint(value)}`,
    )
    return null
  }
  const seconds = Number(value)
  if (seconds > MAX_AGE_LIMIT_SECONDS) {
    // spec: what a sender does with more is not said (erratum 7282 to RFC 8461); some refuse the policy, some clamp.
    report(
      'max-age-over',
      'error',
      line,
      `max_age is above the maximum of ${MAX_AGE_LIMIT_SECONDS} seconds, and some senders then refuse the policy; write "max_age: ${MAX_AGE_LIMIT_SECONDS}" or less.`,
    )
    return null
  }
  // RFC 8461 §8.3: on the way out, in mode none, a short life is what is wanted.
  if (mode !== 'none') reportShortMaxAge(seconds, line, report)
  return seconds
}

function reportShortMaxAge(seconds: number, line: number, report: Report): void {
  if (seconds === 0) {
    report(
      'max-age-zero',
      'warning',
      line,
      'With max_age 0 the policy ends at once and protects nothing, and some senders refuse it; write "max_age: 604800" or more.',
    )
  } else if (seconds < DAY_SECONDS) {
    report(
      'max-age-under-a-day',
      'warning',
      line,
      'max_age is under one day: some senders ignore such a policy, and protection has holes; write "max_age: 604800" or more.',
    )
  } else if (seconds < WEEK_SECONDS) {
    report(
      'max-age-short',
      'warning',
      line,
      'max_age is shorter than the weeks that are expected; when all is well, write "max_age: 604800" or more.',
    )
  }
}

/** The patterns as published; an illegal one is reported as an error and kept. */
export function readMx(
  fields: readonly PolicyField[],
  mode: StsMode | null,
  report: Report,
): readonly string[] {
  const seen = new Set<string>()
  for (const { value, line } of fields) {
    if (value === '') continue
    if (!isLegalMxPattern(value)) {
      // spec: the line would also pass as an extension named "mx"; every reader takes it for a broken pattern.
      report('mx-malformed', 'error', line, mxAdvice(value))
      continue
    }
    reportDoubtfulPattern(value, line, report)
    const folded = value.toLowerCase()
    if (seen.has(folded))
      report('mx-duplicate', 'info', line, `The pattern "${value}" is listed already; delete this line.`)
    seen.add(folded)
  }
  if (fields.length === 0 && mode === 'none') {
    report(
      'mx-absent',
      'info',
      null,
      'Legal in mode none, but some senders refuse a policy without mx; you may keep the old mx lines.',
    )
  }
  return fields.map(({ value }) => value)
}

function reportDoubtfulPattern(pattern: string, line: number, report: Report): void {
  if (parseIpAddress(pattern) !== null) {
    report(
      'mx-address',
      'warning',
      line,
      `"${pattern}" is an address and never matches an MX host; write the host name.`,
    )
  } else if (pattern.length > 253) {
    report(
      'mx-too-long',
      'warning',
      line,
      `"${display(pattern, 80)}" is longer than any host name (253 characters) and matches nothing; write the real name.`,
    )
  } else if (/^\*\.[^.]+$/.test(pattern)) {
    report(
      'mx-wide',
      'warning',
      line,
      `"${pattern}" allows every host directly under a top-level domain; name the hosts or their domain.`,
      'RFC 8461 §4.1',
    )
  } else if (!pattern.includes('.')) {
    report(
      'mx-single-label',
      'warning',
      line,
      `"${pattern}" is a single label and matches no public MX host; write the full name.`,
    )
  }
}
