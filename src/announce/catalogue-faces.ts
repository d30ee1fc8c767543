import type { FaceEvidence } from '../model/evidence/face-evidence.ts'
import { HANDSHAKES, type Pages, THRICE } from './catalogue-entry.ts'

/** Pages about the other faces of MX hosts: other ports, other key types. */
export const FACE_PAGES: Pages<keyof FaceEvidence> = {
  'mx.certificate.not-reloaded': {
    summary: 'Another port of an MX host shows the renewed certificate, port 25 still the old one.',
    severity:
      'warning, critical within three days of the old one’s end in mode enforce; one step lower when only some addresses are concerned',
    why: 'The renewal worked, but the mail server still holds the old file in memory: on the day it ends, senders that verify stop delivering. Needs other_ports; told when the old one is in the last third of its life and the new one a day old.',
    remedy: 'Reload the mail server, and let the renewal do that from now on (a deploy hook).',
    rfc: 'RFC 8461 §4.2',
    confirmation: THRICE,
  },
  'mx.certificate.key-types-differ': {
    summary:
      'An MX host has an RSA and an ECDSA certificate, and the one that is not preferred is expired, expiring, for other names, not trusted, or in no TLSA record.',
    severity:
      'warning in mode enforce and under DANE (info while it only comes to its end, but for the last three days), otherwise info',
    why: 'Senders that take only this key type do not deliver in mode enforce; all others notice nothing, nor do most tests. Needs both_key_types.',
    remedy: 'Renew both certificates by the same job, or remove the one that nobody looks after.',
    rfc: 'RFC 8461 §4.2',
    confirmation: { looks: 2, minutes: 60 },
  },
  'dane.anchor.renewal-breaks': {
    summary:
      'The renewed certificate, which another port of the host shows already, matches no TLSA record of port 25.',
    severity: 'warning, critical within three days of the end of the current certificate',
    why: 'The moment that the mail server shows it, senders that use DANE stop delivering to the host. Needs other_ports.',
    remedy:
      'Publish the TLSA record for it first, wait twice the TTL of the TLSA records, and only then reload the mail server.',
    rfc: 'RFC 7671 §8.1',
    confirmation: HANDSHAKES,
  },
  'dane.anchor.issuer-changing': {
    summary:
      'Another MX host got its certificate from an intermediate that the TLSA records of this host do not pin.',
    severity: 'info',
    why: 'Certification authorities change their intermediates without notice. When this host gets its next certificate from that one, too, senders that use DANE stop delivering to it.',
    remedy:
      'Pin that intermediate as well (2 1 1), or pin the key of the host (3 1 1) and keep it at renewals.',
    rfc: 'RFC 7671 §8.1',
    confirmation: THRICE,
  },
  'mx.face.certificate-expired': {
    summary: 'Another port of an MX host shows a certificate for its name that has ended.',
    severity: 'warning',
    why: 'Mail between servers is not concerned; mail programs that send or read through this port are. Needs other_ports.',
    remedy: 'Renew it, and reload the service of that port.',
    rfc: 'RFC 8314 §5.3',
    confirmation: { looks: 2, minutes: 15 },
  },
}
