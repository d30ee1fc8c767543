import type { UnixMs } from '../../lib/time.ts'
import { type DomainName, parseDomainName } from '../domain-name.ts'
import { type Deviation, type Note, openDiary, type ReadingOutcome, readingOutcome } from './deviation.ts'
import { readReportDate } from './report-date.ts'
import { addCounts, type Field, isJsonObject, member, readText } from './report-fields.ts'
import { TEXT_LIMITS } from './report-limits.ts'
import { NO_HINTS, type ReportHints } from './report-mail.ts'
import { readPolicies } from './report-policies.ts'
import { readReportText } from './report-text.ts'

/** A TLS report (RFC 8460 §4). Copied field by field: nothing of the sender's objects is in it. */
export interface TlsReport {
  /** As sent; the contact's or submitter's domain when the sender left it out; null when nothing is known. */
  readonly organizationName: string | null
  /** First and last instant as sent; see reportDays. Null when neither the report nor its mail says. */
  readonly startAt: UnixMs | null
  readonly endAt: UnixMs | null
  /** A mail address, or what stood in its place; null: none given. */
  readonly contactInfo: string | null
  readonly reportId: string | null
  readonly policies: readonly PolicyResult[]
}

export interface PolicyResult {
  /** tlsa, sts, no-policy-found, or what the sender wrote; null: not given. */
  readonly policyType: string | null
  /** The policy's lines, or TLSA records, without line ends; empty when not given. */
  readonly policyString: readonly string[]
  /** For tlsa the TLSA base domain, an MX host (RFC 8460 §1.1). Null when it cannot be known. */
  readonly policyDomain: DomainName | null
  /** Empty when not given, as by Microsoft. */
  readonly mxHostPatterns: readonly string[]
  /** Whole numbers from 0 to 2^53; 2^53 itself means "that many or more". */
  readonly successfulSessions: number
  readonly failedSessions: number
  /** Their counts may add up to more than failedSessions: types are not exclusive (RFC 8460 §4). */
  readonly failureDetails: readonly FailureDetail[]
}

export interface FailureDetail {
  /** A registered type, or what the sender wrote; null: not given. */
  readonly resultType: string | null
  /** Canonical when it is an address, else as sent; null: not given. The same for receivingIp. */
  readonly sendingMtaIp: string | null
  readonly receivingMxHostname: string | null
  /** As sent, possibly the whole EHLO answer with its line ends. */
  readonly receivingMxHelo: string | null
  readonly receivingIp: string | null
  readonly failedSessions: number
  /** Meant to be a URI; untrusted, never make a link of it unless it is https. */
  readonly additionalInformation: string | null
  readonly failureReasonCode: string | null
}

export interface TlsReportReading {
  readonly outcome: ReadingOutcome
  readonly reports: readonly TlsReport[]
  readonly deviations: readonly Deviation[]
}

/**
 * Reads the JSON of a report, text or bytes, as real senders write it; an array of reports too. `hints` is what the mail
 * around it says and fills gaps only (RFC 8460 §5.6). Never throws. An honest 20 MB takes half a second, the worst
 * that the limits let pass some two.
 */
export function readTlsReports(source: string | Uint8Array, hints: ReportHints = NO_HINTS): TlsReportReading {
  const { note, entries } = openDiary()
  const parsed = readReportText(source, note)
  const reports = parsed === null ? [] : readTop(parsed.value, hints, note)
  return { outcome: readingOutcome(reports.length, entries()), reports, deviations: entries() }
}

/** Sessions, simply added over all policies; a policy may count the sessions of another again (RFC 8460 §4). */
export function sumSessions(reports: readonly TlsReport[]): {
  readonly success: number
  readonly failure: number
} {
  const policies = reports.flatMap((report) => report.policies)
  return {
    success: addCounts(policies.map(({ successfulSessions }) => successfulSessions)),
    failure: addCounts(policies.map(({ failedSessions }) => failedSessions)),
  }
}

function readTop(value: unknown, hints: ReportHints, note: Note): TlsReport[] {
  if (!Array.isArray(value)) return readTlsReport({ value, where: '' }, hints, note)
  note('top-level-array', '')
  if (value.length === 0) note('not-a-report', '', value)
  return value.flatMap((element: unknown, index) =>
    readTlsReport({ value: element, where: `[${index}]` }, hints, note),
  )
}

/** The report, or nothing when the value is none. */
function readTlsReport(top: Field, hints: ReportHints, note: Note): TlsReport[] {
  const entries = member(top, 'policies')
  if (!Array.isArray(entries.value) && !isJsonObject(entries.value)) {
    note('not-a-report', top.where, top.value)
    return []
  }
  const contactInfo = readContact(member(top, 'contact-info'), note)
  const contactDomain = parseDomainName(contactInfo?.split('@')[1] ?? '')
  if (hints.submitter !== null && contactDomain !== null && hints.submitter !== contactDomain) {
    note('submitter-mismatch', '', hints.submitter)
  }
  const reportId = readReportId(member(top, 'report-id'), hints, note)
  const policies = readPolicies(entries, hints.policyDomain ?? domainOfReportId(reportId), note)
  if (policies === null) return []
  const organization = contactDomain ?? hints.submitter ?? hints.senderDomain
  return [
    {
      organizationName: readOrganization(member(top, 'organization-name'), organization, note),
      ...readRange(member(top, 'date-range'), hints, note),
      contactInfo,
      reportId,
      policies,
    },
  ]
}

function readOrganization(field: Field, fallback: string | null, note: Note): string | null {
  const name = readText(field, TEXT_LIMITS.organizationName, note)
  if (name !== null && name.trim() !== '') return name
  note('organization-missing', field.where)
  return fallback
}

/** RFC 8460 §4.4: an addr-spec; a mailto URI and "Name <address>" are taken apart. */
function readContact(field: Field, note: Note): string | null {
  const text = readText(field, TEXT_LIMITS.contactInfo, note)
  if (text === null) {
    note('contact-missing', field.where)
    return null
  }
  if (/^[^\s@<>:/]+@[^\s@<>:/]+$/.test(text)) return text
  note('contact-format', field.where, text)
  return /^(?:mailto:|[^<>]*<)([^\s@<>:/]+@[^\s@<>:/]+)>?$/i.exec(text)?.[1] ?? text
}

function readReportId(field: Field, hints: ReportHints, note: Note): string | null {
  const id = readText(field, TEXT_LIMITS.reportId, note)
  if (id === null) note('report-id-missing', field.where)
  return id ?? hints.reportId
}

/** Google, Microsoft and Postfix end their report-id with the domain: `…_example.com`, `…+example.com`. */
function domainOfReportId(reportId: string | null): DomainName | null {
  const tail = /[_+]([^_+]+\.[^_+.]+)$/.exec(reportId ?? '')?.[1]
  return tail === undefined ? null : parseDomainName(tail)
}

function readRange(
  range: Field,
  hints: ReportHints,
  note: Note,
): { readonly startAt: UnixMs | null; readonly endAt: UnixMs | null } {
  const startAt = readInstant(member(range, 'start-datetime'), 'start', note) ?? hints.startAt
  const endAt = readInstant(member(range, 'end-datetime'), 'end', note) ?? hints.endAt
  if (startAt === null || endAt === null || startAt <= endAt) return { startAt, endAt }
  note('date-reversed', range.where)
  return { startAt: endAt, endAt: startAt }
}

function readInstant(field: Field, role: 'start' | 'end', note: Note): UnixMs | null {
  const text =
    typeof field.value === 'number' ? String(field.value) : readText(field, TEXT_LIMITS.dateTime, note)
  if (text === null) {
    note('date-missing', field.where)
    return null
  }
  const { at, deviation } = readReportDate(text, role)
  if (deviation !== null) note(deviation, field.where, text)
  return at
}
