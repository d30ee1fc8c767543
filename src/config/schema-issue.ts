import { display } from '../lib/display.ts'
import { nearest } from './nearest.ts'
import type { SchemaIssue } from './watch-schema.ts'
import type { Complaint } from './watch-values.ts'
import type { YamlPath } from './yaml.ts'

/** A schema issue in our own words. */
export interface Mistake {
  readonly path: YamlPath
  /** Whether the key itself is wrong rather than its value. */
  readonly part: 'key' | 'value'
  readonly found: string | null
  readonly allowed: string | null
  readonly suggestion: string | null
  /** Takes the place of "found …, allowed: …". */
  readonly message: string | null
}

/** One issue gives one mistake, or one for each unknown key. `root` is the value that was read. */
export function mistakesOf(issue: SchemaIssue, root: unknown): readonly Mistake[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol')
  const { existing, value } = follow(root, path)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, issue.message))
  if (issue.code === 'invalid_key') {
    const allowed = 'a name of letters, digits, - and _, at most 32 characters'
    return [{ ...blank(path), part: 'key', found: found(path.at(-1)), allowed }]
  }
  const { allowed, candidates, suggestion } = wantedBy(issue, value)
  if (value === undefined) return [missing(path, allowed)]
  const near = typeof value === 'string' ? nearest(value, candidates) : null
  return [{ ...blank(existing), found: found(value), allowed, suggestion: suggestion ?? near }]
}

/** What stands there, in a few words. */
export function found(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'string' ? `"${display(value, 80)}"` : String(value)
}

/** `domains[1].expect` */
export function pathText(path: YamlPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${display(step, 40)}`))
    .join('')
    .replace(/^\./, '')
}

function wantedBy(issue: SchemaIssue, value: unknown): Complaint {
  const plain = (allowed: string): Complaint => ({ allowed, candidates: [], suggestion: null })
  switch (issue.code) {
    case 'custom':
      return issue.params as unknown as Complaint
    case 'invalid_type':
      return wantedType(issue.expected, issue.path, value)
    case 'invalid_value':
      return choice(issue.values.map(String))
    case 'invalid_union':
      return choice('options' in issue && issue.options !== undefined ? issue.options.map(String) : [])
    case 'too_small':
      return plain(issue.origin === 'array' ? 'at least one entry' : `${issue.minimum} or more`)
    case 'too_big':
      return plain(issue.origin === 'array' ? `at most ${issue.maximum} entries` : `${issue.maximum} or less`)
    default:
      return plain(issue.message)
  }
}

function choice(candidates: readonly string[]): Complaint {
  return { allowed: candidates.join(', '), candidates, suggestion: null }
}

function wantedType(expected: string, path: readonly PropertyKey[], value: unknown): Complaint {
  const complaint = (allowed: string, suggestion: string | null = null): Complaint => ({
    allowed,
    candidates: [],
    suggestion,
  })
  switch (expected) {
    case 'array':
      return complaint('a list', typeof value === 'string' || typeof value === 'number' ? `[${value}]` : null)
    case 'string':
      // The commonest way to an empty text: `channel: #mail-ops` is a comment to YAML.
      return complaint(value === null ? 'text (put it in quotes when it begins with #)' : 'text')
    case 'object':
    case 'record':
      return complaint(wantedMapping(path))
    case 'boolean':
      return complaint('true, false')
    default:
      return complaint('a whole number')
  }
}

function wantedMapping(path: readonly PropertyKey[]): string {
  if (path.length === 2 && path[0] === 'domains') return 'a domain name, or a mapping with `name`'
  if (path.length === 2 && path[0] === 'resolvers') return '`system`, an address, or a mapping with `address`'
  return path.length === 0 ? 'a mapping; the smallest file is: domains: [example.com]' : 'a mapping'
}

function unknownKey(path: YamlPath, key: string, keys: string): Mistake {
  const suggestion = nearest(key, keys.split(', '))
  const message = `unknown key, allowed: ${keys}`
  return { ...blank([...path, key]), part: 'key', allowed: keys, suggestion, message }
}

function missing(path: YamlPath, allowed: string): Mistake {
  return { ...blank(path), allowed, message: `missing, wanted: ${allowed}` }
}

function blank(path: YamlPath): Mistake {
  return { path, part: 'value', found: null, allowed: null, suggestion: null, message: null }
}

/** The value at the path, and as much of the path as is written: short forms end early. */
function follow(root: unknown, path: YamlPath): { readonly existing: YamlPath; readonly value: unknown } {
  let value = root
  for (const [index, step] of path.entries()) {
    if (typeof value === 'string') return { existing: path.slice(0, index), value }
    if (typeof value !== 'object' || value === null) return { existing: path, value: undefined }
    value = (value as Record<string, unknown>)[step]
  }
  return { existing: path, value }
}
