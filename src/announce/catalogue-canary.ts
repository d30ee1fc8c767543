import type { FindingCode } from '../model/finding.ts'
import { AT_ONCE, type Pages } from './catalogue-entry.ts'

/** Pages about TLS reports to ourselves. */
export const CANARY_PAGES: Pages<Extract<FindingCode, `monitor.canary.${string}`>> = {
  'monitor.canary.undelivered': {
    summary: 'A TLS report to ourselves (`reports.canary`) was refused, or nobody took it for four hours.',
    severity: 'warning',
    why: 'TLS reports of others do not reach the address either.',
    remedy:
      'Mend the address or endpoint, or name another one in the TLSRPT record. The next canary that arrives ends it.',
    rfc: 'RFC 8460 §3',
    confirmation: AT_ONCE,
  },
  'monitor.canary.missing': {
    summary:
      'A TLS report to ourselves was taken and is not in the mailbox after `canary_missing_after`, though that was read since.',
    severity: 'warning',
    why: 'TLS reports of others to this address are most likely lost as well.',
    remedy:
      'Follow it by its Report-ID from the server that took it; look into the spam folder and the filters. Its late arrival, or the next canary that arrives, ends it.',
    rfc: 'RFC 8460 §3',
    confirmation: AT_ONCE,
  },
  'monitor.canary.unverified': {
    summary: 'A TLS report to ourselves arrived, and its DKIM signature does not count any more.',
    severity: 'warning',
    why: 'What breaks it breaks the signatures of others, whose reports are then put into quarantine.',
    remedy: 'Find what changes mail on the way: a banner, a scanner, a mailing list, a forwarder.',
    rfc: 'RFC 8460 §3',
    confirmation: AT_ONCE,
  },
  'monitor.canary.slow': {
    summary: 'A TLS report to ourselves arrived later than `canary_slow_after`.',
    severity: 'info',
    why: 'What others report is told as much later.',
    remedy: 'See in the Received fields of the mail which server kept it.',
    rfc: null,
    confirmation: AT_ONCE,
  },
}
