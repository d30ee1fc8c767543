import { isLegalMxPattern } from './mx-match.ts'
import { parseStsPolicy } from './policy.ts'
import { type PolicyField, scanPolicyLines } from './policy-lines.ts'
import type { PolicyQuirk } from './policy-rules.ts'

/** A peculiarity and the line that has it; null: it is about the whole. */
export interface FoundQuirk {
  readonly quirk: PolicyQuirk
  readonly line: number | null
}

const KEYS = ['version', 'mode', 'mx', 'max_age']
const GREATEST_MAX_AGE_SECONDS = 31_557_600
/** RFC 8461 §3.2: 1*10(DIGIT). */
const MOST_DIGITS = 10
/** Above this a Go `int` of 32 bits, or mox's own limit, is exceeded. */
const FAR_OVER_SECONDS = 1_000_000_000
// What Python's splitlines takes for the end of a line.
const HIDDEN_BREAK = /[\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]/

/** Everything about a policy text that known readers treat differently, or refuse; by line, each once a line. */
export function policyQuirks(body: string): readonly FoundQuirk[] {
  const { problems } = parseStsPolicy(body)
  if (problems.some(({ code }) => code === 'html')) return [{ quirk: 'markup', line: 1 }]
  const { fields } = scanPolicyLines(body)
  const lines = body.split('\n').map((line) => line.replace(/\r$/, ''))
  const found: FoundQuirk[] = [
    ...problems.flatMap(({ code, line }) => grammarQuirks(code, line, lines[(line ?? 1) - 1] ?? '')),
    ...fields.flatMap(unknownKey),
    ...fields.flatMap(mxQuirks),
    ...fields.filter(({ key, value }) => key === 'max_age' && value !== '').flatMap(maxAgeQuirks),
    ...repeated(fields),
    ...missing(fields),
    ...whole(body),
  ]
  const unique = new Map(found.map((one) => [`${one.quirk} ${one.line}`, one]))
  return [...unique.values()].sort(
    (a, b) => (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER),
  )
}

const BY_CODE: Readonly<Record<string, PolicyQuirk>> = {
  'byte-order-mark': 'byte-order-mark',
  'not-utf8': 'not-utf8',
  'line-malformed': 'line-without-colon',
  'leading-space': 'leading-space',
  'space-before-colon': 'space-before-colon',
  'key-malformed': 'key-malformed',
  'tab-in-value': 'tab-in-value',
  'version-malformed': 'version-malformed',
}

function grammarQuirks(code: string, line: number | null, text: string): readonly FoundQuirk[] {
  const quirk = BY_CODE[code]
  if (quirk !== undefined) return [{ quirk, line }]
  if (code === 'blank-line') return [{ quirk: text === '' ? 'blank-line' : 'white-line', line }]
  if (code === 'control-character')
    return [{ quirk: text.includes('\r') ? 'stray-cr' : 'control-character', line }]
  if (code !== 'mode-malformed') return []
  return [{ quirk: /:\s*(?:enforce|testing|none)\s*$/i.test(text) ? 'mode-case' : 'mode-malformed', line }]
}

function unknownKey({ key, value, line }: PolicyField): readonly FoundQuirk[] {
  if (KEYS.includes(key)) return []
  const found: FoundQuirk[] = [{ quirk: 'unknown-key', line }]
  if (value.includes(':')) found.push({ quirk: 'unknown-key-with-colon', line })
  if (value === '') found.push({ quirk: 'value-missing', line })
  return found
}

function mxQuirks({ key, value, line }: PolicyField): readonly FoundQuirk[] {
  if (key !== 'mx') return []
  if (value === '') return [{ quirk: 'mx-value-missing', line }]
  if (isLegalMxPattern(value)) return []
  const bare = value.replace(/\.$/, '')
  if (bare !== value && isLegalMxPattern(bare)) return [{ quirk: 'mx-trailing-dot', line }]
  if (/[:/]/.test(value) && !value.startsWith('[')) return [{ quirk: 'mx-not-a-host', line }]
  const isOnlyLong = value.length > 255 || value.split('.').some((label) => label.length > 63)
  return [{ quirk: isOnlyLong ? 'mx-long-label' : 'mx-malformed', line }]
}

function maxAgeQuirks({ value, line }: PolicyField): readonly FoundQuirk[] {
  if (!/^[0-9]+$/.test(value)) {
    const isNumber = /^[0-9]+e[0-9]+$/i.test(value) || /^0x[0-9a-f]+$/i.test(value)
    return [{ quirk: isNumber ? 'max-age-number-form' : 'max-age-no-number', line }]
  }
  const quirks: readonly PolicyQuirk[] = [
    ...(value.length > MOST_DIGITS ? (['max-age-many-digits'] as const) : []),
    ...amountQuirks(Number(value)),
  ]
  return quirks.map((quirk) => ({ quirk, line }))
}

function amountQuirks(seconds: number): readonly PolicyQuirk[] {
  if (seconds === 0) return ['max-age-zero']
  if (seconds <= GREATEST_MAX_AGE_SECONDS) return []
  return [seconds >= FAR_OVER_SECONDS ? 'max-age-far-over' : 'max-age-over']
}

/** RFC 8461 §3.2: of a repeated field only the first counts. */
function repeated(fields: readonly PolicyField[]): readonly FoundQuirk[] {
  const first = new Map<string, string>()
  return fields.flatMap(({ key, value, line }): readonly FoundQuirk[] => {
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, value)
    if (earlier === undefined || key === 'mx' || !KEYS.includes(key)) return []
    if (value === earlier) return [{ quirk: 'repeated-same', line }]
    return [{ quirk: isLegalValue(key, value) ? 'repeated-other' : 'repeated-bad', line }]
  })
}

function isLegalValue(key: string, value: string): boolean {
  if (key === 'version') return value === 'STSv1'
  if (key === 'mode') return ['enforce', 'testing', 'none'].includes(value)
  return /^[0-9]{1,10}$/.test(value)
}

function missing(fields: readonly PolicyField[]): readonly FoundQuirk[] {
  const keys = new Set(fields.filter(({ key, value }) => key === 'mx' || value !== '').map(({ key }) => key))
  const folded = new Set(fields.map(({ key }) => key.toLowerCase()))
  const mode = fields.find(({ key }) => key === 'mode')?.value ?? null
  const quirks: PolicyQuirk[] = []
  if (!keys.has('version')) quirks.push(folded.has('version') ? 'version-key-case' : 'version-missing')
  if (!keys.has('mode'))
    quirks.push(fields.some(({ key }) => key === 'mode') ? 'mode-malformed' : 'mode-missing')
  if (!keys.has('max_age')) quirks.push('max-age-missing')
  if (!keys.has('mx')) {
    if (mode === 'none') quirks.push('mx-missing-in-none')
    else quirks.push(folded.has('mx') ? 'mx-key-case' : 'mx-missing')
  }
  return quirks.map((quirk) => ({ quirk, line: null }))
}

function whole(body: string): readonly FoundQuirk[] {
  const found: FoundQuirk[] = []
  const ends = new Set([...body.matchAll(/\r?\n/g)].map(([end]) => end))
  if (ends.size > 1) found.push({ quirk: 'mixed-line-ends', line: null })
  if (Buffer.byteLength(body) > 65_536) found.push({ quirk: 'too-large', line: null })
  for (const [index, line] of body.split('\n').entries()) {
    if (HIDDEN_BREAK.test(line)) found.push({ quirk: 'hidden-line-break', line: index + 1 })
  }
  return found
}
