import type { FindingCode } from '../model/finding.ts'
import { AT_ONCE, type Pages, TWICE } from './catalogue-entry.ts'

/** Pages about the change of an MX host's key under DANE. */
export const ROLLOVER_PAGES: Pages<Extract<FindingCode, `dane.rollover.${string}`>> = {
  'dane.rollover.too-early': {
    summary: 'An MX host presents its next key before everybody can know the TLSA record of it.',
    severity:
      'critical while senders may refuse, warning for one more TTL; one step lower when only some addresses present it',
    why: 'Senders that verify by DANE and hold the TLSA records of before refuse the host until these run out (RFC 7671 §8.1).',
    remedy: 'Go back to the old key until the record is everywhere and older than two TTLs.',
    rfc: 'RFC 7671 §8.1',
    confirmation: TWICE,
  },
  'dane.rollover.old-record-gone-early': {
    summary: 'The TLSA record of a key has gone while an address of the MX host still presents that key.',
    severity: 'critical, warning when only some addresses present it',
    why: 'Senders that verify by DANE refuse the host at these addresses.',
    remedy:
      'Publish the record again, and remove it only when every address presents the new key and two TTLs have passed.',
    rfc: 'RFC 7671 §8.1',
    confirmation: TWICE,
  },
  'dane.rollover.stalled': {
    summary:
      'The change of an MX host’s key that `hosts` announces has stood still for 14 days, or its certificate ends before it is installed.',
    severity: 'info',
    why: 'A step was forgotten: the next one is safe, and nobody has taken it.',
    remedy: 'Take it, or take the host out of `hosts` in watch.yaml.',
    rfc: 'RFC 7671 §8.1',
    confirmation: AT_ONCE,
  },
}
