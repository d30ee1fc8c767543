import type { FaceEvidence } from '../model/evidence/face-evidence.ts'
import type { FindingCode } from '../model/finding.ts'
import {
  ABSENT,
  BY_MODE,
  BY_MODE_MX,
  HANDSHAKES,
  type Page,
  type Pages,
  THRICE,
  TWICE,
} from './catalogue-entry.ts'

type HostCode = Exclude<Extract<FindingCode, `mx.${string}` | `policy-host.${string}`>, keyof FaceEvidence>

const LOWER = 'one step lower when only some addresses are concerned'

/** What an MX host and the policy host have in common. */
const EXPIRED = {
  summary: 'The certificate, or one of its chain, has ended.',
  remedy: 'Renew it and reload the server; often it was renewed and only the reload is missing.',
}
const EXPIRING = {
  summary: 'The certificate ends soon: a rung of certificate_warning_days is reached.',
  remedy: 'See why the renewal has not run, renew, and reload the server.',
}
const NAME_MISMATCH = {
  summary: 'The certificate does not name the host.',
  remedy:
    'Get one with the host as DNS name in subjectAltName; a wildcard may stand for the whole first label, the common name does not count.',
}
const UNTRUSTED = {
  summary: 'The chain does not lead to a public certification authority.',
  remedy: 'Install a certificate of a public certification authority.',
}
const MISSING_INTERMEDIATE = {
  summary: 'The certificate is sent without the intermediate that signed it.',
  remedy: 'Configure the whole chain, leaf first (often fullchain.pem).',
}
const DIFFERS = {
  summary: 'Different addresses present different certificates.',
  severity: 'info',
  why: 'Fine when each machine has its own; else one of them was forgotten at the last renewal.',
  remedy: 'See that every address serves the current certificate.',
  confirmation: THRICE,
}

function policyHost(page: Pick<Page, 'summary' | 'remedy'>): Page {
  return {
    ...page,
    severity: `${BY_MODE}; ${LOWER}`,
    why: 'Senders refuse to fetch the policy: those with a copy go on until its max_age has passed, all others deliver without verified TLS.',
    rfc: 'RFC 8461 §3.3',
    confirmation: TWICE,
  }
}

function mx(page: Pick<Page, 'summary' | 'remedy'>): Page {
  return {
    ...page,
    severity: `${BY_MODE_MX}; ${LOWER}`,
    why: 'In mode enforce senders do not deliver to a host whose certificate they cannot verify.',
    rfc: 'RFC 8461 §4.2',
    confirmation: HANDSHAKES,
  }
}

const RUNGS =
  'never before the last quarter of the certificate’s own life; told again at each rung of certificate_warning_days'

/** Pages about the policy host and the MX hosts. */
export const HOST_PAGES: Pages<HostCode> = {
  'policy-host.address.private': {
    ...policyHost({
      summary: 'The policy host has an address that is not public.',
      remedy: 'Publish public addresses only.',
    }),
    why: 'Senders that choose this address get no policy.',
  },
  'policy-host.certificate.expired': policyHost(EXPIRED),
  'policy-host.certificate.expiring': {
    ...policyHost(EXPIRING),
    severity: `warning, critical within three days in mode enforce; ${RUNGS}`,
  },
  'policy-host.certificate.name-mismatch': policyHost(NAME_MISMATCH),
  'policy-host.certificate.untrusted': policyHost(UNTRUSTED),
  'policy-host.certificate.missing-intermediate': policyHost(MISSING_INTERMEDIATE),
  'policy-host.certificate.differs-by-address': { ...DIFFERS, rfc: 'RFC 8461 §3.3' },

  'mx.record.missing': {
    summary: 'The domain has no MX record.',
    severity: 'info when its own address stands in; without one critical in mode enforce, otherwise warning',
    why: 'Mail goes to the address of the domain itself, or bounces when there is none.',
    remedy: 'Publish MX records, or the null MX when the domain takes no mail.',
    rfc: 'RFC 5321 §5.1',
    confirmation: ABSENT,
  },
  'mx.record.null-with-policy': {
    summary: 'The domain takes no mail (null MX), yet has an MTA-STS or TLSRPT record.',
    severity: 'warning with MTA-STS, info with TLSRPT alone',
    why: 'One of the two is left over.',
    remedy: 'Retire the policies, or publish the MX hosts.',
    rfc: 'RFC 7505 §3',
    confirmation: TWICE,
  },
  'mx.record.null-not-alone': {
    summary: 'The null MX stands beside other MX records.',
    severity: 'warning',
    why: 'Some senders bounce the mail, others try the hosts.',
    remedy: 'Remove the null MX.',
    rfc: 'RFC 7505 §3',
    confirmation: TWICE,
  },
  'mx.target.alias': {
    summary: 'An MX record names an alias (CNAME).',
    severity: 'info',
    why: 'It is not allowed; most senders follow it, some do not.',
    remedy: 'Name the host itself.',
    rfc: 'RFC 5321 §5.1',
    confirmation: TWICE,
  },
  'mx.target.address-literal': {
    summary: 'An MX record holds an address instead of a name.',
    severity: 'warning, critical when no usable MX host is left',
    why: 'Senders look for a host of that name and find none.',
    remedy: 'Give the address a name and use that.',
    rfc: 'RFC 5321 §5.1',
    confirmation: TWICE,
  },
  'mx.target.malformed': {
    summary: 'An MX record holds what cannot be a host name.',
    severity: 'warning, critical when no usable MX host is left',
    why: 'Senders skip it.',
    remedy: 'Correct or remove the record.',
    rfc: 'RFC 5321 §5.1',
    confirmation: TWICE,
  },
  'mx.target.unresolvable': {
    summary: 'An MX host has no address.',
    severity: 'warning, critical when no usable MX host is left',
    why: 'Senders skip it; if the name is free, whoever registers it receives mail.',
    remedy: 'Publish an address or remove the MX record.',
    rfc: 'RFC 5321 §5.1',
    confirmation: ABSENT,
  },
  'mx.address.private': {
    summary: 'An MX host has an address that is not public.',
    severity: 'warning, critical when no MX host can be reached',
    why: 'Nobody on the Internet can deliver there. The address is never tried.',
    remedy: 'Publish public addresses only.',
    rfc: 'RFC 5321 §5.1',
    confirmation: TWICE,
  },
  'mx.host.unreachable': {
    summary: 'An MX host does not accept connections on port 25, while other hosts do.',
    severity: 'warning, info when only some addresses fail, critical when no MX host can be reached',
    why: 'Senders use the other MX hosts, or keep the mail in their queues.',
    remedy: 'See that the server runs and that port 25 is open to everybody.',
    rfc: 'RFC 5321 §5.1',
    confirmation: THRICE,
  },
  'mx.host.refuses-monitor': {
    summary: 'An MX host answers, but does not talk to this monitor.',
    severity: 'info',
    why: 'Mostly about this monitor (greylisting, block lists, rate limits). TLS of the host is not judged meanwhile.',
    remedy: 'Let the monitor in, if the host is yours.',
    rfc: 'RFC 5321 §4.2',
    confirmation: THRICE,
  },
  'mx.starttls.missing': {
    summary: 'An MX host does not offer STARTTLS.',
    severity: `${BY_MODE}; ${LOWER}`,
    why: 'In mode enforce senders do not deliver there; all others deliver in plain text.',
    remedy: 'Switch TLS on, or switch off what rewrites SMTP on the way.',
    rfc: 'RFC 8461 §4.2',
    confirmation: THRICE,
  },
  'mx.starttls.refused': {
    summary: 'An MX host offers STARTTLS and answers the command with a refusal.',
    severity: `${BY_MODE}; ${LOWER}`,
    why: 'In mode enforce senders do not deliver there.',
    remedy: 'See that the server can read its certificate and key.',
    rfc: 'RFC 3207 §4',
    confirmation: THRICE,
  },
  'mx.starttls.injection': {
    summary: 'Plain text follows the 220 to STARTTLS, before the handshake.',
    severity: `${BY_MODE}; ${LOWER}`,
    why: 'Somebody injects commands, or the server has the STARTTLS injection fault.',
    remedy: 'Update the server; compare with a look from another network.',
    rfc: 'RFC 3207 §6',
    confirmation: THRICE,
  },
  'mx.tls.failed': {
    summary: 'The TLS handshake with an MX host fails.',
    severity: `${BY_MODE}; ${LOWER}`,
    why: 'In mode enforce senders do not deliver there; many others do not either.',
    remedy: 'Allow TLS 1.2 and newer; see that certificate and key belong together.',
    rfc: 'RFC 8461 §7.2',
    confirmation: THRICE,
  },
  'mx.certificate.expired': mx(EXPIRED),
  'mx.certificate.expiring': {
    ...mx(EXPIRING),
    severity: `warning, critical within three days in mode enforce, info without a policy; ${RUNGS}`,
  },
  'mx.certificate.name-mismatch': mx(NAME_MISMATCH),
  'mx.certificate.untrusted': mx(UNTRUSTED),
  'mx.certificate.missing-intermediate': mx(MISSING_INTERMEDIATE),
  'mx.certificate.differs-by-address': { ...DIFFERS, rfc: 'RFC 8461 §4.2' },
}
