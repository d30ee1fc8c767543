import { parseIpAddress } from '../ip-address.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import { isKnownPolicyType, isKnownResultType } from './result-type.ts'

/** What is looked for in free text; the first that fits at a place counts. */
const FOUND = new RegExp(
  [
    /(?<url>\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+)/,
    /(?<mail>[^\s@<>"',;:()[\]]+@[\p{L}\p{N}._-]*[\p{L}\p{N}])/u,
    /(?<hex>\b[0-9A-Fa-f]{16,}\b)/,
    /(?<address>(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)|(?<![\p{L}\p{N}_:.])(?=[0-9A-Fa-f]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]+(?:\d+\.\d+\.\d+\.\d+)?(?![\p{L}\p{N}_:]))/u,
    // The code of an SMTP reply, which a name may follow.
    /(?<code>(?<![\p{L}\p{N}.-])\d{3}-(?=\p{L}))/u,
    /(?<name>(?:(?<![\p{L}\p{N}_.*-])|(?<=\b\d{3}-))(?:\*\.)?(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?\.)+(?:xn--[a-z0-9-]+|\p{L}{2,})(?![\p{L}\p{N}_-]))/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'giu',
)
const WELL_KNOWN = '/.well-known/mta-sts.txt'
/** Longer ones are noted as too long by readers: as long they stay. */
const LONG = 200

/** Gives what may stand in place of a string value under `key`. `telltale`: lower-case words that must not stand in free text. */
export type Redactor = (key: string, value: string) => string

export function openRedactor(names: Pseudonyms, telltale: ReadonlySet<string>): Redactor {
  return (key, value) =>
    value.trim() === '' ? value : asLong(value, redactBy(key, value, { names, telltale }))
}

interface Means {
  readonly names: Pseudonyms
  readonly telltale: ReadonlySet<string>
}

function redactBy(key: string, value: string, means: Means): string {
  const { names } = means
  switch (key) {
    case 'organization-name':
      return names.word('Organization', value)
    case 'contact-info':
      return contact(value, names)
    case 'report-id':
      return reportId(value, names)
    case 'policy-domain':
    case 'mx-host':
    case 'mx-host-pattern':
    case 'receiving-mx-hostname':
      return host(value, names)
    case 'sending-mta-ip':
    case 'receiving-ip':
      return address(value, names)
    case 'policy-type':
      return isKnownPolicyType(value.trim().toLowerCase()) ? value : names.word('policy', value)
    case 'result-type':
      return isKnownResultType(value.trim().toLowerCase()) ? value : names.word('result', value)
    case 'policy-string':
      return policyLine(value, names)
    case 'receiving-mx-helo':
    case 'additional-information':
    case 'additional-info-uri':
    case 'failure-reason-code':
      return free(value, means)
    default:
      // Dates and counts; under other keys nobody knows what it is.
      return /^[\d\s:TtZz.+-]*(?:UTC|GMT)?$/.test(value) && /date|count/.test(key) ? value : 'redacted'
  }
}

function address(text: string, names: Pseudonyms): string {
  return parseIpAddress(text) === null ? names.word('address', text) : names.address(text)
}

/** A name, with its root dot and blanks if it has them; what is none stays none. */
function host(text: string, names: Pseudonyms): string {
  const [, before = '', name = '', after = ''] = /^(\s*(?:mx:\s*)?)(.*?)(\.?\s*)$/is.exec(text) ?? []
  if (name === '') return text
  if (parseIpAddress(name) !== null) return before + names.address(name) + after
  return /^(?:\*\.)?[\p{L}\p{N}_.-]+$/u.test(name) && !/\.\.|^\.|^-/.test(name)
    ? before + names.name(name) + after
    : `${before}no name ${names.word('host', name)}${after}`
}

function contact(text: string, names: Pseudonyms): string {
  const found = /^(mailto:)?([^<>]*<)?([^\s@<>:/]+)@([^\s@<>:/]+)(>)?$/i.exec(text)
  if (found === null) return names.word('contact', text)
  const [, scheme = '', open, , domain = '', close = ''] = found
  return `${scheme}${open === undefined ? '' : 'Contact <'}contact@${host(domain, names)}${close}`
}

/** Some readers take the domain from its end. */
function reportId(text: string, names: Pseudonyms): string {
  const tail = /([_+@])([^_+@]+\.[^_+.@]+)$/.exec(text)
  return names.word('report', text) + (tail === null ? '' : `${tail[1]}${host(tail[2] ?? '', names)}`)
}

function policyLine(text: string, names: Pseudonyms): string {
  return /^\s*mx\s*:/i.test(text) && !text.includes('\n') ? host(text, names) : words(text, names)
}

function url(text: string, names: Pseudonyms): string {
  const [, scheme = '', authority = '', path = ''] = /^([^/]*:\/\/)([^/]*)(.*)$/s.exec(text) ?? []
  const shown = path === '' || path === '/' || path.startsWith(WELL_KNOWN) ? path : '/redacted'
  return `${scheme}${words(authority, names)}${shown}`
}

function words(text: string, names: Pseudonyms): string {
  return text.replace(FOUND, (found, ...rest) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>
    if (groups.url !== undefined) return url(found, names)
    if (groups.mail !== undefined) return `somebody@${host(found.split('@').at(-1) ?? '', names)}`
    if (groups.hex !== undefined) return names.hex(found)
    if (groups.name !== undefined) return names.name(found)
    if (groups.code !== undefined) return found
    // A time of day has colons too.
    return parseIpAddress(found) === null ? found : names.address(found)
  })
}

function free(text: string, { names, telltale }: Means): string {
  return words(text, names).replace(/[\p{L}\p{N}-]{3,}/gu, (word) =>
    telltale.has(word.toLowerCase()) && !/^(?:example|domain\d+|host\d+)$/i.test(word) ? 'redacted' : word,
  )
}

function asLong(value: string, redacted: string): string {
  return value.length > LONG ? redacted.padEnd(value.length, 'x') : redacted
}
