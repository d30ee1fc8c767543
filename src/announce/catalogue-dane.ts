import type { DaneEvidence } from '../model/evidence/dane-evidence.ts'
import { ABSENT, type Page, type Pages, THRICE, TWICE } from './catalogue-entry.ts'

type DaneCode = keyof DaneEvidence

const CRITICAL = 'critical; one step lower when only some addresses are concerned'
const DEFER = 'Senders that do DANE do not deliver to this host, whatever MTA-STS says.'

function failing(page: Pick<Page, 'summary' | 'remedy' | 'rfc'>): Page {
  return { ...page, severity: CRITICAL, why: DEFER, confirmation: TWICE }
}

/** Pages about TLSA records. */
export const DANE_PAGES: Pages<DaneCode> = {
  'dane.tlsa.mismatch': failing({
    summary: 'An MX host shows a certificate that none of its TLSA records names.',
    remedy:
      'Publish the record of the key that is in use, or put the old key back; next time publish the next record first.',
    rfc: 'RFC 7672 §2.2',
  }),
  'dane.tlsa.anchor-not-sent': failing({
    summary: 'TLSA records name a certification authority whose certificate the host does not send.',
    remedy: 'Send that certificate, also when it is a root; or name one that is sent.',
    rfc: 'RFC 7672 §3.1.2',
  }),
  'dane.tlsa.name-mismatch': failing({
    summary: 'TLSA records name only an authority (usage 2), and the certificate is for another name.',
    remedy: 'Get a certificate for the name of the host, or name its key with usage 3.',
    rfc: 'RFC 7672 §3.2.2',
  }),
  'dane.tlsa.chain-expired': failing({
    summary: 'TLSA records name only an authority (usage 2), and a certificate below it has ended.',
    remedy: 'Renew the certificate, or name the key with usage 3, for which dates do not count.',
    rfc: 'RFC 7672 §3.1.2',
  }),
  'dane.tlsa.unusable': {
    summary: 'TLSA records that senders leave out: usage 0 or 1, or numbers that mean nothing.',
    severity: 'warning when no usable record is left, otherwise info',
    why: 'Without a usable record nobody is authenticated.',
    remedy: 'Publish usage 3 with selector 1 and matching type 1.',
    rfc: 'RFC 7672 §3.1.3',
    confirmation: TWICE,
  },
  'dane.tlsa.malformed': {
    summary: 'TLSA records whose digest is missing or has the wrong length.',
    severity: 'warning when no usable record is left, otherwise info',
    why: 'Senders leave them out.',
    remedy: 'Make the record anew.',
    rfc: 'RFC 6698 §2.1.4',
    confirmation: TWICE,
  },
  'dane.tlsa.empty-digest': {
    summary: 'A TLSA record is the digest of nothing.',
    severity: 'critical, warning when another record holds',
    why: 'It matches no certificate: where it is the only one, senders that do DANE do not deliver.',
    remedy: 'Publish the record that the alert names.',
    rfc: 'RFC 6698 §2.1.4',
    confirmation: TWICE,
  },
  'dane.tlsa.insecure': {
    summary: 'TLSA records stand in a zone that is not signed with DNSSEC.',
    severity: 'warning',
    why: 'They have no effect.',
    remedy: 'Sign the zone, or remove the records.',
    rfc: 'RFC 7672 §2.2',
    confirmation: TWICE,
  },
  'dane.tlsa.partial': {
    summary: 'Some MX hosts have TLSA records, others have none.',
    severity: 'info',
    why: 'Senders can be made to use the others.',
    remedy: 'Publish records for every MX host.',
    rfc: 'RFC 7672 §2.2.1',
    confirmation: TWICE,
  },
  'dane.tlsa.missing': {
    summary: 'An MX host has no TLSA records although watch.yaml says `dane: required`.',
    severity: 'warning',
    why: 'Senders do not use DANE for it.',
    remedy: 'Publish the record that the alert names, in a signed zone.',
    rfc: 'RFC 7672 §2.2',
    confirmation: ABSENT,
  },
  'dane.tlsa.lookup-failing': {
    summary: 'The addresses of an MX host resolve, and the question for its TLSA records fails.',
    severity: 'critical',
    why: 'Senders that do DANE take the host for unreachable.',
    remedy: 'Mend the name server that does not answer for TLSA, or the signatures of the zone.',
    rfc: 'RFC 7672 §2.1',
    confirmation: THRICE,
  },
}
