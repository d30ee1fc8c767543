import type { Env } from './env.ts'
import type { WatchConfig } from './watch-config.ts'

/** What our own TLS reports need and do not have, a sentence each; empty: nothing is missing, or none are sent. */
export function reportsGaps(
  { domains, reports, mailbox }: Pick<WatchConfig, 'domains' | 'reports' | 'mailbox'>,
  { mailFrom, smtpUrl, dkim }: Pick<Env, 'mailFrom' | 'smtpUrl' | 'dkim'>,
): readonly string[] {
  const keys = [
    ...(domains.some(({ submitReports }) => submitReports) ? ['submit'] : []),
    ...(reports.canary === null ? [] : ['canary']),
  ]
  if (keys.length === 0) return []
  const what = `TLS reports (\`reports: ${keys.join(', ')}\`) need`
  return [
    ...(mailFrom === null ? [`${what} MAIL_FROM: it is their sender and contact`] : []),
    ...(smtpUrl === null && reports.delivery === 'smtp' ? [`${what} SMTP_URL, or \`delivery: direct\``] : []),
    ...(dkim?.report
      ? []
      : [
          `${what} a DKIM key: set DKIM_DOMAIN, DKIM_REPORT_SELECTOR and DKIM_REPORT_KEY_FILE; \`stswatch dkim keygen\` makes one`,
        ]),
    ...(reports.canary !== null && mailbox === null
      ? ['`reports: canary` needs `mailbox:`: that is where the canary is waited for']
      : []),
  ]
}
