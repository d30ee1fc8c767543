import type { UnixMs } from '../lib/time.ts'
import { addressDomain, type MailAddress } from '../protocol/mail-address.ts'
import { listHeader, textHeader } from './header.ts'
import {
  attachmentPart,
  type InlineImage,
  imagePart,
  type MailAttachment,
  multipart,
  textPart,
} from './mail-part.ts'

/** What a message is made of; texts may hold anything, the rest is ours. */
export interface MailDraft {
  readonly from: MailAddress
  readonly to: readonly MailAddress[]
  readonly subject: string
  readonly createdAt: UnixMs
  /** With its angle brackets. */
  readonly messageId: string
  /** Message-ID of the thread's first message; null for that one itself. */
  readonly threadRoot: string | null
  /** Unique to this message: names the boundaries, so that composing twice gives the same bytes. */
  readonly boundaryKey: string
  /** What readers sort it by: "stswatch alerts", "stswatch summaries". A constant of ours. */
  readonly listName: string
  readonly text: string
  readonly html: string
  /** Shown in the HTML by their content id. */
  readonly images: readonly InlineImage[]
  readonly attachments: readonly MailAttachment[]
}

/**
 * The whole message as it goes over the wire: 7-bit ASCII, CRLF, text in quoted-printable, files in base64. The same
 * draft gives the same bytes, so that every copy is one message to whoever compares them (R65). multipart/alternative;
 * images lie beside the HTML in a multipart/related, and attachments make the whole a multipart/mixed.
 */
export function composeMail(draft: MailDraft): string {
  const threading =
    draft.threadRoot === null
      ? []
      : [listHeader('In-Reply-To', [draft.threadRoot], ''), listHeader('References', [draft.threadRoot], '')]
  const head = [
    `From: stswatch <${draft.from}>`,
    listHeader('To', draft.to, ','),
    textHeader('Subject', draft.subject),
    `Date: ${mailDate(draft.createdAt)}`,
    `Message-ID: ${draft.messageId}`,
    ...threading,
    // RFC 2919 §2: below a name that is the sender's own.
    listHeader('List-Id', [draft.listName, `<stswatch.${addressDomain(draft.from)}>`], ''),
    // RFC 3834 §5: no vacation program answers this.
    'Auto-Submitted: auto-generated',
    'X-Auto-Response-Suppress: All',
    'MIME-Version: 1.0',
  ]
  return `${head.join('\r\n')}\r\n${bodyOf(draft)}\r\n`
}

function bodyOf({ boundaryKey, text, html, images, attachments }: MailDraft): string {
  // `=_` cannot occur in quoted-printable (RFC 2045 §6.7) or base64, so no part can contain a boundary of ours.
  const boundary = (level: string) => `=_${level}${boundaryKey.slice(0, 32)}`
  // RFC 2387 §3.1: the type of its root is required.
  const rich = multipart('multipart/related; type="text/html"', boundary('related.'), [
    textPart('html', html),
    ...images.map(imagePart),
  ])
  const readable = multipart('multipart/alternative', boundary(''), [textPart('plain', text), rich])
  return multipart('multipart/mixed', boundary('mixed.'), [readable, ...attachments.map(attachmentPart)])
}

/** RFC 5322 §3.3 date-time in UTC. */
export function mailDate(at: UnixMs): string {
  return new Date(at).toUTCString().replace('GMT', '+0000')
}
