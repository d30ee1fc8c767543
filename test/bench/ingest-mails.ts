import { gzipSync } from 'node:zlib'
import { DAY_MS, HOUR_MS, SECOND_MS, type UnixMs } from '../../src/lib/time.ts'
import { rsaKey, signed } from '../unit/mailbox/dkim-signer.ts'
import { HUMAN, mail } from '../unit/mailbox/mail-builder.ts'
import { REPORT_DOMAINS } from './ingest-setting.ts'

export const SENDER_KEY = rsaKey(2048)

/** A human part as long as some senders write it, so that a mail has some 5 kB. */
const PROSE =
  'This is an aggregate TLS report. The attachment tells how connections to your hosts went.\r\n'.repeat(28)

export interface ArrivedMail {
  readonly text: string
  readonly arrivedAt: UnixMs
}

/** Signed report mails of one sender, each about another domain or day, as RFC 8460 §5.3 wants them. */
export function* reportMails(count: number, lastDayAt: UnixMs): Generator<ArrivedMail> {
  for (let index = 0; index < count; index += 1) {
    const domain = REPORT_DOMAINS[index % REPORT_DOMAINS.length] ?? ''
    const dayAt = lastDayAt - Math.floor(index / REPORT_DOMAINS.length) * DAY_MS
    const body = gzipSync(JSON.stringify(report(domain, dayAt, index)))
    const plain = mail({
      subject: `Report Domain: ${domain} Submitter: sender.example Report-ID: <${index}@sender.example>`,
      reportHeaders: [`TLS-Report-Domain: ${domain}`, 'TLS-Report-Submitter: sender.example'],
      parts: [
        { ...HUMAN, body: PROSE },
        {
          type: 'application/tlsrpt+gzip',
          body,
          name: `sender.example!${domain}!${dayAt / 1_000}!${dayAt / 1_000 + 86_399}.json.gz`,
        },
      ],
    })
    const mailed = signed(plain, { domain: 'sender.example', selector: 's', key: SENDER_KEY.privateKey })
    // In the night after: no day brings more than a reader takes of one sender.
    yield { text: mailed.toString('latin1'), arrivedAt: dayAt + DAY_MS + 4 * HOUR_MS }
  }
}

function report(domain: string, dayAt: UnixMs, index: number): object {
  const instant = (at: UnixMs) => new Date(at).toISOString().replace('.000Z', 'Z')
  return {
    'organization-name': 'Sender',
    'date-range': { 'start-datetime': instant(dayAt), 'end-datetime': instant(dayAt + DAY_MS - SECOND_MS) },
    'contact-info': 'tls@sender.example',
    'report-id': `${index}@sender.example`,
    policies: [
      {
        policy: {
          'policy-type': 'sts',
          'policy-string': [
            'version: STSv1',
            'mode: enforce',
            `mx: mx1.${domain}`,
            `mx: mx2.${domain}`,
            'max_age: 604800',
          ],
          'policy-domain': domain,
          'mx-host': [`mx1.${domain}`, `mx2.${domain}`],
        },
        summary: { 'total-successful-session-count': 1_000 + index, 'total-failure-session-count': 3 },
        'failure-details': [
          {
            'result-type': 'certificate-expired',
            'sending-mta-ip': '198.51.100.7',
            'receiving-mx-hostname': `mx2.${domain}`,
            'receiving-ip': '203.0.113.9',
            'failed-session-count': 3,
          },
        ],
      },
    ],
  }
}
