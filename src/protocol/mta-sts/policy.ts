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
  const problems: Problem[] = []
  const report: Report = (code, severity, line, message, rfc = RFC) =>
    problems.push({ code, severity, line, message, rfc })
  const finish = (value: StsPolicy | null): Parsed<StsPolicy> => ({
    value: problems.some(({ severity }) => severity === 'error') ? null : value,
    problems: problems.sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity)),
  })

  if (trimLeft(body).startsWith('<')) {
    report(
      'html',
      'error',
      1,
      'This is a web page, not a policy: the server answers with markup. Serve the plain text file at /.well-known/mta-sts.txt.',
    )
    return finish(null)
  }
  if (body === '') {
    report('empty', 'error', null, 'The policy is empty; its first line should be "version: STSv1".')
    return finish(null)
  }
  if (Buffer.byteLength(body) > SIZE_LIMIT_BYTES) {
    report(
      'too-large',
      'warning',
      null,
      'The policy is larger than 64 KiB, the size at which senders may stop reading; shorten it.',
      'RFC 8461 §3.3',
    )
  }
  const scanned = scanPolicyLines(body)
  problems.push(...scanned.problems)
  return finish(readFields(scanned.fields, report))
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
  const fault = parseStsPolicy(body).problems.find(({ severity }) => severity === 'error')
  if (fault !== undefined) throw new RangeError(`not a legal policy: ${fault.message}`)
  return body
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

function trimLeft(body: string): string {
  return body.slice(0, 64).trimStart()
}
