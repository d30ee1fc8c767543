import type { UnixMs } from '../lib/time.ts'
import type { MailAddress } from '../protocol/mail-address.ts'
import { listHeader, textHeader } from './header.ts'
import { quotedPrintable } from './quoted-printable.ts'

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
  /** Unique to this message: names the boundary, so that composing twice gives the same bytes. */
  readonly boundaryKey: string
  readonly text: string
  readonly html: string
}

/**
 * The whole message as it goes over the wire: 7-bit ASCII, CRLF, multipart/alternative, quoted-printable. The same
 * draft gives the same bytes, so that every copy is one message to whoever compares them (R65).
 */
export function composeMail(draft: MailDraft): string {
  // `=_` cannot occur in quoted-printable (RFC 2045 §6.7), so no body can contain the boundary.
  const boundary = `=_${draft.boundaryKey.slice(0, 32)}`
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
    // RFC 3834 §5: no vacation program answers this.
    'Auto-Submitted: auto-generated',
    'X-Auto-Response-Suppress: All',
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
  ]
  return [
    ...head,
    '',
    `--${boundary}`,
    ...part('text/plain', draft.text),
    `--${boundary}`,
    ...part('text/html', draft.html),
    `--${boundary}--`,
    '',
  ].join('\r\n')
}

function part(mediaType: 'text/plain' | 'text/html', content: string): readonly string[] {
  return [
    `Content-Type: ${mediaType}; charset=utf-8`,
    'Content-Transfer-Encoding: quoted-printable',
    '',
    quotedPrintable(content),
  ]
}

/** RFC 5322 §3.3 date-time in UTC. */
function mailDate(at: UnixMs): string {
  return new Date(at).toUTCString().replace('GMT', '+0000')
}
