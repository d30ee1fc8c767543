import type { FaceEvidence } from '../model/evidence/face-evidence.ts'
import { type Pages, THRICE } from './catalogue-entry.ts'

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
      'An MX host has an RSA and an ECDSA certificate, and the one that is not preferred is expired, expiring, for other names or not trusted.',
    severity:
      'warning in mode enforce (info while it only comes to its end, but for the last three days), otherwise info',
    why: 'Senders that take only this key type do not deliver in mode enforce; all others notice nothing, nor do most tests. Needs both_key_types.',
    remedy: 'Renew both certificates by the same job, or remove the one that nobody looks after.',
    rfc: 'RFC 8461 §4.2',
    confirmation: { looks: 2, minutes: 60 },
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
