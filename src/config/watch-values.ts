import { parseDuration } from '../lib/duration.ts'
import { parseMoment } from '../lib/moment.ts'
import { DAY_MS } from '../lib/time.ts'
import { isTimeZone } from '../lib/zone.ts'
import type { FindingCode } from '../model/finding.ts'
import { FINDING_CODES } from '../model/finding-codes.ts'
import { parseDomainName } from '../protocol/domain-name.ts'
import { parseMailAddress } from '../protocol/mail-address.ts'
import { parseReportUri } from '../protocol/tlsrpt/report-uri.ts'
import { isLoopbackBlock, parseCidr, touchesLoopback } from './cidr.ts'
import type { CronRule } from './cron-rule.ts'
import { meantDomain, parseWatchedName } from './domain-hint.ts'
import { parseResolver } from './resolver-config.ts'

/** What single texts of watch.yaml must be like. */

/** What a refused value should have been. */
export interface Complaint {
  readonly allowed: string
  /** Known values, of which the nearest is suggested. */
  readonly candidates: readonly string[]
  readonly suggestion: string | null
}

/** Null: the text is fine. */
export type Judge = (text: string) => Complaint | null

/** Codes that can be ignored for a domain; the `monitor.` ones belong to no domain. */
export const DOMAIN_CODES: readonly FindingCode[] = FINDING_CODES.filter(
  (code) => !code.startsWith('monitor.'),
)

export const hostName: Judge = (text) =>
  parseDomainName(text)?.includes('.') === true
    ? null
    : wanted('a host name such as mail.example.com', { suggestion: meantDomain(text) })

export const watchedName: Judge = (text) =>
  parseWatchedName(text) !== null
    ? null
    : wanted('a domain name such as example.com', { suggestion: meantDomain(text) })

export const findingCode: Judge = (text) =>
  DOMAIN_CODES.includes(text as FindingCode)
    ? null
    : wanted('a finding code (docs/findings.md lists them)', { candidates: DOMAIN_CODES })

export function cronLine(rule: CronRule, gapMs: number): Judge {
  return (text) => {
    const complaint = rule(text, gapMs)
    return complaint === null
      ? null
      : wanted(`a cron line "minute hour day month weekday"; as it stands: ${complaint}`)
  }
}

export function oneOf(names: readonly string[], none: string): Judge {
  const allowed = names.length === 0 ? none : names.join(', ')
  return (text) => (names.includes(text) ? null : wanted(allowed, { candidates: names }))
}

export const tag: Judge = (text) =>
  /^[\p{L}\p{N}][\p{L}\p{N} ._:/-]{0,63}$/u.test(text)
    ? null
    : wanted('up to 64 letters, digits, blanks and . _ : / -')

/** `names`: what `domains` watches. */
export function watchedDomain(names: readonly string[]): Judge {
  return (text) => {
    const name = parseWatchedName(text)
    return name !== null && names.includes(name)
      ? null
      : wanted('a domain that stands in `domains`', { candidates: names })
  }
}

export function usedTag(tags: readonly string[]): Judge {
  return (text) =>
    tags.includes(text) ? null : wanted('a tag that a domain in `domains` has', { candidates: tags })
}

export const codePattern: Judge = (text) => {
  const start = text.endsWith('.*') ? text.slice(0, -1) : null
  const isKnown =
    start === null
      ? DOMAIN_CODES.includes(text as FindingCode)
      : DOMAIN_CODES.some((code) => code.startsWith(start))
  return isKnown
    ? null
    : wanted(
        'a finding code (docs/findings.md lists them), or a beginning of some such as mx.certificate.*',
        {
          candidates: DOMAIN_CODES,
        },
      )
}

/** A maintenance that lasts longer is no maintenance. */
const MAX_WINDOW_MS = 7 * DAY_MS

export const windowDuration: Judge = (text) => {
  const ms = parseDuration(text)
  return ms !== null && ms <= MAX_WINDOW_MS ? null : wanted('a duration such as 90m, 2h or 1d, at most 7d')
}

export function moment(zone: string): Judge {
  return (text) =>
    parseMoment(text, zone) !== null
      ? null
      : wanted(`a time such as 2026-12-01T20:00 (in ${zone}) or 2026-12-01T20:00Z`)
}

/** `mailto:` may be left out. */
export const reportAddress: Judge = (text) => {
  const uri = parseReportUri(text.includes(':') ? text : `mailto:${text}`, 1).value
  return uri !== null && uri.scheme !== 'unsupported'
    ? null
    : wanted('an address as the TLSRPT record has it, such as mailto:tlsrpt@example.com')
}

export const organization: Judge = (text) =>
  /^[\p{L}\p{N}][\p{L}\p{N} .,&()'/-]{0,99}$/u.test(text)
    ? null
    : wanted("a name of up to 100 letters, digits, blanks and . , & ( ) ' / -")

export const slackChannel: Judge = (text) => {
  if (/^(?:#[\p{L}\p{N}_-]{1,80}|[CG][A-Z0-9]{6,20})$/u.test(text)) return null
  const suggestion = /^[\p{L}\p{N}_-]{1,80}$/u.test(text) ? `#${text}` : null
  return wanted('a channel such as "#mail-ops" (in quotes) or its id such as C0123456789', { suggestion })
}

export const mailAddress: Judge = (text) =>
  parseMailAddress(text) !== null ? null : wanted('an address such as postmaster@example.net')

export const urlVariable: Judge = (text) =>
  /^[A-Z][A-Z0-9_]*_WEBHOOK_URL$/.test(text)
    ? null
    : wanted('the name of an environment variable that ends in _WEBHOOK_URL, such as ALERT_WEBHOOK_URL')

export const resolverText: Judge = (text) =>
  parseResolver(text) !== null
    ? null
    : wanted('system, or an IP address such as 192.0.2.53 or "[2001:db8::53]:5353"', {
        candidates: ['system'],
      })

/** Loopback is for the lab alone, and the lab is for loopback alone (S29). */
export function egressBlock(lab: boolean): Judge {
  return (text) => {
    const cidr = parseCidr(text)
    if (cidr === null) return wanted('an address block such as 10.20.0.0/16')
    if (lab)
      return isLoopbackBlock(cidr)
        ? null
        : wanted('blocks within loopback alone, because STSWATCH_LAB is set')
    return touchesLoopback(cidr) ? wanted('a block without loopback addresses') : null
  }
}

const FOLDER_MAX = 255

/** Nothing that could begin another command on the wire (S14). */
export const folderName: Judge = (text) =>
  isFolder(text)
    ? null
    : wanted(`a folder name of up to ${FOLDER_MAX} characters, none of them a control character`)

export const afterReading: Judge = (text) => {
  if (text.startsWith('move:')) return folderName(text.slice('move:'.length))
  return text === 'flag' || text === 'leave'
    ? null
    : wanted('flag, leave, move:FOLDER', { candidates: ['flag', 'leave'] })
}

/** A mail that is moved into the folder it is read from would be read for ever. */
export function movedElsewhere(folder: string, afterReadingText: string): Complaint | null {
  return isSameFolder(afterReadingText, `move:${folder}`)
    ? wanted(`another folder than the one that is read, or \`flag\``)
    : null
}

// RFC 8601: a domain name as a rule; it is compared as it stands.
export const authservId: Judge = (text) =>
  /^[\w.:-]{1,255}$/.test(text)
    ? null
    : wanted(
        'the name that your own server writes at the start of Authentication-Results, such as mx.example.net',
      )

export const timeZone: Judge = (text) =>
  isTimeZone(text) && !/^[+-]/.test(text)
    ? null
    : wanted('an IANA time zone such as Europe/Berlin', { candidates: Intl.supportedValuesOf('timeZone') })

function isFolder(text: string): boolean {
  return text.isWellFormed() && text.trim() !== '' && text.length <= FOLDER_MAX && !/\p{Cc}/u.test(text)
}

/** INBOX is the one name that means the same in any case. */
function isSameFolder(one: string, other: string): boolean {
  return one === other || (/^move:inbox$/i.test(one) && /^move:inbox$/i.test(other))
}

export function wanted(allowed: string, hint: Partial<Omit<Complaint, 'allowed'>> = {}): Complaint {
  return { allowed, candidates: [], suggestion: null, ...hint }
}
