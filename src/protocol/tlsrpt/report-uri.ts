import { display } from '../../lib/display.ts'
import { type DomainName, parseDomainName } from '../domain-name.ts'
import { parseIpAddress } from '../ip-address.ts'
import type { Parsed, Problem } from '../problem.ts'

/** One place that TLS reports are to be sent to. */
export type ReportUri =
  | {
      /** As published. */
      readonly raw: string
      readonly scheme: 'mailto'
      /** Percent-decoded, ready for an envelope. */
      readonly address: string
      /** The domain that takes the reports; null for an address literal. */
      readonly mailDomain: DomainName | null
    }
  | {
      readonly raw: string
      readonly scheme: 'https'
      /** To POST to, as published: percent-encoding is part of a URL. */
      readonly url: string
    }
  /** A legal URI that no reporter can send to: RFC 8460 §3 knows mailto and https only. */
  | { readonly raw: string; readonly scheme: 'unsupported' }

interface UriParts {
  readonly scheme: string
  readonly authority: string | null
  readonly path: string
  readonly query: string | null
  readonly fragment: string | null
}

type Report = (code: string, severity: Problem['severity'], message: string) => void

// RFC 3986 Appendix B; it splits any text.
const SPLIT = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/
// pchar of RFC 3986 without "!", "," and ";", which RFC 8460 §3 wants percent-encoded; "/" and "?" as well.
const CHARACTERS = /^(?:[A-Za-z0-9\-._~$&'()*+=:@/?]|%[0-9A-Fa-f]{2})*$/
const AUTHORITY = /^(?:([^@[\]]*)@)?(\[[^@[\]]+\]|[^@:[\]]*)(?::([0-9]*))?$/
// RFC 3986 §3.2.2: addresses of a version that nobody has defined yet.
const IP_FUTURE = /^v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~$&'()*+=:]+$/i

/** Reads one element of `rua` (RFC 8460 §3); `line` is copied into the problems. */
export function parseReportUri(raw: string, line: number | null): Parsed<ReportUri> {
  const problems: Problem[] = []
  const report: Report = (code, severity, message) =>
    problems.push({ code, severity, line, message, rfc: 'RFC 8460 §3' })
  const parts = splitUri(raw, report)
  const value = parts === null ? null : readScheme(raw, parts, report)
  return { value: problems.some(({ severity }) => severity === 'error') ? null : value, problems }
}

function splitUri(raw: string, report: Report): UriParts | null {
  const [, scheme, authority = null, path = '', query = null, fragment = null] = SPLIT.exec(raw) ?? []
  const texts = [authority?.replace(/[[\]]/g, '') ?? '', path, query ?? '', fragment ?? '']
  const size = /![0-9]+[kmgt]?$/i.exec(raw)
  let fault: UriFault | null = null
  if (scheme === undefined || !SCHEME.test(scheme)) {
    fault = schemeFault(raw)
  } else if (size !== null) {
    const fixed = display(raw.slice(0, size.index), 120)
    fault = [
      'uri-size-suffix',
      `"${size[0]}" is DMARC syntax; TLSRPT knows no size limit. Write "rua=${fixed}".`,
    ]
  } else if (!texts.every((text) => CHARACTERS.test(text))) {
    fault = characterFault(raw)
  } else if (authority !== null && !isAuthority(authority)) {
    fault = [
      'uri-host-malformed',
      `The host or port in "${display(raw, 120)}" is not legal; write "https://<host>/<path>", an IPv6 address in brackets.`,
    ]
  } else {
    return { scheme, authority, path, query, fragment }
  }
  report(fault[0], 'error', fault[1])
  return null
}

type UriFault = readonly [code: string, message: string]

function schemeFault(raw: string): UriFault {
  const shown = display(raw, 120)
  if (raw === '') return ['uri-missing', 'rua needs a URI here; write "rua=mailto:tls-reports@<domain>".']
  if (/^[<"']/.test(raw)) {
    const fixed = display(raw.replace(/[<>"']/g, ''), 120)
    return [
      'uri-characters',
      `Quotes and angle brackets are not allowed in "${shown}"; write "rua=${fixed}".`,
    ]
  }
  if (/^[^@/:]+@[^@/:]+$/.test(raw)) {
    return ['uri-mailto-missing', `"${shown}" is an address, not a URI; write "rua=mailto:${shown}".`]
  }
  return ['uri-scheme-missing', `"${shown}" is no URI; begin it with "mailto:" or "https://".`]
}

function characterFault(raw: string): UriFault {
  const shown = display(raw, 120)
  const bad = /[^A-Za-z0-9\-._~$&'()*+=:@/?%]/u.exec(raw.replace('#', ''))?.[0] ?? '%'
  if (/[ \t][a-z]+:/i.test(raw)) {
    const fixed = display(raw.replace(/[ \t]+(?=[a-z]+:)/gi, ','), 120)
    return ['uri-characters', `Several URIs are separated by commas; write "rua=${fixed}".`]
  }
  if (/[\x00-\x20\x7f]/.test(bad))
    return [
      'uri-characters',
      `White space and control characters are not allowed in "${shown}"; remove them.`,
    ]
  if (bad === '%') {
    return [
      'uri-percent',
      `"%" in "${shown}" must be followed by two hexadecimal digits; write "%25" for the sign itself.`,
    ]
  }
  if (/[!-~]/.test(bad)) {
    const encoded = `%${bad.charCodeAt(0).toString(16).toUpperCase()}`
    return [
      'uri-unencoded',
      `"${bad}" must be percent-encoded in "${shown}"; write "${encoded}" or leave it out.`,
    ]
  }
  return [
    'uri-characters',
    `"${display(bad)}" is not allowed in a URI; in "${shown}" write the domain in A-labels (xn--…) and percent-encode the rest.`,
  ]
}

function isAuthority(authority: string): boolean {
  const host = AUTHORITY.exec(authority)?.[2]
  if (host === undefined) return false
  if (!host.startsWith('[')) return true
  const literal = host.slice(1, -1)
  return IP_FUTURE.test(literal) || (literal.includes(':') && parseIpAddress(literal) !== null)
}

function readScheme(raw: string, parts: UriParts, report: Report): ReportUri | null {
  const scheme = parts.scheme.toLowerCase()
  if (scheme !== 'mailto' && scheme !== 'https') {
    let fix = 'Write mailto: or https:.'
    if (scheme === 'http') fix = 'Write "https://" and serve it there.'
    else if (scheme.includes('.')) fix = `Write "rua=https://${display(raw, 120)}".`
    report(
      'uri-scheme-unsupported',
      'warning',
      `No reporter sends to "${display(raw, 120)}": only mailto and https are supported. ${fix}`,
    )
    return { raw, scheme: 'unsupported' }
  }
  if (parts.scheme !== scheme) {
    report(
      'uri-scheme-case',
      'warning',
      `Some reporters look for "${scheme}:" in lower case only; write it so.`,
    )
  }
  return scheme === 'mailto' ? readMailto(raw, parts, report) : readHttps(raw, parts, report)
}

function readHttps(raw: string, { authority, path, fragment }: UriParts, report: Report): ReportUri | null {
  const shown = display(raw, 120)
  const host = AUTHORITY.exec(authority ?? '')?.[2] ?? ''
  if (host === '') {
    const meant = authority === null ? path.replace(/^\/+/, '') : ''
    const fixed = meant === '' ? '<host>/<path>' : display(meant, 120)
    report('uri-host-missing', 'error', `"${shown}" names no host; write "rua=https://${fixed}".`)
    return null
  }
  if (!URL.canParse(raw)) {
    // spec: RFC 3986 §3.2 allows any digits as port and nearly anything as registered name.
    report(
      'uri-host-unusable',
      'warning',
      `Nothing can connect to the host or port in "${shown}", so no report arrives; correct it.`,
    )
    return { raw, scheme: 'unsupported' }
  }
  if (authority?.includes('@')) {
    report(
      'uri-credentials',
      'warning',
      'The URI holds a user name, readable by everybody in the DNS, and reporters may not send it; remove it.',
    )
  }
  if (fragment !== null)
    report('uri-fragment', 'warning', 'The part from "#" on is never sent to a server; remove it.')
  return { raw, scheme: 'https', url: raw }
}

function readMailto(
  raw: string,
  { authority, path, query, fragment }: UriParts,
  report: Report,
): ReportUri | null {
  const shown = display(raw, 120)
  if (authority !== null) {
    const fixed = display(authority, 120)
    report('uri-mailto-slashes', 'error', `"${shown}": mailto takes no slashes; write "rua=mailto:${fixed}".`)
    return null
  }
  if (query !== null || fragment !== null) {
    report(
      'uri-mailto-headers',
      'warning',
      `Reporters ignore what follows the address in "${shown}", or stumble over it; remove it.`,
    )
  }
  const [mailbox = null, ...others] = readMailboxes(path)
  if (mailbox === null) {
    report(
      'uri-address-malformed',
      'error',
      `"${shown}" holds no mail address; write "rua=mailto:tls-reports@<domain>".`,
    )
    return null
  }
  if (others.length > 0) {
    const fixed = display([mailbox, ...others].map(({ address }) => `mailto:${address}`).join(','), 240)
    report(
      'uri-address-list',
      'warning',
      `Few reporters read several addresses in one mailto; give each its own: "rua=${fixed}".`,
    )
  }
  if (mailbox.mailDomain !== null && !mailbox.mailDomain.includes('.')) {
    report(
      'uri-address-local',
      'warning',
      `No reporter can reach "${mailbox.mailDomain}"; write the full domain name.`,
    )
  }
  return { raw, scheme: 'mailto', ...mailbox }
}

interface Mailbox {
  readonly address: string
  readonly mailDomain: DomainName | null
}

/** The addresses of a mailto path (RFC 6068 §2); none when one of them is nothing that mail could be sent to. */
function readMailboxes(path: string): readonly Mailbox[] {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return []
  }
  const whole = readMailbox(decoded)
  if (whole !== null) return [whole]
  // RFC 6068 §2 separates addresses by commas, and RFC 8460 §3 wants every comma of a URI encoded.
  const boxes = decoded.split(',').map(readMailbox)
  return boxes.every((box) => box !== null) ? boxes : []
}

function readMailbox(decoded: string): Mailbox | null {
  const at = decoded.lastIndexOf('@')
  const local = decoded.slice(0, at)
  const domain = decoded.slice(at + 1)
  // RFC 6068 §2: no white space or control characters, not even encoded: they would reach SMTP commands and headers.
  if (at < 1 || /[\x00-\x20\x7f-\xa0\u2028\u2029]/.test(decoded) || hasBareAt(local)) return null
  if (domain.startsWith('[')) return isAddressLiteral(domain) ? { address: decoded, mailDomain: null } : null
  const mailDomain = domain.endsWith('.') ? null : parseDomainName(domain)
  return mailDomain === null ? null : { address: `${local}@${mailDomain}`, mailDomain }
}

function hasBareAt(local: string): boolean {
  return local.includes('@') && !(local.startsWith('"') && local.endsWith('"'))
}

// RFC 5321 §4.1.3: [192.0.2.1] or [IPv6:2001:db8::1].
function isAddressLiteral(domain: string): boolean {
  return domain.endsWith(']') && parseIpAddress(domain.slice(1, -1).replace(/^IPv6:/i, '')) !== null
}
