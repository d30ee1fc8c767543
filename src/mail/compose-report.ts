import type { UnixMs } from '../lib/time.ts'
import type { MailAddress } from '../protocol/mail-address.ts'
import { formatReportFileName, formatReportSubject, type ReportName } from '../protocol/tlsrpt/report-name.ts'
import { mailDate } from './compose.ts'
import { listHeader } from './header.ts'
import { base64, entity, multipart, textPart } from './mail-part.ts'

/** A TLS report as a mail to one address. */
export interface ReportMailDraft {
  readonly from: MailAddress
  readonly to: MailAddress
  readonly name: ReportName
  readonly createdAt: UnixMs
  /** With its angle brackets. */
  readonly messageId: string
  /** Names the boundary, so that composing twice gives the same bytes. */
  readonly boundaryKey: string
  /** For the person who opens the mail. */
  readonly text: string
  /** The JSON of the report, gzip-compressed (RFC 8460 §5.2). */
  readonly gzip: Uint8Array
}

/**
 * The whole message as RFC 8460 §5.3 wants it, 7-bit ASCII with CRLF (R73). The same draft gives the same bytes.
 */
export function composeReportMail(draft: ReportMailDraft): string {
  const { name } = draft
  const head = [
    `From: ${draft.from}`,
    `To: ${draft.to}`,
    listHeader('Subject', formatReportSubject(name), ''),
    `Date: ${mailDate(draft.createdAt)}`,
    `Message-ID: ${draft.messageId}`,
    `TLS-Report-Domain: ${name.policyDomain}`,
    `TLS-Report-Submitter: ${name.submitter}`,
    // RFC 8689 §3: the report of broken TLS has to arrive although TLS is broken (RFC 8460 §3).
    'TLS-Required: No',
    // RFC 3834 §5: no vacation program answers this.
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
  ]
  const boundary = `=_report${draft.boundaryKey.slice(0, 32)}`
  const body = multipart('multipart/report; report-type="tlsrpt"', boundary, [
    textPart('plain', draft.text),
    reportPart(formatReportFileName(name), draft.gzip),
  ])
  return `${head.join('\r\n')}\r\n${body}\r\n`
}

/** Domain names make any name safe in quotes; it is on a line of its own because two of them may be long. */
function reportPart(fileName: string, gzip: Uint8Array): string {
  const head = [
    'Content-Type: application/tlsrpt+gzip',
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment;\r\n filename="${fileName}"`,
  ]
  return entity(head, base64(gzip))
}
