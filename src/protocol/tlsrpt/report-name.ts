import { SECOND_MS, type UnixMs } from '../../lib/time.ts'
import type { DomainName } from '../domain-name.ts'

/** What a report is called, in the name of its file and in the subject of its mail. */
export interface ReportName {
  /** The domain of the report's contact-info (RFC 8460 §5.1). */
  readonly submitter: DomainName
  readonly policyDomain: DomainName
  /** The first and the last second that the report covers. */
  readonly startAt: UnixMs
  readonly endAt: UnixMs
  /** `left@right`, without angle brackets: letters, digits, dots and hyphens. */
  readonly reportId: string
}

/** `submitter!domain!begin!end!unique.json.gz`, begin and end in Unix seconds (RFC 8460 §5.1). */
export function formatReportFileName(name: ReportName): string {
  const { submitter, policyDomain, startAt, endAt, reportId } = name
  // spec: unique-id is letters and digits alone.
  const unique = (reportId.split('@', 1)[0] ?? '').replace(/[^A-Za-z0-9]/g, '')
  const parts = [submitter, policyDomain, seconds(startAt), seconds(endAt), unique]
  return `${parts.filter((part) => part !== '').join('!')}.json.gz`
}

/** The words of the subject (RFC 8460 §5.3); between any two of them the header may be folded. */
export function formatReportSubject({ submitter, policyDomain, reportId }: ReportName): readonly string[] {
  return ['Report', 'Domain:', policyDomain, 'Submitter:', submitter, 'Report-ID:', `<${reportId}>`]
}

function seconds(at: UnixMs): string {
  return String(Math.floor(at / SECOND_MS))
}
