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
  const id = /^Message-ID: (.*)$/m.exec(head)?.[1] ?? ''
  const subject = /^Subject: ((?:.*\r\n[ \t])*.*)$/m.exec(head)?.[1] ?? ''
  const to = /^From: (.*)$/m.exec(head)?.[1] ?? ''
  const whole = ['message/rfc822', report] as const
  const status = [
    'message/delivery-status',
    lines(
      `Reporting-MTA: dns; mx1.${domain}`,
      '',
      `Final-Recipient: rfc822; tlsrpt@${domain}`,
      'Action: failed',
      'Status: 5.1.1',
    ),
  ] as const
  const disposition = [
    'message/disposition-notification',
    lines(
      `Final-Recipient: rfc822; tlsrpt@${domain}`,
      `Original-Message-ID: ${id}`,
      'Disposition: automatic-action/MDN-sent-automatically; displayed',
    ),
  ] as const
  const answer = (about: string, kind: string, body: string) =>
    Buffer.from(
      lines(
        `From: Mail Delivery <mailer-daemon@${domain}>`,
        `To: ${to}`,
        `Subject: ${about}`,
        'Date: Fri, 27 Nov 2026 08:00:00 +0000',
        `Message-ID: <${kind.length}.${about.length}.${body.length}@${domain}>`,
        `In-Reply-To: ${id}`,
        'MIME-Version: 1.0',
        kind,
        '',
        body,
      ),
      'latin1',
    )
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
    answer('Read: report', reportOf('disposition-notification'), parts([TEXT, disposition, whole])),
    answer(
      'Thank you for your message',
      lines('Auto-Submitted: auto-replied', 'Content-Type: multipart/mixed; boundary="=_b"'),
      parts([TEXT, whole]),
    ),
  ]
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
