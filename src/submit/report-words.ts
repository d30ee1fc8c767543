import { CANARY_DOMAIN } from '../model/canary.ts'
import { addressDomain } from '../protocol/mail-address.ts'
import type { PolicyResult, TlsReport } from '../protocol/tlsrpt/report.ts'
import type { ReportAuthor, ReportDay } from './daily-report.ts'

const POLICY_WORDS: Readonly<Record<string, string>> = {
  sts: 'MTA-STS policy of',
  tlsa: 'TLSA records of',
  'no-policy-found': 'No policy for',
}

/** The report for the person who opens the mail: what it is, and what it says. Plain ASCII. */
export function reportWords(report: TlsReport, day: ReportDay, author: ReportAuthor): string {
  return day.domain === CANARY_DOMAIN ? canaryWords(report, day, author) : dayWords(report, day, author)
}

function dayWords(report: TlsReport, day: ReportDay, { contact }: ReportAuthor): string {
  const date = new Date(day.dayAt).toISOString().slice(0, 10)
  return [
    `This is a TLS report (RFC 8460) from ${addressDomain(contact)} about ${day.domain}`,
    `for ${date}, from 00:00 to 24:00 UTC. The attached file says the same to a program.`,
    '',
    'The sessions are those of a monitor, stswatch, which connects to the mail hosts as a',
    'sending mail server does and delivers no mail.',
    ...report.policies.flatMap(policyWords),
    '',
    `Contact: ${contact}`,
    `Report-ID: ${report.reportId ?? ''}`,
    '',
  ].join('\n')
}

/** For whoever finds it beside real reports. */
function canaryWords({ reportId }: TlsReport, { dayAt }: ReportDay, { contact }: ReportAuthor): string {
  const sentAt = new Date(dayAt).toISOString().slice(0, 16).replace('T', ' ')
  return [
    `This is a canary: a TLS report (RFC 8460) that says nothing. The monitor stswatch of`,
    `${addressDomain(contact)} sent it on ${sentAt} UTC, to see whether reports to this address`,
    'arrive where it reads them, and how soon. Nothing has to be done with it.',
    '',
    'Where canaries go stands in its watch.yaml, under `reports`.',
    '',
    `Contact: ${contact}`,
    `Report-ID: ${reportId ?? ''}`,
    '',
  ].join('\n')
}

function policyWords(policy: PolicyResult): readonly string[] {
  const what = POLICY_WORDS[policy.policyType ?? ''] ?? 'Policy of'
  return [
    '',
    `${what} ${policy.policyDomain ?? ''}: ${sessionsText(policy.successfulSessions)} secured, ${policy.failedSessions} not`,
    ...policy.failureDetails.map(({ failedSessions, resultType, receivingMxHostname, receivingIp }) => {
      const place = [receivingMxHostname, receivingIp === null ? null : `[${receivingIp}]`]
        .filter((part) => part !== null)
        .join(' ')
      return `  ${failedSessions} x ${resultType}${place === '' ? '' : ` at ${place}`}`
    }),
  ]
}

function sessionsText(count: number): string {
  return count === 1 ? '1 session' : `${count} sessions`
}
