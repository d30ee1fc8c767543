/** The policy file of MTA-STS (RFC 8461 §3.2): strict reader with all problems, and strict writer. */
import { display } from '../../lib/display.ts'
import { nearKey } from '../near-key.ts'
import type { Parsed, Problem } from '../problem.ts'
import { type PolicyField, scanPolicyLines } from './policy-lines.ts'
import { type Report, readMaxAge, readMode, readMx, readVersion, type StsMode } from './policy-values.ts'

export interface StsPolicy {
  readonly version: 'STSv1'
  readonly mode: StsMode
  /** 0 to 31557600. */
  readonly maxAgeSeconds: number
  /** As published, in order; may be empty only in mode none. */
  readonly mxPatterns: readonly string[]
}

const RFC = 'RFC 8461 §3.2'
const SIZE_LIMIT_BYTES = 65_536
const KEYS = ['version', 'mode', 'mx', 'max_age'] as const
type Key = (typeof KEYS)[number]

/**
 * Reads a policy body, decoded from UTF-8 with a byte order mark kept and U+FFFD for what was no UTF-8. Strict: `value` is
 * null when RFC 8461 §3.2 forbids anything in it; `problems` holds everything found, by line.
 */
export function parseStsPolicy(body: string): Parsed<StsPolicy> {
  const reported: Problem[] = []
  const report: Report = (code, severity, line, message, rfc = RFC) =>
    reported.push({ code, severity, line, message, rfc })
  const isReadable = reportWhole(body, report)
  const { fields, problems: grammar } = isReadable ? scanPolicyLines(body) : { fields: [], problems: [] }
  const value = isReadable ? readFields(fields, report) : null
  const problems = [...grammar, ...reported].sort((a, b) => lineOrder(a) - lineOrder(b))
  return { value: problems.some(({ severity }) => severity === 'error') ? null : value, problems }
}

/** Problems of the body as a whole. False when it is no policy at all, so that its lines are not worth a word. */
function reportWhole(body: string, report: Report): boolean {
  if (body === '') {
    report('empty', 'error', null, 'The policy is empty; its first line should be "version: STSv1".')
    return false
  }
  if (body.slice(0, 64).trimStart().startsWith('<')) {
    const message =
      'This is a web page, not a policy: the server answers with markup. ' +
      'Serve the plain text file at /.well-known/mta-sts.txt.'
    report('html', 'error', 1, message)
    return false
  }
  if (Buffer.byteLength(body) > SIZE_LIMIT_BYTES) {
    const message =
      'The policy is larger than 64 KiB, the size at which senders may stop reading; shorten it.'
    report('too-large', 'warning', null, message, 'RFC 8461 §3.3')
  }
  return true
}

/** Problems of the whole come last. */
function lineOrder({ line }: Problem): number {
  return line ?? Number.MAX_SAFE_INTEGER
}

/** Writes the policy as a strict reader wants it. Throws RangeError when the policy is not legal. */
export function formatStsPolicy(policy: StsPolicy): string {
  const lines = [
    `version: ${policy.version}`,
    `mode: ${policy.mode}`,
    ...policy.mxPatterns.map((pattern) => `mx: ${pattern}`),
    `max_age: ${policy.maxAgeSeconds}`,
  ]
  const body = lines.map((line) => `${line}\r\n`).join('')
  // Read back: a pattern with a line break in it would be written as two lines, and read as something else.
  const { value, problems } = parseStsPolicy(body)
  if (value === null || !isSamePolicy(value, policy)) {
    const fault =
      problems.find(({ severity }) => severity === 'error')?.message ?? 'a value would be read differently.'
    throw new RangeError(`not a legal policy: ${fault}`)
  }
  return body
}

function isSamePolicy(a: StsPolicy, b: StsPolicy): boolean {
  return (
    a.mode === b.mode &&
    a.maxAgeSeconds === b.maxAgeSeconds &&
    a.mxPatterns.length === b.mxPatterns.length &&
    a.mxPatterns.every((pattern, index) => pattern === b.mxPatterns[index])
  )
}

function readFields(fields: readonly PolicyField[], report: Report): StsPolicy | null {
  const first = reportRepeatsAndUnknown(fields, report)
  const mxFields = fields.filter(({ key }) => key === 'mx')
  const version = readVersion(first.get('version'), report)
  const mode = readMode(first.get('mode'), report)
  const maxAgeSeconds = readMaxAge(first.get('max_age'), mode, report)
  const mxPatterns = readMx(mxFields, mode, report)
  for (const key of KEYS) {
    // RFC 8461 §3.2: all are required, mx unless the mode is none.
    if (!first.has(key) && !(key === 'mx' && mode === 'none')) {
      report(`${key.replace('_', '-')}-missing`, 'error', null, missingAdvice(key, fields))
    }
  }
  if (version === null || mode === null || maxAgeSeconds === null) return null
  return { version, mode, maxAgeSeconds, mxPatterns }
}

/** The first field of every key: RFC 8461 §3.2 wants later ones of the same key ignored, whatever they say, but for mx. */
function reportRepeatsAndUnknown(
  fields: readonly PolicyField[],
  report: Report,
): ReadonlyMap<string, PolicyField> {
  const first = new Map<string, PolicyField>()
  for (const field of fields) {
    const { key, line } = field
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, field)
    if (isKey(key)) {
      if (earlier !== undefined && key !== 'mx') {
        report(
          'key-repeated',
          'warning',
          line,
          `"${key}" stands in line ${earlier.line} already; that one counts, yet several senders use the last or refuse the policy. Delete one.`,
        )
      }
      continue
    }
    reportExtension(field, earlier, report)
  }
  return first
}

function reportExtension(
  { key, value, line }: PolicyField,
  earlier: PolicyField | undefined,
  report: Report,
): void {
  const shown = display(key, 48)
  const meant = nearKey(key, KEYS)
  if (meant !== null) {
    report(
      'key-misspelt',
      'warning',
      line,
      `Senders skip the unknown key "${shown}"; if you mean "${meant}", write "${meant}: ${display(value, 80)}".`,
    )
  }
  if (earlier !== undefined) {
    report(
      'extension-repeated',
      'info',
      line,
      `"${shown}" stands in line ${earlier.line} already; this one is ignored.`,
    )
  }
  if (/[\x80-\x9f\u2028\u2029]/.test(value)) {
    report(
      'hidden-line-break',
      'warning',
      line,
      `The value of "${shown}" holds an invisible control character that some senders read as a new line; remove it.`,
    )
  }
}

function missingAdvice(key: Key, fields: readonly PolicyField[]): string {
  const misspelt = fields.find((field) => nearKey(field.key, [key]) !== null && !isKey(field.key))
  if (misspelt !== undefined) {
    return `There is no "${key}" line; line ${misspelt.line} has "${display(misspelt.key, 48)}". Keys are exact: write "${key}: …".`
  }
  const example = {
    version: 'version: STSv1',
    mode: 'mode: testing',
    mx: 'mx: <mail host>',
    max_age: 'max_age: 604800',
  }
  return `There is no "${key}" line; add "${example[key]}".`
}

function isKey(key: string): key is Key {
  return KEYS.some((known) => known === key)
}
