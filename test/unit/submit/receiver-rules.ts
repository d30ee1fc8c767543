/**
 * What receivers of TLS reports insist on, in our own words: the schema of RFC 8460 §4.4, the form of the mail of §5, and
 * habits of strict readers that refuse, or lose, what the RFC would let pass. Shares no code with what writes reports.
 */

import { isIP } from 'node:net'

/** A report as it reached a receiver. */
export interface ArrivedReport {
  /** The JSON as text. */
  readonly json: string
  readonly fileName: string
  /** Names as written, values unfolded. */
  readonly headers: readonly (readonly [string, string])[]
  /** Media types of the parts. */
  readonly parts: readonly string[]
  /** Tags of the signature that counts and of its key; null: this mail was not signed. */
  readonly dkim: { readonly signature: Tags; readonly key: Tags } | null
}

export type Tags = Readonly<Record<string, string>>

/** Null: content; else what is complained of. */
export type ReceiverRule = (report: ArrivedReport) => string | null

type Json = Readonly<Record<string, unknown>>

const NAME =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const ADDRESS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@([a-z0-9.-]+)$/
const RESULTS = new Set(
  `starttls-not-supported certificate-host-mismatch certificate-expired certificate-not-trusted validation-failure
  tlsa-invalid dnssec-invalid dane-required sts-policy-fetch-error sts-policy-invalid sts-webpki-invalid`.split(
    /\s+/,
  ),
)
/** RFC 8460 §4.4: the members of each object; those with `?` may be left out. */
const MEMBERS = {
  report: 'organization-name date-range contact-info report-id policies',
  'date-range': 'start-datetime end-datetime',
  entry: 'policy summary failure-details?',
  policy: 'policy-type policy-string? policy-domain mx-host?',
  summary: 'total-successful-session-count total-failure-session-count',
  detail:
    'result-type sending-mta-ip? receiving-mx-hostname? receiving-mx-helo? receiving-ip? failed-session-count additional-information? failure-reason-code?',
} as const

const read = new WeakMap<ArrivedReport, Json>()

/** Read once, however many rules ask. */
function parsed(report: ArrivedReport): Json {
  const known = read.get(report) ?? (JSON.parse(report.json) as Json)
  read.set(report, known)
  return known
}
const objects = (value: unknown) => (Array.isArray(value) ? (value as Json[]) : [])
const entries = (report: ArrivedReport) => objects(parsed(report).policies)
const policies = (report: ArrivedReport) => entries(report).map(({ policy }) => policy as Json)
const summaries = (report: ArrivedReport) => entries(report).map(({ summary }) => summary as Json)
const details = (report: ArrivedReport) =>
  entries(report).flatMap((entry) => objects(entry['failure-details']))
const strings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '')
const count = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
const header = ({ headers }: ArrivedReport, name: string) => {
  const found = headers.filter(([other]) => other.toLowerCase() === name.toLowerCase())
  return found.length === 1 ? (found[0]?.[1] ?? '') : null
}
const contactDomain = (report: ArrivedReport) =>
  ADDRESS.exec(String(parsed(report)['contact-info']))?.[1] ?? null

/** The first complaint of many. */
const first = <T>(list: readonly T[], complain: (one: T) => string | null) =>
  list.map(complain).find((one) => one !== null) ?? null

export function membersAreThoseOfTheSchema(report: ArrivedReport): string | null {
  const top = parsed(report)
  const groups: [keyof typeof MEMBERS, readonly unknown[]][] = [
    ['report', [top]],
    ['date-range', [top['date-range']]],
    ['entry', entries(report)],
    ['policy', policies(report)],
    ['summary', summaries(report)],
    ['detail', details(report)],
  ]
  return first(groups, ([kind, found]) => first(found, (one) => memberComplaint(kind, one)))
}

function memberComplaint(kind: keyof typeof MEMBERS, value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${kind} is no object`
  const known = MEMBERS[kind].split(' ')
  const missing = known.find((name) => !name.endsWith('?') && !Object.hasOwn(value, name))
  if (missing !== undefined) return `${kind} lacks ${missing}`
  const names = new Set(known.map((name) => name.replace('?', '')))
  const unknown = Object.keys(value).find((name) => !names.has(name))
  return unknown === undefined ? null : `${kind} has ${unknown}`
}

/** RFC 7493: UTF-8 without a byte order mark, no name twice in an object. */
export function jsonIsIJson({ json }: ArrivedReport): string | null {
  if (json.startsWith('\ufeff')) return 'byte order mark'
  if (!json.isWellFormed() || /\\ud[89a-f]/i.test(json)) return 'half of a character'
  return JSON.stringify(JSON.parse(json)).length === json.length
    ? null
    : 'a name occurs twice, or a number is not exact'
}

export function datesHaveAZone(report: ArrivedReport): string | null {
  const range = parsed(report)['date-range'] as Json
  return first(Object.values(range), (text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(String(text)) ? null : `${text}`,
  )
}

/** RFC 8460 §4.1 */
export function rangeIsOneUtcDay(report: ArrivedReport): string | null {
  const range = parsed(report)['date-range'] as Json
  const [start, end] = [String(range['start-datetime']), String(range['end-datetime'])]
  const [from, to] = [Date.parse(start), Date.parse(end)]
  const seconds = (to - from) / 1_000
  return from % 86_400_000 === 0 && (seconds === 86_399 || seconds === 86_400) ? null : `${start} to ${end}`
}

export function contactIsAnAddress(report: ArrivedReport): string | null {
  return contactDomain(report) === null ? String(parsed(report)['contact-info']) : null
}

/** parsers of subjects and of Message-IDs want both sides. */
export function reportIdHasTwoSides(report: ArrivedReport): string | null {
  const id = String(parsed(report)['report-id'])
  return /^[A-Za-z0-9._-]{1,128}@[a-z0-9.-]{1,253}$/.test(id) ? null : id
}

export function policiesAreAFilledList(report: ArrivedReport): string | null {
  const { policies: list } = parsed(report)
  return Array.isArray(list) && list.length > 0 ? null : 'no list, or an empty one'
}

/** One unknown word loses the whole report at readers with closed lists. */
export function typesAreRegistered(report: ArrivedReport): string | null {
  const types = new Set(['sts', 'tlsa', 'no-policy-found'])
  const policy = policies(report).find((one) => !types.has(String(one['policy-type'])))
  const detail = details(report).find((one) => !RESULTS.has(String(one['result-type'])))
  return policy === undefined && detail === undefined ? null : 'an unknown type'
}

/** Also where no policy was found. */
export function policyDomainIsALabels(report: ArrivedReport): string | null {
  return first(policies(report), ({ 'policy-domain': domain }) =>
    NAME.test(String(domain)) ? null : String(domain),
  )
}

export function policyStringIsAListOfLines(report: ArrivedReport): string | null {
  return first(policies(report), (policy) => {
    const lines = policy['policy-string']
    if (lines === undefined) return null
    if (!strings(lines)) return 'no list of strings'
    if (lines.some((line) => /[\r\n]/.test(line))) return 'a line end in a line'
    const tlsa = /^[0-3] [01] [0-2] (?:[0-9A-Fa-f]{2})+$/
    return policy['policy-type'] === 'tlsa' && !lines.every((line) => tlsa.test(line))
      ? 'no TLSA record'
      : null
  })
}

/** Some demand a list, some a string; the RFC's schema says list. */
export function mxHostIsAList(report: ArrivedReport): string | null {
  return first(policies(report), ({ 'mx-host': hosts, 'policy-type': type }) => {
    if (hosts === undefined) return null
    if (type !== 'sts') return `mx-host with ${type}`
    if (!strings(hosts)) return 'no list of strings'
    return hosts.every((host) => NAME.test(host.replace(/^\*\./, ''))) ? null : 'no host pattern'
  })
}

export function countsAreWholeNumbers(report: ArrivedReport): string | null {
  const all = [
    ...summaries(report).flatMap((one) => Object.values(one)),
    ...details(report).map((one) => one['failed-session-count']),
  ]
  return all.every(count) ? null : 'no whole number'
}

/** A session may have several failures, but a failed one has at least one. */
export function detailsExplainTheTotal(report: ArrivedReport): string | null {
  return first(entries(report), ({ summary, 'failure-details': list }) => {
    const total = (summary as Json)['total-failure-session-count'] as number
    const each = objects(list).map((one) => one['failed-session-count'] as number)
    if (each.some((one) => one < 1 || one > total)) return 'a detail without sessions, or with more than all'
    return each.reduce((sum, one) => sum + one, 0) < total ? 'failures without a detail' : null
  })
}

export function addressesAreValidOrAbsent(report: ArrivedReport): string | null {
  const all = details(report).flatMap((one) => [one['sending-mta-ip'], one['receiving-ip']])
  const bad = all.find(
    (ip) => ip !== undefined && (isIP(String(ip)) === 0 || /[A-Z%]|^::ffff:/.test(String(ip))),
  )
  return bad === undefined ? null : String(bad)
}

export function hostNamesAreValidOrAbsent(report: ArrivedReport): string | null {
  const bad = details(report)
    .map((one) => one['receiving-mx-hostname'])
    .find((name) => name !== undefined && !NAME.test(String(name)))
  return bad === undefined ? null : String(bad)
}

/** null and "" are no addresses, no names and no reasons. */
export function nothingIsEmpty({ json }: ArrivedReport): string | null {
  let found: string | null = null
  JSON.parse(json, (key, value) => {
    const isEmpty = value === null || value === '' || (Array.isArray(value) && value.length === 0)
    if (isEmpty) found ??= key
    return value as unknown
  })
  return found
}

export function reasonsAreShort(report: ArrivedReport): string | null {
  const long = details(report).find(
    ({ 'failure-reason-code': reason }) => String(reason ?? '').length > 1_024,
  )
  return long === undefined ? null : 'a reason of more than 1 kB'
}

/** RFC 8460 §4.3: these two say little without one. */
export function vagueFailuresHaveAReason(report: ArrivedReport): string | null {
  const vague = new Set(['certificate-not-trusted', 'validation-failure'])
  const bare = details(report).find(
    (one) => vague.has(String(one['result-type'])) && one['failure-reason-code'] === undefined,
  )
  return bare === undefined ? null : String(bare['result-type'])
}

/** RFC 8460 §5.2: what receivers take. */
export function reportIsNotTooLarge({ json }: ArrivedReport): string | null {
  return Buffer.byteLength(json) <= 10 * 1024 * 1024 ? null : 'more than 10 MiB'
}

export const REPORT_RULES = [
  jsonIsIJson,
  membersAreThoseOfTheSchema,
  datesHaveAZone,
  rangeIsOneUtcDay,
  contactIsAnAddress,
  reportIdHasTwoSides,
  policiesAreAFilledList,
  typesAreRegistered,
  policyDomainIsALabels,
  policyStringIsAListOfLines,
  mxHostIsAList,
  countsAreWholeNumbers,
  detailsExplainTheTotal,
  addressesAreValidOrAbsent,
  hostNamesAreValidOrAbsent,
  nothingIsEmpty,
  reasonsAreShort,
  vagueFailuresHaveAReason,
  reportIsNotTooLarge,
] as const satisfies readonly ReceiverRule[]

export { contactDomain, header, parsed }
