import { sha256 } from '../lib/sha256.ts'
import { DAY_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import { CANARY_DOMAIN } from '../model/canary.ts'
import type { Submission, SubmissionId } from '../model/submission.ts'
import { addressDomain } from '../protocol/mail-address.ts'
import type { TlsReport } from '../protocol/tlsrpt/report.ts'
import { formatTlsReport } from '../protocol/tlsrpt/report-format.ts'
import type { ReportAuthor } from './daily-report.ts'

/** Who sends it, and the secret by which it is known again. */
export interface CanarySender {
  readonly author: ReportAuthor
  /** HMAC-SHA-256 in lower-case hex, with a key that only this installation has. */
  mac(text: string): string
}

/**
 * The canary of one slot to one URI: a TLS report about a domain that nobody has, with no session in it. The same slot and
 * URI give the same ids, so that nothing is sent twice after a crash; the id cannot be guessed by others.
 */
export function canarySubmission(
  { rua, slotAt }: { readonly rua: string; readonly slotAt: UnixMs },
  { author, mac }: CanarySender,
  now: UnixMs,
): Submission {
  const minute = new Date(slotAt).toISOString().slice(0, 16).replace(':', '')
  const token = mac(`canary|${slotAt}|${rua}`).slice(0, 32)
  const reportId = `canary.${minute}.${token}@${addressDomain(author.contact)}`
  return {
    id: `sub_${sha256(`canary|${slotAt}|${rua}`).slice(0, 12)}` as SubmissionId,
    domain: CANARY_DOMAIN,
    dayAt: slotAt,
    rua,
    reportId,
    report: formatTlsReport(emptyReport(reportId, slotAt, author)),
    createdAt: now,
    notBefore: now,
  }
}

/** About the day before, as every report of that moment. */
function emptyReport(reportId: string, slotAt: UnixMs, author: ReportAuthor): TlsReport {
  const startAt = slotAt - (slotAt % DAY_MS) - DAY_MS
  return {
    organizationName: author.organizationName,
    startAt,
    endAt: startAt + DAY_MS - SECOND_MS,
    contactInfo: author.contact,
    reportId,
    policies: [
      {
        policyType: 'no-policy-found',
        policyString: [],
        policyDomain: CANARY_DOMAIN,
        mxHostPatterns: [],
        successfulSessions: 0,
        failedSessions: 0,
        failureDetails: [],
      },
    ],
  }
}
