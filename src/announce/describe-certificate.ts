import { display } from '../lib/display.ts'
import type { Description, RemedyLine } from '../model/description.ts'
import type { FaceEvidence } from '../model/evidence/face-evidence.ts'
import type { FindingCode } from '../model/finding.ts'
import type { CertificateFacts } from '../model/tls.ts'
import { keyTypeName } from './key-type-name.ts'
import { durationText } from './text-time.ts'
import {
  addressLines,
  code,
  type DescribeContext,
  type Describers,
  type FindingOf,
  hostName,
  inMode,
  instant,
  nameList,
  plural,
  refusedBySenders,
  share,
  text,
} from './words.ts'

type CertificateCode = Exclude<Extract<FindingCode, `${string}.certificate.${string}`>, keyof FaceEvidence>
type Told = Exclude<CertificateCode, `${string}.differs-by-address`>

/** What is bad about the certificate; who is hurt and how to look again is the same for all. */
interface Core {
  readonly title: string
  readonly seen: string
  readonly remedy: readonly RemedyLine[]
}

/** Certificates of MX hosts and of the policy host in words. */
export const CERTIFICATE_WORDS: Describers<CertificateCode> = {
  'mx.certificate.expired': (finding, context) => describe(finding, expired(finding, context)),
  'policy-host.certificate.expired': (finding, context) => describe(finding, expired(finding, context)),
  'mx.certificate.expiring': (finding, context) => describeExpiring(finding, context),
  'policy-host.certificate.expiring': (finding, context) => describeExpiring(finding, context),
  'mx.certificate.name-mismatch': (finding) => describe(finding, nameMismatch(finding)),
  'policy-host.certificate.name-mismatch': (finding) => describe(finding, nameMismatch(finding)),
  'mx.certificate.untrusted': (finding) => describe(finding, untrusted(finding)),
  'policy-host.certificate.untrusted': (finding) => describe(finding, untrusted(finding)),
  'mx.certificate.missing-intermediate': (finding) => describe(finding, missingIntermediate(finding)),
  'policy-host.certificate.missing-intermediate': (finding) =>
    describe(finding, missingIntermediate(finding)),
  'mx.certificate.differs-by-address': differs,
  'policy-host.certificate.differs-by-address': differs,
}

function describe(finding: FindingOf<Told>, { title, seen, remedy }: Core): Description {
  const { evidence } = finding
  return {
    title: `${title}${share(evidence.addresses.length, evidence.of)}${isMx(finding.code) ? inMode(evidence.mode) : ''}`,
    seen: `${seen} Seen at ${evidence.addresses.join(', ')}.`,
    impact: impact(finding),
    remedy: [...remedy, text('Then look at what is served now:'), code(look(finding))],
    rfc: isMx(finding.code) ? 'RFC 8461 §4.2' : 'RFC 8461 §3.3',
  }
}

function describeExpiring(
  finding: FindingOf<'mx.certificate.expiring' | 'policy-host.certificate.expiring'>,
  context: DescribeContext,
): Description {
  const { certificate } = finding.evidence
  const left = Math.max(certificate.notAfterAt - context.now, 0)
  const whole = describe(finding, {
    title: `${owner(finding)} ends in ${durationText(left)}`,
    seen: `It ends at ${instant(certificate.notAfterAt, context)}; by now a renewed one was expected. ${facts(certificate)}`,
    remedy: [
      text('Find out why the renewal has not run or failed, and renew it now.'),
      text('If the file is renewed already, the server has not loaded it: reload the server.'),
    ],
  })
  return { ...whole, impact: `None yet. From then on: ${whole.impact ?? ''}` }
}

function expired(finding: FindingOf<Told>, context: DescribeContext): Core {
  const { certificate } = finding.evidence
  const ago = context.now - certificate.notAfterAt
  const when =
    ago >= 0
      ? `It ended at ${instant(certificate.notAfterAt, context)}, ${durationText(ago)} ago, and is still served.`
      : 'A certificate of the chain that it is served with has ended.'
  return {
    title: `${owner(finding)} has expired`,
    seen: `${when} ${facts(certificate)}`,
    remedy: [
      text('Renew the certificate and reload the server.'),
      text('If the file is renewed already, the server has not loaded it: reload the server.'),
    ],
  }
}

function nameMismatch(finding: FindingOf<Told>): Core {
  const { certificate, host } = finding.evidence
  const names =
    certificate.dnsNames.length === 0
      ? 'it has no DNS name in subjectAltName at all (the common name does not count)'
      : `its names are ${nameList(certificate.dnsNames)}`
  return {
    title: `${owner(finding)} does not name the host`,
    seen: `${hostName(host)} was expected among the DNS names (subjectAltName); ${names}.`,
    remedy: [
      text('Get a certificate that names the host, or one with a wildcard for its whole first label:'),
      code(`subjectAltName: DNS:${host}`),
      ...(isMx(finding.code)
        ? [text('The name that counts is the one in the MX record, not the mail domain.')]
        : [text('The web server must serve it for this name (SNI).')]),
    ],
  }
}

function untrusted(
  finding: FindingOf<'mx.certificate.untrusted' | 'policy-host.certificate.untrusted'>,
): Core {
  const { certificate, reason } = finding.evidence
  const isOwn = certificate.issuer === certificate.subject
  return {
    title: `${owner(finding)} is not trusted${isOwn ? ': it is self-signed' : ''}`,
    seen: `A chain to a public certification authority was expected; ${REASONS.get(reason) ?? `the check says ${display(reason)}`}. ${facts(certificate)}`,
    remedy: [
      text(
        'Install a certificate of a public certification authority, with its intermediates, and reload the server.',
      ),
    ],
  }
}

/** OpenSSL's names of what is wrong with a chain. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the certificate is self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'the chain ends in a root that is not public'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'the issuer is unknown'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'the issuer is unknown'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the issuer is unknown'],
  ['CERT_NOT_YET_VALID', 'the certificate is not valid yet'],
  ['CERT_REVOKED', 'the certificate was revoked'],
])

function missingIntermediate(finding: FindingOf<Told>): Core {
  const { certificate } = finding.evidence
  return {
    title: `${owner(finding)} is sent without its intermediate`,
    seen: `The certificate issued by ${display(certificate.issuer)} is sent alone. Browsers hide this because they know or fetch the missing one; mail servers do not.`,
    remedy: [
      text(
        'Configure the file with the whole chain (often named fullchain.pem), leaf first and then the intermediates, and reload the server.',
      ),
    ],
  }
}

function differs(
  finding: FindingOf<'mx.certificate.differs-by-address' | 'policy-host.certificate.differs-by-address'>,
): Description {
  const { host, variants } = finding.evidence
  return {
    title: `${isMx(finding.code) ? 'MX' : 'The policy host'} ${hostName(host)} presents different certificates at different addresses`,
    seen: `${addressLines(variants)}.`,
    impact: null,
    remedy: [
      text(
        'If each machine has a certificate of its own, there is nothing to do. If one of them still serves an old one, renew and reload it there.',
      ),
    ],
    rfc: isMx(finding.code) ? 'RFC 8461 §4.2' : 'RFC 8461 §3.3',
  }
}

function isMx(findingCode: FindingCode): boolean {
  return findingCode.startsWith('mx.')
}

function owner({ code: findingCode, evidence }: FindingOf<Told>): string {
  const host = hostName(evidence.host)
  const which = evidence.hasBothKeyTypes ? `${keyTypeName(evidence.certificate)} ` : ''
  return isMx(findingCode)
    ? `The ${which}certificate of MX ${host}`
    : `The certificate of the policy host ${host}`
}

function facts(certificate: CertificateFacts): string {
  return `Issuer ${display(certificate.issuer)}, serial ${display(certificate.serialNumber)}.`
}

function impact(finding: FindingOf<Told>): string {
  const { mode, addresses, of } = finding.evidence
  if (isMx(finding.code)) return refusedBySenders(mode, addresses.length < of)
  return addresses.length < of
    ? `Senders that ask ${plural(addresses.length, 'address')} of ${of} get no policy there, or cannot renew the copy they hold.`
    : 'Senders refuse to fetch the policy: whoever holds a copy goes on until its max_age has passed, all others deliver without verified TLS.'
}

/** How to see it with one's own eyes. */
function look(finding: FindingOf<Told>): string {
  const { host, addresses } = finding.evidence
  const [first] = addresses
  const target = first === undefined ? host : first.includes(':') ? `[${first}]` : first
  return isMx(finding.code)
    ? `openssl s_client -starttls smtp -connect ${target}:25 -servername ${host} </dev/null`
    : `openssl s_client -connect ${target}:443 -servername ${host} </dev/null`
}
