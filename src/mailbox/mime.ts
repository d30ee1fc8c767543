import PostalMime, { type Email } from 'postal-mime'
import type { ReportMailHeaders } from '../protocol/tlsrpt/report-mail.ts'
import { INTAKE_LIMITS } from './limits.ts'

/** A mail taken apart. The only file that knows the MIME library. */
export interface ReportMail {
  readonly headers: ReportMailHeaders
  /** With its angle brackets; null: none. */
  readonly messageId: string | null
  /** multipart/report; report-type=tlsrpt, as RFC 8460 §5.3 wants it. */
  readonly isTlsReport: boolean
  /** It returns what somebody sent: a bounce (RFC 3464 §2), a receipt (RFC 8098 §3) or an automatic answer. */
  readonly isReturn: boolean
  /** The text for people; null when there is none. */
  readonly text: string | null
  /** Every other leaf of the tree, forwarded mails included as they are. */
  readonly parts: readonly MailPart[]
}

export interface MailPart {
  /** Lower case, without parameters. */
  readonly mediaType: string
  readonly fileName: string | null
  /** Without transfer encoding, which was decoded leniently. */
  readonly bytes: Uint8Array
}

/** Takes a mail apart. What would make that costly is counted first; never throws for what a sender wrote. */
export async function readMail(bytes: Uint8Array): Promise<ReportMail | { readonly fault: MailFault }> {
  if (isTooComplex(bytes)) return { fault: 'mail-too-complex' }
  let email: Email
  try {
    email = await PostalMime.parse(bytes, {
      attachmentEncoding: 'arraybuffer',
      forceRfc822Attachments: true,
      maxNestingDepth: INTAKE_LIMITS.mimeDepth,
      maxHeadersSize: INTAKE_LIMITS.mimeHeaderBytes,
    })
  } catch (error) {
    const isLimit = error instanceof Error && /nesting depth|header size|exceeded/i.test(error.message)
    return { fault: isLimit ? 'mail-too-complex' : 'mail-unreadable' }
  }
  return {
    headers: readHeaders(email),
    messageId: email.messageId ?? null,
    isTlsReport: isReport(email, 'tlsrpt'),
    isReturn:
      isReport(email, 'delivery-status') ||
      isReport(email, 'disposition-notification') ||
      isAutomaticAnswer(email),
    text: email.text ?? email.html ?? null,
    parts: email.attachments.map(({ mimeType, filename, content }) => ({
      mediaType: mimeType.toLowerCase(),
      fileName: filename,
      bytes: typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content),
    })),
  }
}

export type MailFault = 'mail-too-complex' | 'mail-unreadable'

function isTooComplex(bytes: Uint8Array): boolean {
  let lines = 0
  let delimiters = 0
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) {
    lines += 1
    if (bytes[at + 1] === 0x2d && bytes[at + 2] === 0x2d) delimiters += 1
    if (lines > INTAKE_LIMITS.mimeLines || delimiters > INTAKE_LIMITS.mimeDelimiters) return true
  }
  return false
}

function readHeaders(email: Email): ReportMailHeaders {
  const sentAt = Date.parse(email.date ?? '')
  return {
    tlsReportDomain: header(email, 'tls-report-domain'),
    tlsReportSubmitter: header(email, 'tls-report-submitter'),
    subject: email.subject ?? null,
    fromAddress: email.from?.address ?? null,
    sentAt: Number.isNaN(sentAt) ? null : sentAt,
  }
}

/** The first of that name; later ones may have been added by anybody. */
function header(email: Email, key: string): string | null {
  return email.headers.find((one) => one.key === key)?.value ?? null
}

/** RFC 3834 §5 */
function isAutomaticAnswer(email: Email): boolean {
  return /^\s*auto-replied(?![\w-])/i.test(header(email, 'auto-submitted') ?? '')
}

function isReport(
  email: Email,
  reportType: 'tlsrpt' | 'delivery-status' | 'disposition-notification',
): boolean {
  const contentType = header(email, 'content-type')?.toLowerCase() ?? ''
  const [, type] = /;\s*report-type\s*=\s*"?([a-z-]+)/.exec(contentType) ?? []
  return /^\s*multipart\/report\s*;/.test(contentType) && type === reportType
}
