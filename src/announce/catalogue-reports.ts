import type { FindingCode } from '../model/finding.ts'
import { AT_ONCE, type Pages } from './catalogue-entry.ts'

export type ReportCode = Extract<
  FindingCode,
  `tlsrpt.reported.${string}` | `tlsrpt.reporter.${string}` | `monitor.mailbox.${string}`
>

/** Pages about what TLS reports say, and about the mailbox that they come through. */
export const REPORT_PAGES: Pages<ReportCode> = {
  'tlsrpt.reported.failures': {
    summary: 'Senders report failed TLS sessions that our own look does not explain.',
    severity:
      'in mode enforce warning from 10 failed sessions and 1 % of a day on, critical from 100 and 10 % on, or from 10 by two senders when the type names a certificate, a TLSA record or the policy; one step lower otherwise; info when our own look saw it and it is over',
    why: 'Mail of these senders may be delayed or refused, on a way that this monitor does not see. Only senders that reported on three days before, or are well known, count; and two of them must agree, or one on two days running, or our own look. Days that ended more than 72 hours ago open nothing.',
    remedy:
      'Do what the alert says for the result type. It ends after two clean days of the same senders, or one and a clean look of our own, or a week of silence.',
    rfc: 'RFC 8460 §4.3',
    confirmation: AT_ONCE,
  },
  'tlsrpt.reported.unknown-address': {
    summary: 'A sender met an MX host at an address that the host never had.',
    severity: 'warning',
    why: 'The sender follows stale DNS, or somebody stands between it and the host. It is told only for hosts whose addresses stayed the same for three days.',
    remedy: 'Find out whose address it is; compare what all name servers of the zone answer.',
    rfc: 'RFC 8460 §4.3',
    confirmation: AT_ONCE,
  },
  'tlsrpt.reported.outdated-policy': {
    summary: 'A sender applied a policy text that it should no longer hold, or that was never served.',
    severity: 'info; warning when the text, in mode enforce, does not cover an MX host of today',
    why: 'Until a sender fetches the current policy it refuses what the old one refuses. While max_age runs that is how caches work, and told only when it hurts.',
    remedy: 'See that the record’s id changed with the text; keep serving lines for MX hosts of both.',
    rfc: 'RFC 8461 §5.1',
    confirmation: AT_ONCE,
  },
  'tlsrpt.reporter.silent': {
    summary: 'A sender that reported every day has not for three days.',
    severity: 'info',
    why: 'It may have no mail for the domain, or its reports no longer arrive.',
    remedy: 'See that the rua address still takes mail. The next report ends it, or a month without any.',
    rfc: 'RFC 8460 §4.2',
    confirmation: AT_ONCE,
  },
  'monitor.mailbox.unreachable': {
    summary: 'The mailbox for TLS reports could not be read for an hour.',
    severity: 'warning',
    why: 'What senders report is not seen. Nothing is lost: the mails wait on the server.',
    remedy: 'See that the server can be reached and that user, password and folder are right.',
    rfc: null,
    confirmation: AT_ONCE,
  },
  'monitor.mailbox.renumbered': {
    summary: 'The server gave the mails of the folder new numbers (UIDVALIDITY); the folder was read again.',
    severity: 'info',
    why: 'The folder was made anew or moved. No report counts twice.',
    remedy: 'Nothing, unless it happens again and again.',
    rfc: 'RFC 3501 §2.3.1.1',
    confirmation: AT_ONCE,
  },
  'monitor.mailbox.unreadable': {
    summary: 'More than ten report mails of the last day could not be read.',
    severity: 'warning',
    why: 'What they report does not count.',
    remedy: 'See what the senders and reasons have in common; a gateway may change the mails on their way.',
    rfc: null,
    confirmation: AT_ONCE,
  },
}
