import { display } from '../lib/display.ts'
import { nearKey } from './near-key.ts'
import type { Problem } from './problem.ts'
import type { RecordDialect, SelectedRecord } from './select-record.ts'
import { trimWsp } from './trim-wsp.ts'

/** One `name=value` of a TXT record. */
export interface Tag {
  readonly name: string
  /** As published; whether it is legal for this name is for the record's parser to check. */
  readonly value: string
}

/** What the scanner read, in order and without the version, and every fault of the grammar it met. */
export interface TagList {
  readonly tags: readonly Tag[]
  readonly problems: readonly Problem[]
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/
// Printable ASCII but "=" and ";".
const EXTENSION_VALUE = /^[\x21-\x3a\x3c\x3e-\x7e]+$/

/**
 * The one scanner for `v=…; name=value; …` records; RFC 8461 §3.1 and RFC 8460 §3 share the grammar. Takes a record that
 * the selection rule kept. The values of fields with the dialect's required name are left to the caller.
 */
export function scanTagList(record: SelectedRecord, dialect: RecordDialect): TagList {
  const tags: Tag[] = []
  const problems: Problem[] = []
  const report = (code: string, message: string) =>
    problems.push({ code, severity: 'error', line: record.line, message, rfc: dialect.rfc })

  if (/[^\x00-\x7f]/.test(record.text))
    report('not-ascii', 'The record must be US-ASCII; remove the other characters.')
  const parts = record.text.slice(dialect.version.length + 1).split(';')
  for (const [index, part] of parts.entries()) {
    const text = trimWsp(part)
    const isLast = index === parts.length - 1
    if (text === '') {
      if (!isLast) report('field-empty', 'Nothing stands between two semicolons; remove one of them.')
      continue
    }
    if (isLast && /[ \t]$/.test(part)) {
      report('trailing-space', 'White space may end the record only after a semicolon; remove it.')
    }
    const equals = text.indexOf('=')
    if (equals === -1) {
      const hint = /^(?:https?|mailto):/i.test(text) ? ' Several URIs are separated by commas.' : ''
      report(
        'field-malformed',
        `"${display(text, 64)}" is no field; write it as name=value or remove it.${hint}`,
      )
      continue
    }
    const tag = { name: text.slice(0, equals), value: text.slice(equals + 1) }
    tags.push(tag)
    problems.push(...nameProblems(tag.name, record, dialect))
    if (tag.name !== dialect.required) problems.push(...extensionProblems(tag, record, dialect))
  }
  return { tags, problems }
}

/** The faults of a value that only has to be legal, because nobody reads it. */
export function extensionProblems(tag: Tag, { line }: SelectedRecord, { rfc }: RecordDialect): Problem[] {
  if (EXTENSION_VALUE.test(tag.value)) return []
  const name = display(tag.name, 40)
  const message =
    tag.value === ''
      ? `${name} has no value; give it one or remove the field.`
      : `The value of ${name} may hold only printable ASCII without space, "=" and ";"; correct or remove the field.`
  return [
    { code: tag.value === '' ? 'value-missing' : 'value-malformed', severity: 'error', line, message, rfc },
  ]
}

function nameProblems(name: string, { line }: SelectedRecord, dialect: RecordDialect): Problem[] {
  const { required, rfc } = dialect
  const shown = display(name, 48)
  if (!NAME.test(name)) {
    const message = nameAdvice(name)
    return [{ code: 'name-malformed', severity: 'error', line, message, rfc }]
  }
  if (name === 'v') {
    const message = 'The version is given twice; remove the second.'
    return [{ code: 'version-repeated', severity: 'warning', line, message, rfc }]
  }
  const meant = nearKey(name, [required])
  if (meant === null) return []
  const message = `Readers skip the unknown field "${shown}"; if you mean "${meant}", write "${meant}=".`
  return [{ code: 'name-misspelt', severity: 'warning', line, message, rfc }]
}

function nameAdvice(name: string): string {
  const shown = display(name, 48)
  if (name === '') return 'Nothing stands before "="; write the field\'s name there or remove the field.'
  if (/[ \t]$/.test(name)) return `No white space may stand before "=" in "${shown}="; remove it.`
  if (/[\x00-\x1f\x7f]/.test(name))
    return `A line break or control character stands in "${shown}="; remove it.`
  return `"${shown}" is no legal field name: a letter or digit, then at most 31 letters, digits, "_", "-" or "."; correct or remove the field.`
}
