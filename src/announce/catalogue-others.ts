import type { FindingCode } from '../model/finding.ts'
import type { DnssecCode } from './catalogue-dnssec.ts'
import { ABSENT, AT_ONCE, BLIND, type Pages, TWICE } from './catalogue-entry.ts'
import type { ReportCode } from './catalogue-reports.ts'

type OtherCode =
  | Exclude<
      Extract<FindingCode, `tlsrpt.${string}` | `monitor.${string}`>,
      ReportCode | DnssecCode | `monitor.canary.${string}`
    >
  | 'domain.undecided'

const UNHEARD = 'Senders cannot tell the operator when TLS fails. Mail is not affected.'
const UNSEEN =
  'Nothing can be said about the domains meanwhile, so nothing is: this one message stands for all.'

/** Pages about TLSRPT, about domains that do not answer, and about the monitor itself. */
export const OTHER_PAGES: Pages<OtherCode> = {
  'tlsrpt.record.missing': {
    summary: 'There is no TLSRPT record at _smtp._tls.<domain>.',
    severity: 'warning when the domain has MTA-STS, otherwise info',
    why: UNHEARD,
    remedy: 'Publish a record with a mailbox that is read.',
    rfc: 'RFC 8460 §3',
    confirmation: ABSENT,
  },
  'tlsrpt.record.invalid': {
    summary: 'The TLSRPT record breaks the grammar.',
    severity: 'warning',
    why: UNHEARD,
    remedy: 'Correct it; addresses need mailto: in front, DMARC size suffixes are not known here.',
    rfc: 'RFC 8460 §3',
    confirmation: TWICE,
  },
  'tlsrpt.record.multiple': {
    summary: 'More than one record begins with v=TLSRPTv1;.',
    severity: 'warning',
    why: 'Senders must then act as if there were none.',
    remedy: 'Delete all but one; it may name several addresses, separated by commas.',
    rfc: 'RFC 8460 §3',
    confirmation: TWICE,
  },
  'tlsrpt.record.questionable': {
    summary: 'The TLSRPT record is valid, yet some senders cannot use it.',
    severity: 'warning',
    why: 'Reports of some senders do not arrive.',
    remedy: 'Correct what the alert names.',
    rfc: 'RFC 8460 §3',
    confirmation: TWICE,
  },
  'tlsrpt.rua.undeliverable': {
    summary: 'A mailto address of the record lies in a domain that takes no mail.',
    severity: 'warning',
    why: 'Every report to it is lost.',
    remedy: 'Name an address in a domain that takes mail.',
    rfc: 'RFC 8460 §3',
    confirmation: ABSENT,
  },
  'tlsrpt.rua.too-many': {
    summary: 'The record names more than two destinations.',
    severity: 'info',
    why: 'Some senders use only the first one or two.',
    remedy: 'Name one or two and distribute from there.',
    rfc: 'RFC 8460 §3',
    confirmation: TWICE,
  },
  'domain.undecided': {
    summary: 'The name servers of the domain do not answer.',
    severity: 'warning',
    why: 'Senders cannot resolve the domain either. It is only told while other domains answer.',
    remedy: 'Repair the name servers.',
    rfc: 'RFC 5321 §5.1',
    confirmation: { looks: 4, minutes: 60 },
  },
  'monitor.dns.blind': {
    summary: 'This monitor cannot resolve well-known names.',
    severity: 'critical',
    why: UNSEEN,
    remedy: 'See that the resolvers can be reached from this machine.',
    rfc: 'RFC 7672 §2.1.1',
    confirmation: BLIND,
  },
  'monitor.https.blind': {
    summary: 'This monitor cannot reach well-known HTTPS hosts.',
    severity: 'critical',
    why: UNSEEN,
    remedy: 'Open port 443 outwards.',
    rfc: 'RFC 8461 §3.3',
    confirmation: BLIND,
  },
  'monitor.smtp.blind': {
    summary: 'This monitor cannot reach well-known mail hosts on port 25.',
    severity: 'critical',
    why: UNSEEN,
    remedy: 'Have port 25 opened outwards, or run the monitor elsewhere.',
    rfc: 'RFC 5321 §4.5.4',
    confirmation: BLIND,
  },
  'monitor.mass-failure': {
    summary: 'Many domains begin to fail at once.',
    severity: 'critical',
    why: 'It has one cause, at a shared provider or near this monitor; single messages are held back.',
    remedy: 'Look for what the domains have in common.',
    rfc: null,
    confirmation: { looks: 2, minutes: 6 },
  },
  'monitor.clock.skewed': {
    summary: 'The clock of this machine is wrong.',
    severity: 'warning, critical above an hour',
    why: 'Dates of certificates are judged wrongly.',
    remedy: 'Switch time synchronisation on.',
    rfc: null,
    confirmation: { looks: 2, minutes: 5 },
  },
  'monitor.config.broken': {
    summary: 'The configuration (watch.yaml) was changed and cannot be used; the earlier one stays.',
    severity: 'warning',
    why: 'Changes have no effect.',
    remedy: 'Correct the lines that the alert names.',
    rfc: null,
    confirmation: AT_ONCE,
  },
  'monitor.channel.failing': {
    summary: 'Messages to a channel cannot be delivered.',
    severity: 'critical',
    why: 'Alerts may not be seen.',
    remedy: 'See that the channel exists and that its token or password is right.',
    rfc: null,
    confirmation: AT_ONCE,
  },
  'monitor.dkim.failing': {
    summary:
      'The last mail could not be signed with DKIM, or its signature did not verify; it went out unsigned.',
    severity: 'warning',
    why: 'Receivers may take alerts for spam or forgeries.',
    remedy: 'See what `stswatch dkim check` says of the keys. The next mail that is signed ends it.',
    rfc: null,
    confirmation: AT_ONCE,
  },
  'monitor.reports.held': {
    summary:
      'A TLS report of ours is not sent, because its DKIM signature does not verify with the key that is published, or that key does not serve TLS reports.',
    severity: 'warning',
    why: 'Receivers must ignore a report without a valid signature.',
    remedy: 'Publish what `stswatch dkim check` prints. The next report that is signed ends it.',
    rfc: 'RFC 8460 §3',
    confirmation: AT_ONCE,
  },
  'monitor.check.failing': {
    summary: 'A domain cannot be looked at, because stswatch itself has a fault.',
    severity: 'critical',
    why: 'The domain is not watched.',
    remedy: 'Report the fault with the log line that the alert names.',
    rfc: null,
    confirmation: AT_ONCE,
  },
}
