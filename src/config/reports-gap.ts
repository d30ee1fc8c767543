import type { Env } from './env.ts'
import type { WatchConfig } from './watch-config.ts'

/** What our own TLS reports need and do not have, a sentence each; empty: nothing is missing, or none are sent. */
export function reportsGaps(
  { domains, reports }: Pick<WatchConfig, 'domains' | 'reports'>,
  { mailFrom, smtpUrl, dkim }: Pick<Env, 'mailFrom' | 'smtpUrl' | 'dkim'>,
): readonly string[] {
  if (!domains.some(({ submitReports }) => submitReports)) return []
  return [
    ...(mailFrom === null
      ? ['TLS reports (`reports: submit`) need MAIL_FROM: it is their sender and contact']
      : []),
    ...(smtpUrl === null && reports.delivery === 'smtp'
      ? ['TLS reports (`reports: submit`) need SMTP_URL, or `delivery: direct`']
      : []),
    ...(dkim?.report
      ? []
      : [
          'TLS reports (`reports: submit`) need a DKIM key: set DKIM_DOMAIN, DKIM_REPORT_SELECTOR and DKIM_REPORT_KEY_FILE; `stswatch dkim keygen` makes one',
        ]),
  ]
}
