import { display } from '../../lib/display.ts'
import { err, ok, type Result } from '../../lib/result.ts'

/** Tag → value, without the white space around it. */
export type DkimTags = ReadonlyMap<string, string>

const TAG_NAME = /^[A-Za-z][A-Za-z0-9_]*$/

/**
 * Reads `name=value; …` as DKIM writes it (RFC 6376 §3.2): names are case-sensitive, folding may stand around names and
 * values, a name that stands twice makes the whole list invalid. The error is a sentence's end: "holds …".
 */
export function readDkimTags(text: string): Result<DkimTags, string> {
  const tags = new Map<string, string>()
  const parts = text.split(';')
  for (const [index, part] of parts.entries()) {
    const equals = part.indexOf('=')
    const name = trimFolding(equals === -1 ? part : part.slice(0, equals))
    if (equals === -1 && name === '' && index === parts.length - 1 && index > 0) break
    if (equals === -1 || !TAG_NAME.test(name)) return err(`holds "${display(name, 40)}", which is no tag`)
    if (tags.has(name)) return err(`holds the tag ${display(name, 40)} twice`)
    tags.set(name, trimFolding(part.slice(equals + 1)))
  }
  return ok(tags)
}

/** The value without any white space: for base64 and for lists with colons. */
export function withoutFolding(value: string): string {
  return value.replace(/[ \t\r\n]+/g, '')
}

/** The members of `a:b:c` in lower case, empty ones left out. */
export function colonList(value: string): readonly string[] {
  return withoutFolding(value)
    .toLowerCase()
    .split(':')
    .filter((member) => member !== '')
}

/** The bytes of base64 with folding in it; null when it is empty or holds anything else. */
export function readBase64(value: string): Uint8Array | null {
  const text = withoutFolding(value)
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null
}

function trimFolding(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isFolding(text.charCodeAt(start))) start++
  while (end > start && isFolding(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isFolding(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a
}
