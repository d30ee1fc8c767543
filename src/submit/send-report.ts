import { gzipSync } from 'node:zlib'
import { sha256 } from '../lib/sha256.ts'
import { composeReportMail } from '../mail/compose-report.ts'
import type { MailOutcome, MailTransport } from '../mail/transport.ts'
import type { Submission } from '../model/submission.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { type MailAddress, parseMailAddress } from '../protocol/mail-address.ts'
import { readTlsReports } from '../protocol/tlsrpt/report.ts'
import type { ReportName } from '../protocol/tlsrpt/report-name.ts'
import { parseReportUri } from '../protocol/tlsrpt/report-uri.ts'
import type { ReportAuthor } from './daily-report.ts'
import { type HttpsDoor, postReport } from './post-report.ts'
import { messageIdOf } from './report-identity.ts'
import { reportWords } from './report-words.ts'
import type { SubmissionAttempt } from './settle-submission.ts'

/** Who sends, and by which ways. */
export interface Sender {
  readonly author: ReportAuthor
  readonly submitter: DomainName
  readonly transport: MailTransport
  readonly door: HttpsDoor
  /** The mail signed so that its receivers count it (R74); or why it is not to be sent as it is. */
  sign(
    raw: string,
    signal: AbortSignal,
  ): Promise<
    | { readonly outcome: 'signed'; readonly raw: string }
    | { readonly outcome: 'held' | 'unknown'; readonly why: string }
  >
}

/**
 * held: it was not sent, because receivers would not count it; `note` is told as our own trouble. `isSigned`: it has a
 * signature that they count; what goes by POST has none, and tells nothing of the key.
 */
export type SentReport =
  | (SubmissionAttempt & { readonly isSigned: boolean })
  | { readonly outcome: 'held'; readonly note: string }

/** One attempt to hand a report over, by mail or by POST. Never rejects for what the far side does. */
export async function sendReport(
  submission: Submission,
  sender: Sender,
  signal: AbortSignal,
): Promise<SentReport> {
  const uri = parseReportUri(submission.rua, 1).value
  const gzip = gzipSync(submission.report)
  if (uri?.scheme === 'https') {
    const posted = await postReport(uri.url, gzip, sender.door, signal)
    const note = posted.outcome === 'accepted' ? posted.note : posted.error
    return { outcome: posted.outcome, note, isSigned: false }
  }
  const to = uri?.scheme === 'mailto' ? parseMailAddress(uri.address) : null
  if (to === null) {
    return { outcome: 'rejected', note: 'this is no address that mail can be sent to', isSigned: false }
  }
  const signed = await sender.sign(reportMail(submission, to, gzip, sender), signal)
  if (signed.outcome !== 'signed') {
    const note = signed.why
    return signed.outcome === 'held' ? { outcome: 'held', note } : { outcome: 'retry', note, isSigned: false }
  }
  const mail = { from: sender.author.contact, to: [to], raw: signed.raw }
  return { ...attemptOf(await sender.transport.send(mail, signal)), isSigned: true }
}

/** The mail of a report as it goes out, before it is signed; the same at every attempt (R78). */
export function reportMail(
  submission: Submission,
  to: MailAddress,
  gzip: Uint8Array,
  { author, submitter }: Pick<Sender, 'author' | 'submitter'>,
): string {
  const { domain, dayAt, reportId, rua, createdAt } = submission
  const [report] = readTlsReports(submission.report).reports
  if (report?.startAt == null || report.endAt === null) throw new Error(`${submission.id} holds no report`)
  const name: ReportName = {
    submitter,
    policyDomain: domain,
    startAt: report.startAt,
    endAt: report.endAt,
    reportId,
  }
  return composeReportMail({
    from: author.contact,
    to,
    name,
    createdAt,
    messageId: messageIdOf(reportId, rua, submitter),
    boundaryKey: sha256(`boundary|${reportId}|${rua}`),
    text: reportWords(report, { domain, dayAt }, author),
    gzip,
  })
}

/** What may have arrived is sent again: the receiver knows it by its id (RFC 8460 §5.3, R78). */
function attemptOf(outcome: MailOutcome): SubmissionAttempt {
  switch (outcome.outcome) {
    case 'accepted':
      return outcome.refused.length === 0
        ? { outcome: 'accepted', note: outcome.note }
        : { outcome: 'rejected', note: outcome.refused.join('; ') }
    case 'rejected':
      // A login that our own server refuses says nothing of the address.
      return { outcome: isLogin(outcome.code) ? 'retry' : 'rejected', note: outcome.error }
    default:
      return { outcome: 'retry', note: outcome.error }
  }
}

function isLogin(code: string): boolean {
  return code.endsWith('_auth')
}
