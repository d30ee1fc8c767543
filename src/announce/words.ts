import { display } from '../lib/display.ts'
import type { UnixMs } from '../lib/time.ts'
import type { Description, RemedyLine } from '../model/description.ts'
import type { AddressEvidence, ProblemEvidence, ReaderEvidence } from '../model/evidence/evidence-parts.ts'
import type { Finding, FindingCode } from '../model/finding.ts'
import { type DomainName, displayDomainName } from '../protocol/domain-name.ts'
import { instantText, momentText } from './text-time.ts'

/** How the descriptions say things that many of them say. */

export interface DescribeContext {
  /** IANA zone of the reader. */
  readonly timezone: string
  readonly now: UnixMs
}

export type FindingOf<C extends FindingCode> = Extract<Finding, { readonly code: C }>

/** One describer per code; the map makes sure that none is missing. */
export type Describers<C extends FindingCode> = {
  readonly [K in C]: (finding: FindingOf<K>, context: DescribeContext) => Description
}

export type Mode = 'enforce' | 'testing' | 'none' | null

const LONGEST = 4_096

export function text(line: string): RemedyLine {
  return { kind: 'text', text: safe(line) }
}

/** An exact line to publish or to run; names stay as A-labels. */
export function code(line: string): RemedyLine {
  return { kind: 'code', text: safe(line) }
}

/** The last door: whatever a describer let through comes out visible. */
export function safe(line: string): string {
  return display(line, LONGEST)
}

/** A host name for people: U-labels, made safe. */
export function hostName(name: string): string {
  return display(displayDomainName(name as DomainName))
}

export function quoted(untrusted: string, length = 256): string {
  return `"${display(untrusted, length)}"`
}

export function quotedList(list: readonly string[], most = 5): string {
  return shortened(
    list.map((one) => quoted(one)),
    most,
  )
}

export function nameList(list: readonly string[], most = 8): string {
  return shortened(list.map(hostName), most)
}

function shortened(list: readonly string[], most: number, separator = ', '): string {
  const rest = list.length - most
  if (rest <= 0) return list.join(separator)
  return `${list.slice(0, most).join(separator)} and ${rest} more`
}

/** `id` for a new record (RFC 8461 §3.1): letters and digits, never used before. */
export function newId(now: UnixMs): string {
  return `${new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

export function stsRecordLine(domain: DomainName | null, id: string): RemedyLine {
  return code(`_mta-sts.${domain}. TXT "v=STSv1; id=${id}"`)
}

export function tlsrptRecordLine(domain: DomainName | null): RemedyLine {
  return code(`_smtp._tls.${domain}. TXT "v=TLSRPTv1; rua=mailto:tls-reports@${domain}"`)
}

export function policyUrl(domain: DomainName | null): string {
  return `https://mta-sts.${domain}/.well-known/mta-sts.txt`
}

export function instant(at: UnixMs, { timezone }: DescribeContext): string {
  return instantText(at, timezone)
}

export function moment(at: UnixMs, { timezone, now }: DescribeContext): string {
  return momentText(at, now, timezone)
}

/** "at all 2 addresses", "at 1 of 2 addresses", or nothing when there is but one. */
export function share(failing: number, of: number): string {
  if (of <= 1) return ''
  return failing >= of ? ` at all ${of} addresses` : ` at ${failing} of ${of} addresses`
}

/** "192.0.2.1: answered 404; 192.0.2.2: timed out" */
export function addressLines(list: readonly AddressEvidence[]): string {
  const lines = list.map(({ address, detail }) => {
    const shown = display(detail).replace(/\.$/, '')
    return shown.includes(address) ? shown : `${address}: ${shown}`
  })
  return shortened(lines, 6, '; ')
}

/** "Line 3: …; line 5: …" with what the lines are lines of. */
export function problemLines(problems: readonly ProblemEvidence[], unit: 'line' | 'record' = 'line'): string {
  const lines = problems.map(({ line, message }, index) => {
    const shown = display(message, 512).replace(/\.$/, '')
    if (line === null) return shown
    return `${index === 0 ? capital(unit) : unit} ${line}: ${shown}`
  })
  const rest = lines.length - 5
  return `${lines.slice(0, 5).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}.`
}

/** Which known senders a text is lost on; older looks did not say. */
export function readerLines(readers: Partial<ReaderEvidence>): string {
  const { refusedBy = [], readOtherwiseBy = [] } = readers
  const refused = refusedBy.length === 0 ? '' : ` Known to refuse it: ${shortened(refusedBy, 9)}.`
  const otherwise =
    readOtherwiseBy.length === 0 ? '' : ` Known to read it otherwise: ${shortened(readOtherwiseBy, 9)}.`
  return `${refused}${otherwise}`
}

/** What holders of a cached policy do while it cannot be renewed (RFC 8461 §5.1). */
export function holders(mode: Mode, cachedUntil: UnixMs | null, context: DescribeContext): string {
  if (cachedUntil === null || cachedUntil <= context.now) {
    return 'No earlier policy is on record here: senders that hold one go on with it, all others deliver without verified TLS.'
  }
  const inMode = mode === null ? '' : ` (mode ${mode})`
  return `Senders that hold a copy of the policy${inMode} go on with it until ${instant(cachedUntil, context)} at the latest; all others deliver without verified TLS.`
}

/** What a broken MX host means to senders, by the policy that they apply. */
export function refusedBySenders(mode: Mode, isPartial: boolean): string {
  const where = isPartial ? 'the addresses named here' : 'this host'
  switch (mode) {
    case 'enforce':
      return `Senders that honour MTA-STS do not deliver to ${where} (mode enforce): they try another one, and keep the mail in their queue when there is none.`
    case 'testing':
      return `Mail is still delivered (mode testing), but senders that honour MTA-STS report the failure, and in mode enforce they would not deliver to ${where}.`
    default:
      return 'No MTA-STS policy is in force, so most senders deliver all the same, without verified TLS.'
  }
}

export function inMode(mode: Mode): string {
  return mode === null || mode === 'none' ? '' : ` (mode ${mode})`
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** Untrusted text as a sentence: safe, with one full stop. */
export function sentence(untrusted: string): string {
  return `${display(untrusted, 512).replace(/\.$/, '')}.`
}

export function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}
