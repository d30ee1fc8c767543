import { printableJson } from '../../lib/printable-json.ts'
import { pseudonyms } from './pseudonyms.ts'
import { openRedactor } from './redact-value.ts'

/** RFC 8460 §4.4, and the placeholders of its schema that some senders use. */
const KEYS: ReadonlySet<string> = new Set([
  'organization-name',
  'date-range',
  'start-datetime',
  'end-datetime',
  'contact-info',
  'report-id',
  'policies',
  'policy',
  'policy-type',
  'policy-string',
  'policy-domain',
  'mx-host',
  'mx-host-pattern',
  'summary',
  'total-successful-session-count',
  'total-failure-session-count',
  'failure-details',
  'result-type',
  'sending-mta-ip',
  'receiving-mx-hostname',
  'receiving-mx-helo',
  'receiving-ip',
  'failed-session-count',
  'additional-information',
  'additional-info-uri',
  'failure-reason-code',
])

/** A string, or what stands between two. */
const PIECE = /(?<string>"(?:[^"\\]|\\.)*")|[^"]+|"/gs
/** Words that are none of JSON's, and addresses. */
const FOREIGN =
  /(?<![\p{L}\p{N}_])(?!(?:true|false|null)(?![\p{L}\p{N}_]))\p{L}[\p{L}\p{N}_.@-]*|\d+(?:\.\d+){2,}/gu

/**
 * The text of a report with everything replaced that names or addresses anybody: domains and hosts, addresses, the
 * organization, its contact, the report-id, certificate digests, free text beyond plain words. Everything else stays, byte by
 * byte, so that what is odd about the report stays odd: it can be shown to those who mend readers. The same name gets the
 * same pseudonym throughout. What a terminal would obey stands escaped in strings.
 */
export function redactReportText(text: string): string {
  const redactor = openRedactor(pseudonyms(), telltaleWords(text))
  return mapStrings(text, redactor)
}

/** Calls `change` with each string that is a value, and the key that stands nearest before it; redacts what is none. */
function mapStrings(text: string, change: (key: string, value: string) => string): string {
  const members = new Map<string, string>()
  let key = ''
  const changeKey = (literal: string): string => {
    if (KEYS.has(key)) return literal
    const name = members.get(key) ?? `member-${members.size + 1}`
    members.set(key, name)
    return JSON.stringify(name)
  }
  return text.replace(PIECE, (literal, string: string | undefined, offset: number) => {
    if (string === undefined) return redactOutside(literal)
    const value = decode(literal)
    const end = offset + literal.length
    const isKey = /^\s*:/.test(text.slice(end, end + 20))
    if (!isKey)
      return value === null ? '"redacted"' : printableJson(encode(literal, value, change(key, value)))
    key = value ?? ''
    return printableJson(changeKey(literal))
  })
}

/** Between strings stand numbers and a few words; whatever else is there, or around the JSON, is made unreadable. */
function redactOutside(text: string): string {
  return text
    .replace(FOREIGN, (found) => 'x'.repeat(found.length))
    .replace(/(?![\s\ufeff])[\p{Cc}\p{Cf}\p{Cs}]/gu, 'x')
}

function decode(literal: string): string | null {
  try {
    const value: unknown = JSON.parse(literal)
    return typeof value === 'string' ? value : null
  } catch {
    // Control characters that should be escaped: with them read as blanks it is a string.
    return literal.length > 2 && !literal.includes('\\')
      ? literal.slice(1, -1).replace(/[\0-\x1f]/g, ' ')
      : null
  }
}

/** What did not change keeps its spelling. */
function encode(literal: string, before: string, after: string): string {
  return before === after ? literal : JSON.stringify(after)
}

/** Words of the names in a report, lower case, for free text may hold them too: "rejected by Muster". */
function telltaleWords(text: string): ReadonlySet<string> {
  const words = new Set<string>()
  mapStrings(text, (key, value) => {
    const parts = NAMING.has(key) ? value.toLowerCase().split(/[^\p{L}\p{N}-]+/u) : []
    for (const part of parts)
      if (part.length >= 3 && !COMMON.has(part) && !/^\d+$/.test(part)) words.add(part)
    return value
  })
  return words
}

const NAMING: ReadonlySet<string> = new Set([
  'organization-name',
  'contact-info',
  'policy-domain',
  'mx-host',
  'mx-host-pattern',
  'receiving-mx-hostname',
])
const COMMON: ReadonlySet<string> = new Set([
  'mail',
  'smtp',
  'mta-sts',
  'tls',
  'com',
  'net',
  'org',
  'the',
  'and',
])
