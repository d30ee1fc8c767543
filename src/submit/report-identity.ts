import { sha256 } from '../lib/sha256.ts'
import { HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { SubmissionId } from '../model/submission.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import type { ReportDay } from './daily-report.ts'

/** RFC 8460 §4.1: a delay, so that not everybody sends at midnight. */
const MAX_DELAY_MS = 4 * HOUR_MS

/** The id of the report about this day, the same whenever it is asked for, and for every URI it goes to (R76). */
export function reportIdOf({ domain, dayAt }: ReportDay, submitter: DomainName): string {
  return `${dayText(dayAt)}.${sha256(`report|${submitter}|${domain}|${dayAt}`).slice(0, 16)}@${submitter}`
}

/** One a domain, day and URI. */
export function submissionIdOf({ domain, dayAt }: ReportDay, rua: string): SubmissionId {
  return `sub_${sha256(`submission|${domain}|${dayAt}|${rua}`).slice(0, 12)}` as SubmissionId
}

/** When the report is due: up to four hours after the day's end, always the same for the same domain and URI (R76). */
export function dueAt({ domain, dayAt }: ReportDay, rua: string, endAt: UnixMs): UnixMs {
  const share = Number.parseInt(sha256(`delay|${domain}|${dayAt}|${rua}`).slice(0, 8), 16) / 2 ** 32
  return endAt + Math.floor(share * MAX_DELAY_MS)
}

/** `<…@submitter>`, the same at every attempt. */
export function messageIdOf(reportId: string, rua: string, submitter: DomainName): string {
  return `<${sha256(`message|${reportId}|${rua}`).slice(0, 32)}@${submitter}>`
}

function dayText(dayAt: UnixMs): string {
  return new Date(dayAt).toISOString().slice(0, 10)
}
