import { DAY_MS } from '../lib/time.ts'
import type { ReporterHistory } from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/**
 * Large senders whose word counts from their first report on, by the d= domain that their report mails are signed
 * with (S20). Only those whose signature was seen: few and sure.
 */
const LARGE_SENDERS: ReadonlySet<string> = new Set([
  'google.com',
  'microsoft.com',
  // Signs with its corporate domain; the submitter is mail.ru.
  'corp.mail.ru',
  'mail.ru',
])

export function isLargeSender(signer: DomainName): boolean {
  return LARGE_SENDERS.has(signer)
}

const KNOWN_DAYS = 3
const KNOWN_SPAN_MS = 3 * DAY_MS

/** May this reporter's word wake people up (S20)? A large sender, or one whose reports arrived on three days over three days or more. */
export function isKnownReporter(reporter: DomainName, history: ReporterHistory | undefined): boolean {
  if (isLargeSender(reporter)) return true
  if (history === undefined) return false
  return history.days >= KNOWN_DAYS && history.lastDayAt - history.firstDayAt >= KNOWN_SPAN_MS
}
