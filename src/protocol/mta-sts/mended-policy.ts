import { display } from '../../lib/display.ts'
import { nearKey } from '../near-key.ts'
import { meantPatterns } from './meant-patterns.ts'
import { formatStsPolicy } from './policy.ts'
import { type PolicyField, scanPolicyLines } from './policy-lines.ts'
import { MAX_AGE_LIMIT_SECONDS, type StsMode } from './policy-values.ts'

/** A policy in its plainest form, which every known sender reads. */
export interface MendedPolicy {
  readonly body: string
  /** What was decided or left out on the way, a sentence each: for the author to approve. */
  readonly remarks: readonly string[]
}

const KEYS = ['version', 'mode', 'mx', 'max_age']
const MODES = ['enforce', 'testing', 'none'] as const
const WEEK_SECONDS = 604_800
const DAY_SECONDS = 86_400
// The longest name of the DNS.
const NAME_MAX = 253
const REMARKS_MAX = 12

/**
 * Writes anew what the author of a policy text meant. `hosts` stands in where the text names no usable mail host. Null when
 * neither does, so that nothing but a policy in mode none could be written.
 */
export function mendPolicy(text: string, hosts: readonly string[]): MendedPolicy | null {
  const { fields } = scanPolicyLines(text)
  const remarks: string[] = []
  const remark = (line: string) => {
    if (remarks.length < REMARKS_MAX) remarks.push(line)
  }
  const mode = meantMode(firstOf(fields, 'mode'), remark)
  const maxAgeSeconds = meantMaxAge(firstOf(fields, 'max_age'), mode, remark)
  const named = meantMx(fields, remark)
  const mxPatterns = named.length > 0 ? named : [...hosts]
  if (mxPatterns.length === 0 && mode !== 'none') return null
  if (named.length === 0 && hosts.length > 0) remark('The mx lines are those of the MX records.')
  for (const { key } of fields.filter((field) => meantKey(field.key) === null))
    remark(`"${display(key, 48)}" is left out: no sender knows this key.`)
  return { body: formatStsPolicy({ version: 'STSv1', mode, maxAgeSeconds, mxPatterns }), remarks }
}

type Remark = (line: string) => void

function meantKey(key: string): string | null {
  return KEYS.includes(key) ? key : nearKey(key, KEYS)
}

/** The first one that is written as it must be, else the first that is meant. */
function firstOf(fields: readonly PolicyField[], key: string): string | null {
  const field = fields.find((one) => one.key === key) ?? fields.find((one) => meantKey(one.key) === key)
  return field?.value ?? null
}

function meantMode(value: string | null, remark: Remark): StsMode {
  const letters = (value ?? '').replace(/[^A-Za-z]/g, '')
  const meant = [letters.toLowerCase(), nearKey(letters, [...MODES])]
  const mode = MODES.find((one) => meant.includes(one))
  if (mode !== undefined) return mode
  remark('The text tells no mode: testing is the one in which no mail can be lost.')
  return 'testing'
}

function meantMaxAge(value: string | null, mode: StsMode, remark: Remark): number {
  if (value === null || !/^[0-9]+$/.test(value)) {
    remark(`The text tells no max_age: ${WEEK_SECONDS} is a week.`)
    return WEEK_SECONDS
  }
  const seconds = Number(value)
  // RFC 8461 §8.3: on the way out a short life is wanted, but some senders refuse none at all.
  const least = mode === 'none' ? (seconds === 0 ? DAY_SECONDS : 0) : WEEK_SECONDS
  const kept = Math.min(Math.max(seconds, least), MAX_AGE_LIMIT_SECONDS)
  if (kept !== seconds) remark(`max_age is ${kept} instead of ${display(value, 24)}.`)
  return kept
}

function meantMx(fields: readonly PolicyField[], remark: Remark): readonly string[] {
  const patterns = new Map<string, string>()
  for (const { key, value } of fields) {
    if (meantKey(key) !== 'mx' || value === '') continue
    const meant = meantPatterns(value).filter((pattern) => isOfUse(pattern))
    if (meant.length === 0)
      remark(`"mx: ${display(value, 80)}" is left out: it covers no mail host, or far too many.`)
    for (const pattern of meant) {
      const folded = pattern.toLowerCase()
      if (!patterns.has(folded)) patterns.set(folded, pattern)
    }
  }
  return [...patterns.values()]
}

/** A name that the DNS can hold, and no wildcard over a whole top-level domain. */
function isOfUse(pattern: string): boolean {
  return pattern.length <= NAME_MAX && !/^\*\.[^.]+$/.test(pattern)
}
