/** What the mail around a report says about it: only to fill gaps, the report itself is authoritative (RFC 8460 §5.6). */
import { DAY_MS, SECOND_MS, type UnixMs } from '../../lib/time.ts'
import { type DomainName, parseDomainName } from '../domain-name.ts'

export interface ReportHints {
  /** TLS-Report-Submitter. */
  readonly submitter: DomainName | null
  /** Of the From address. */
  readonly senderDomain: DomainName | null
  readonly policyDomain: DomainName | null
  readonly reportId: string | null
  readonly startAt: UnixMs | null
  readonly endAt: UnixMs | null
}

/** For a report that came without a mail. */
export const NO_HINTS: ReportHints = {
  submitter: null,
  senderDomain: null,
  policyDomain: null,
  reportId: null,
  startAt: null,
  endAt: null,
}

/** The headers that matter, unfolded and decoded; null: not there. */
export interface ReportMailHeaders {
  readonly tlsReportDomain: string | null
  readonly tlsReportSubmitter: string | null
  readonly subject: string | null
  readonly fromAddress: string | null
  /** The Date header. */
  readonly sentAt: UnixMs | null
}

/**
 * Everything that headers and the name of the report's part tell. The domain comes from the first of Subject, file name
 * and TLS-Report-Domain that has one, because senders sign the first two and not always the third; the range from the file name, else it is the UTC day before the mail.
 */
export function reportHints(headers: ReportMailHeaders, fileName: string | null): ReportHints {
  const subject = readReportSubject(headers.subject ?? '')
  const name = readReportFileName(fileName ?? '')
  const today = headers.sentAt === null ? null : headers.sentAt - (headers.sentAt % DAY_MS)
  return {
    submitter: parseDomainName(headers.tlsReportSubmitter?.trim() ?? ''),
    senderDomain: parseDomainName(headers.fromAddress?.split('@').at(-1) ?? ''),
    policyDomain:
      subject?.policyDomain ?? name?.policyDomain ?? parseDomainName(headers.tlsReportDomain?.trim() ?? ''),
    reportId: subject?.reportId ?? null,
    startAt: name?.startAt ?? (today === null ? null : today - DAY_MS),
    endAt: name?.endAt ?? (today === null ? null : today - SECOND_MS),
  }
}

interface SubjectParts {
  readonly policyDomain: DomainName | null
  readonly submitter: DomainName | null
  readonly reportId: string | null
}

/**
 * `Report Domain: D Submitter: S Report-ID: <id>` (RFC 8460 §5.3); Microsoft leaves out the angle brackets, Stalwart the
 * "@". Null when it is another subject.
 */
export function readReportSubject(subject: string): SubjectParts | null {
  const words = subject
    .slice(0, 2_000)
    .split(/\s+/)
    .filter((word) => word !== '')
  const after = (keyword: string) => {
    const at = words.findIndex((word) => word.toLowerCase() === keyword)
    return at === -1 ? '' : (words[at + 1] ?? '')
  }
  const domainText = words[0]?.toLowerCase() === 'report' ? after('domain:') : ''
  const submitterText = after('submitter:')
  if (domainText === '' && submitterText === '') return null
  const id = after('report-id:').replace(/^<|>$/g, '')
  return {
    policyDomain: parseDomainName(domainText),
    submitter: parseDomainName(submitterText),
    reportId: id === '' ? null : id.slice(0, 512),
  }
}

interface FileNameParts {
  readonly submitter: DomainName | null
  readonly policyDomain: DomainName | null
  readonly startAt: UnixMs
  readonly endAt: UnixMs
}

/**
 * `submitter!domain!begin!end[!unique].json[.gz]` (RFC 8460 §5.1), begin and end in Unix seconds. White space from
 * folding is removed. Null when it is another name.
 */
export function readReportFileName(name: string): FileNameParts | null {
  const [submitter = '', policyDomain = '', begin = '', end = ''] = name
    .slice(0, 1_000)
    .replace(/\s+/g, '')
    .split('!')
  const endDigits = /^\d+/.exec(end)?.[0] ?? ''
  if (!/^\d{9,11}$/.test(begin) || !/^\d{9,11}$/.test(endDigits)) return null
  return {
    submitter: parseDomainName(submitter),
    policyDomain: parseDomainName(policyDomain),
    startAt: Number(begin) * SECOND_MS,
    endAt: Number(endDigits) * SECOND_MS,
  }
}
