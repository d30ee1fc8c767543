import type { MailDraft } from '../../../src/mail/compose.ts'
import type { MailAddress } from '../../../src/protocol/mail-address.ts'

/** The smallest alert. */
export const DRAFT: MailDraft = {
  from: 'alerts@example.net' as MailAddress,
  to: ['postmaster@example.com' as MailAddress],
  subject: '[critical] example.com: MX mx2.example.net is not covered',
  createdAt: Date.UTC(2026, 10, 3, 4, 5, 6),
  messageId: '<0123@example.net>',
  threadRoot: null,
  boundaryKey: 'ab'.repeat(32),
  listName: 'stswatch alerts',
  text: 'plain\n',
  html: '<p>rich</p>\n',
  images: [],
  attachments: [],
}
