/** Reading single values of a report, whatever the sender put there. Nothing here throws or keeps what it was given. */
import { type DomainName, parseDomainName } from '../domain-name.ts'
import { parseIpAddress } from '../ip-address.ts'
import type { Note } from './deviation.ts'
import type { DeviationCode } from './deviation-codes.ts'
import { TEXT_LIMITS } from './report-limits.ts'

/** RFC 7493 §2.2: beyond this, numbers are not exact. A count of this very value means "this many or more". */
export const COUNT_CAP = 2 ** 53

/** A value and its place in the report. */
export interface Field {
  readonly value: unknown
  readonly where: string
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An own member; never one that is inherited. Undefined when there is none. */
export function member({ value, where }: Field, key: string): Field {
  const found = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return { value: found, where: where === '' ? key : `${where}.${key}` }
}

export function hasMember({ value }: Field, key: string): boolean {
  return isJsonObject(value) && Object.hasOwn(value, key)
}

/** The member, or what stands under a placeholder of the schema that some senders take for its name. */
export function memberOrPlaceholder(parent: Field, key: string, placeholder: string, note: Note): Field {
  if (hasMember(parent, key) || !hasMember(parent, placeholder)) return member(parent, key)
  const field = member(parent, placeholder)
  note('placeholder-key', field.where)
  return field
}

/** An array, or the single value that should have been in one; absent, null, "" and {} are empty. */
export function elements(field: Field, code: DeviationCode, note: Note): Field[] {
  const { value, where } = field
  if (value === undefined) return []
  if (Array.isArray(value)) {
    return value.map((element: unknown, index) => ({ value: element, where: `${where}[${index}]` }))
  }
  note(code, where, value)
  const isEmpty = value === null || value === '' || (isJsonObject(value) && Object.keys(value).length === 0)
  return isEmpty ? [] : [field]
}

/** The first `max` of them; the rest is noted and not looked at. */
export function firstElements(field: Field, max: number, code: DeviationCode, note: Note): Field[] {
  const { value, where } = field
  if (!Array.isArray(value) || value.length <= max) return elements(field, code, note)
  note('list-too-long', where, value.length)
  return elements({ value: value.slice(0, max), where }, code, note)
}

/** Null when absent, null or empty. Cut to `maxCharacters`, never inside a surrogate pair. */
export function readText({ value, where }: Field, maxCharacters: number, note: Note): string | null {
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string') note('text-expected', where, value)
  if (typeof value === 'object') return null
  let text = String(value)
  if (text.length > maxCharacters) {
    note('text-too-long', where, text)
    text = text.slice(0, maxCharacters).replace(/[\ud800-\udbff]$/, '')
  }
  // RFC 7493 §2.1: no half of a surrogate pair, which JSON can escape but nothing can store.
  if (text.isWellFormed()) return text
  note('encoding', where, text)
  return text.toWellFormed()
}

/** The same for a member that may be left out: null instead of leaving it out is noted. */
export function readOptionalText(field: Field, maxCharacters: number, note: Note): string | null {
  if (field.value === null) note('null-value', field.where)
  return readText(field, maxCharacters, note)
}

/** Like an optional text, but where an address is due: canonical when it is one, else as it stands. */
export function readAddress(field: Field, note: Note): string | null {
  if (field.value === '') note('ip-empty', field.where)
  const text = readOptionalText(field, TEXT_LIMITS.ipAddress, note)
  if (text === null) return null
  const address = parseIpAddress(text)
  if (address === null) note('ip-malformed', field.where, text)
  return address ?? text
}

/** Canonical when it is a domain name, else as it stands. */
export function readHostName(field: Field, note: Note): string | null {
  const text = readOptionalText(field, TEXT_LIMITS.hostName, note)
  return text === null ? null : (parseDomainName(text) ?? text)
}

/** Null when absent or no domain name. RFC 8460 §4.4: A-labels; we fold case and U-labels. */
export function readDomain(field: Field, note: Note): DomainName | null {
  const text = readText(field, TEXT_LIMITS.domain, note)
  if (text === null) return null
  const domain = parseDomainName(text.trim())
  if (domain === null) note('policy-domain-malformed', field.where, text)
  else if (domain !== text) note('policy-domain-form', field.where, text)
  return domain
}

/** A whole number from 0 to COUNT_CAP, or null when there is none to be read. */
export function readCount({ value, where }: Field, note: Note): number | null {
  if (value === undefined || value === null) {
    note('count-missing', where)
    return null
  }
  const number = toNumber(value)
  if (number === null) {
    note('count-malformed', where, value)
    return null
  }
  if (typeof value === 'string') note('count-text', where, value)
  if (number < 0) {
    note('count-negative', where, value)
    return 0
  }
  if (number > Number.MAX_SAFE_INTEGER) {
    note('count-range', where, value)
    return COUNT_CAP
  }
  if (!Number.isInteger(number)) note('count-not-integer', where, value)
  return Math.floor(number)
}

export function addCounts(counts: readonly number[]): number {
  return counts.reduce((sum, count) => Math.min(sum + count, COUNT_CAP), 0)
}

// Number() would take "", "0x10" and " " as numbers too.
function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value + 0
  const isDecimal = typeof value === 'string' && value.length <= 40 && /^ *[+-]?\d+(?:\.\d+)? *$/.test(value)
  return isDecimal ? Number(value) + 0 : null
}
