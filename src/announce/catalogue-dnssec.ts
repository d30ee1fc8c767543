import type { FindingCode } from '../model/finding.ts'
import { ABSENT, BLIND, type Pages, TWICE } from './catalogue-entry.ts'

export type DnssecCode = Extract<FindingCode, `dnssec.${string}`> | 'monitor.dnssec.blind'

/** Pages about DNSSEC. */
export const DNSSEC_PAGES: Pages<DnssecCode> = {
  'dnssec.zone.bogus': {
    summary: 'Names of the domain, or of its mail hosts, fail DNSSEC validation.',
    severity: 'critical when no mail host is left to senders that validate, otherwise warning',
    why: 'To every sender behind a validating resolver these names do not exist: it keeps the mail in its queue.',
    remedy: 'Sign the zone anew, or correct the DS record at the parent zone; `delv` shows what is wrong.',
    rfc: 'RFC 4035 §4.3',
    confirmation: ABSENT,
  },
  'dnssec.signature.expiring': {
    summary: 'Signatures of the domain, or of its mail hosts, end soon and have not been renewed.',
    severity: 'critical in the last hour, warning in the last day, otherwise info',
    why: 'When a signature has ended, senders that validate cannot resolve the names any more.',
    remedy:
      'See why the signer does not sign. Told when less than three days and less than a tenth of the life are left; Knot waits that long by default (rrsig-refresh).',
    rfc: 'RFC 4035 §5.3.1',
    confirmation: TWICE,
  },
  'monitor.dnssec.blind': {
    summary: 'The resolvers of this monitor do not validate DNSSEC, and a watched domain uses DANE.',
    severity: 'warning',
    why: 'DANE cannot be judged; nothing is said about it meanwhile, good or bad.',
    remedy: 'Ask a validating resolver on this machine, or mark one as trusted.',
    rfc: 'RFC 7672 §2.1.1',
    confirmation: BLIND,
  },
}
