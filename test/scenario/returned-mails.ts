/** What comes back on a report mail: bounces of several makes, automatic answers, a receipt. */

import { signed, type TestKey } from '../unit/mailbox/dkim-signer.ts'

/** The domain that it comes back from, and a key that mail of its is signed with. */
export interface Returner {
  readonly domain: string
  readonly selector: string
  readonly key: TestKey
}

/** Each as it is, and signed as a report of that domain would be. */
export function returnsOf(report: string, returner: Returner): readonly Buffer[] {
  const { domain, selector, key } = returner
  const headers = ['From', 'To', 'Subject', 'Date']
  return plainReturns(report, returner).flatMap((mail) => [
    mail,
    signed(mail, { domain, selector, key: key.privateKey, headers }),
  ])
}

function plainReturns(report: string, { domain }: Returner): readonly Buffer[] {
  const [head = ''] = report.split('\r\n\r\n')
  const answer = (about: string, kind: string, body: string) => answerTo(head, domain, [about, kind, body])
  const subject = fieldOf(head, 'Subject')
  const status = ['message/delivery-status', deliveryStatus(domain)] as const
  const read = ['message/disposition-notification', disposition(domain, fieldOf(head, 'Message-ID'))] as const
  const whole = ['message/rfc822', report] as const
  return [
    answer('Undelivered Mail Returned to Sender', reportOf('delivery-status'), parts([TEXT, status, whole])),
    answer(
      'Delivery Status Notification (Failure)',
      reportOf('delivery-status'),
      parts([TEXT, status, ['text/rfc822-headers', `${head}\r\n`]]),
    ),
    answer(
      'failure notice',
      'Content-Type: text/plain',
      lines('Hi. I was not able to deliver it.', '--- Below this line is a copy of the message.', '', report),
    ),
    answer(
      `Automatic reply: ${subject}`,
      lines('Auto-Submitted: auto-replied', 'Content-Type: text/plain'),
      lines('I am out of the office.', '', ...report.split('\r\n').map((line) => `> ${line}`)),
    ),
    answer(
      `Re: ${subject}`,
      lines('Auto-Submitted: auto-generated', 'Content-Type: text/plain'),
      'Your request [#4711] was received.',
    ),
    answer('Read: report', reportOf('disposition-notification'), parts([TEXT, read, whole])),
    answer(
      'Thank you for your message',
      lines('Auto-Submitted: auto-replied', 'Content-Type: multipart/mixed; boundary="=_b"'),
      parts([TEXT, whole]),
    ),
  ]
}

type Content = readonly [about: string, kind: string, body: string]

/** To the author of the mail with that header. */
function answerTo(head: string, domain: string, [about, kind, body]: Content): Buffer {
  const text = lines(
    `From: Mail Delivery <mailer-daemon@${domain}>`,
    `To: ${fieldOf(head, 'From')}`,
    `Subject: ${about}`,
    'Date: Fri, 27 Nov 2026 08:00:00 +0000',
    `Message-ID: <${kind.length}.${about.length}.${body.length}@${domain}>`,
    `In-Reply-To: ${fieldOf(head, 'Message-ID')}`,
    'MIME-Version: 1.0',
    kind,
    '',
    body,
  )
  return Buffer.from(text, 'latin1')
}

/** As it stands, folds included. */
function fieldOf(head: string, name: string): string {
  return new RegExp(`^${name}: ((?:.*\\r\\n[ \\t])*.*)$`, 'm').exec(head)?.[1] ?? ''
}

function deliveryStatus(domain: string): string {
  return lines(
    `Reporting-MTA: dns; mx1.${domain}`,
    '',
    `Final-Recipient: rfc822; tlsrpt@${domain}`,
    'Action: failed',
    'Status: 5.1.1',
  )
}

function disposition(domain: string, messageId: string): string {
  return lines(
    `Final-Recipient: rfc822; tlsrpt@${domain}`,
    `Original-Message-ID: ${messageId}`,
    'Disposition: automatic-action/MDN-sent-automatically; displayed',
  )
}

const TEXT = ['text/plain', 'This is the mail system.'] as const

function reportOf(type: string): string {
  return `Content-Type: multipart/report; report-type=${type}; boundary="=_b"`
}

function parts(all: readonly (readonly [type: string, body: string])[]): string {
  return lines(...all.map(([type, body]) => lines('--=_b', `Content-Type: ${type}`, '', body)), '--=_b--', '')
}

function lines(...all: readonly string[]): string {
  return all.join('\r\n')
}
