import { display } from '../lib/display.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { Description, RemedyLine } from '../model/description.ts'
import type { FaceEvidence, KeyTrouble } from '../model/evidence/face-evidence.ts'
import type { OtherPort } from '../model/host-face.ts'
import type { CertificateFacts } from '../model/tls.ts'
import type { IpAddress } from '../protocol/ip-address.ts'
import { keyTypeName } from './key-type-name.ts'
import { durationText } from './text-time.ts'
import {
  code,
  type DescribeContext,
  type Describers,
  type FindingOf,
  hostName,
  inMode,
  instant,
  nameList,
  refusedBySenders,
  share,
  text,
} from './words.ts'

/** The other faces of MX hosts in words. */
export const FACE_WORDS: Describers<keyof FaceEvidence> = {
  'mx.certificate.not-reloaded': notReloaded,
  'mx.certificate.key-types-differ': keyTypesDiffer,
  'mx.face.certificate-expired': faceExpired,
  'dane.anchor.renewal-breaks': renewalBreaks,
  'dane.anchor.issuer-changing': issuerChanging,
}

function notReloaded(
  { evidence }: FindingOf<'mx.certificate.not-reloaded'>,
  context: DescribeContext,
): Description {
  const { host, stale, of, mode } = evidence
  const [first] = stale
  if (first === undefined) throw new Error('a finding of nothing')
  const { address, port, old, renewed } = first
  return {
    title: `MX ${hostName(host)} still shows the old certificate on port 25${share(stale.length, of)}: it was renewed, but not reloaded${inMode(mode)}`,
    seen: `Port ${port} shows serial ${serial(renewed)} (${ends(renewed, context)}), port 25 serial ${serial(old)} (${ends(old, context)}). Seen at ${stale.map((one) => one.address).join(', ')}.`,
    impact:
      old.notAfterAt > context.now
        ? `None yet. From then on: ${refusedBySenders(mode, stale.length < of)}`
        : refusedBySenders(mode, stale.length < of),
    remedy: [
      ...publishFirst(evidence.tlsaBase ?? host, evidence.publishFirst),
      text(
        'Reload the mail server, so that it reads the file that is there already (Postfix; else its own reload):',
      ),
      code('postfix reload'),
      text('Let the renewal do that by itself from now on, e.g. with certbot:'),
      code(`certbot reconfigure --cert-name ${host} --deploy-hook "postfix reload"`),
      text('Then compare both ports:'),
      code(showCommand(host, address, 25, '')),
      code(showCommand(host, address, port, '')),
    ],
    rfc: 'RFC 8461 §4.2',
  }
}

function publishFirst(host: string, record: string | null): readonly RemedyLine[] {
  if (record === null) return []
  return [
    text(
      'Not yet: no TLSA record matches the renewed certificate. Publish this one first, and wait twice the TTL of the TLSA records:',
    ),
    code(tlsaLine(host, record)),
  ]
}

function keyTypesDiffer(
  { evidence }: FindingOf<'mx.certificate.key-types-differ'>,
  context: DescribeContext,
): Description {
  const { host, addresses, of, trouble, certificate, right, publish, mode } = evidence
  const [which, other] = [keyTypeName(certificate), keyTypeName(right)]
  const isRsa = certificate.keyType === 'rsa'
  const [address = null] = addresses
  return {
    title: `The ${which} certificate of MX ${hostName(host)} ${TROUBLES[trouble]}${share(addresses.length, of)}; the ${other} one is in order${inMode(mode)}`,
    seen: `The ${which} certificate (serial ${serial(certificate)}, issuer ${display(certificate.issuer)}) ${ends(certificate, context)}; its names are ${nameList(certificate.dnsNames)}. The ${other} certificate (serial ${serial(right)}) ${ends(right, context)}. Seen at ${addresses.join(', ')}.`,
    impact: `Senders that take only ${which} signatures, or prefer them, meet this one; all others notice nothing. ${publish === null ? refusedBySenders(mode, addresses.length < of) : 'Those of them that use DANE do not deliver to the host.'}`,
    remedy: [
      ...(publish === null
        ? renewBoth(which, isRsa)
        : [
            text('Publish the record of its key as well, besides those that are there:'),
            code(tlsaLine(evidence.tlsaBase ?? host, publish)),
            text('Or remove that certificate from the mail server, if nobody needs it.'),
          ]),
      text('Then look at it as such a sender does:'),
      code(showCommand(host, address, 25, ` -sigalgs ${SIGNATURES[isRsa ? 'rsa' : 'ec']}`)),
    ],
    rfc: 'RFC 8461 §4.2',
  }
}

function renewBoth(which: string, isRsa: boolean): readonly RemedyLine[] {
  return [
    text(
      `Renew the ${which} certificate as well (certbot keeps one name for each key type: --key-type ${isRsa ? 'rsa' : 'ecdsa'}), name both in the mail server, and reload it.`,
    ),
    text('Or remove it from the mail server, if nobody needs it. In Postfix both are one setting:'),
    code(
      'smtpd_tls_chain_files = /etc/ssl/mail-ecdsa-key-and-chain.pem, /etc/ssl/mail-rsa-key-and-chain.pem',
    ),
  ]
}

const TROUBLES: Readonly<Record<KeyTrouble, string>> = {
  'tlsa-mismatch': 'matches none of its TLSA records',
  expired: 'has expired',
  expiring: 'ends soon',
  'name-mismatch': 'does not name the host',
  untrusted: 'is not trusted',
  'missing-intermediate': 'is sent without its intermediate',
}

const SIGNATURES = { rsa: 'rsa_pss_rsae_sha256:RSA+SHA256', ec: 'ECDSA+SHA256:ECDSA+SHA384' } as const

function faceExpired(
  { evidence }: FindingOf<'mx.face.certificate-expired'>,
  context: DescribeContext,
): Description {
  const { host, faces } = evidence
  const ports = [...new Set(faces.map(({ port }) => port))].toSorted((one, other) => one - other)
  return {
    title: `The certificate of ${hostName(host)} on port ${ports.join(', ')} has expired`,
    seen: `${faces.map((face) => `Port ${face.port} at ${face.address}: serial ${serial(face.certificate)}, ${ends(face.certificate, context)}`).join('. ')}.`,
    impact:
      'Mail from other servers is not concerned, since they use port 25. Mail programs that use this port refuse to go on, or teach people to click warnings away.',
    remedy: [
      text('Renew it and reload the service that listens there:'),
      ...ports.flatMap((port) => [code(RELOADS[port])]),
      text('Then look at what is served now:'),
      ...faces.map(({ port, address }) => code(showCommand(host, address, port, ''))),
    ],
    rfc: 'RFC 8314 §5.3',
  }
}

function renewalBreaks(
  { evidence }: FindingOf<'dane.anchor.renewal-breaks'>,
  context: DescribeContext,
): Description {
  const { host, base, records, current, next, publish, ttlSeconds } = evidence
  return {
    title: `The renewed certificate of MX ${hostName(host)} on port ${next.port} matches none of its TLSA records`,
    seen: `It is issued by ${display(next.leaf.issuer)} (serial ${serial(next.leaf)}, at ${next.address}); ${pinsText(records)}. Port 25 still shows serial ${serial(current)}, issued by ${display(current.issuer)}, which ${ends(current, context)}.`,
    impact:
      'None yet. The moment that the mail server is reloaded, senders that use DANE do not deliver to this host any more.',
    remedy: [
      text('Publish this first, besides the records that are there:'),
      code(tlsaLine(base, publish)),
      text(
        `Wait until every cache has it (twice the TTL of the TLSA records: ${durationText(2 * ttlSeconds * SECOND_MS)}), and only then reload the mail server:`,
      ),
      code('postfix reload'),
      text('Then remove the records of the old certificate.'),
    ],
    rfc: 'RFC 7671 §8.1',
  }
}

function issuerChanging({ evidence }: FindingOf<'dane.anchor.issuer-changing'>): Description {
  const { host, base, records, current, next, publish } = evidence
  return {
    title: `MX ${hostName(next.host)} got its certificate from an issuer that the TLSA records of ${hostName(host)} do not pin`,
    seen: `${hostName(next.host)}: issued by ${display(next.leaf.issuer)}. ${hostName(host)}: issued by ${display(current.issuer)}; ${pinsText(records)}.`,
    impact: `None yet. When ${hostName(host)} gets its next certificate from there, too, senders that use DANE do not deliver to it any more.`,
    remedy: [
      text('Publish this before the next renewal, besides the records that are there:'),
      code(tlsaLine(base, publish)),
      text(
        'Or pin the key of the host itself (3 1 1), and keep the key at renewals (certbot: --reuse-key): then the issuer does not matter.',
      ),
    ],
    rfc: 'RFC 7671 §8.1',
  }
}

function pinsText(records: readonly string[]): string {
  return `its TLSA records pin ${records.map((record) => display(record.slice(0, 22))).join(', ')}`
}

function tlsaLine(base: string, record: string): string {
  return `_25._tcp.${base}. IN TLSA ${record}`
}

const RELOADS: Readonly<Record<OtherPort, string>> = {
  465: 'postfix reload',
  587: 'postfix reload',
  993: 'doveadm reload',
  443: 'systemctl reload nginx',
}

function serial({ serialNumber }: CertificateFacts): string {
  return display(serialNumber)
}

function ends({ notAfterAt }: CertificateFacts, context: DescribeContext): string {
  const leftMs = notAfterAt - context.now
  const when = instant(notAfterAt, context)
  return leftMs > 0
    ? `ends in ${durationText(leftMs)}, ${when}`
    : `ended ${durationText(-leftMs)} ago, ${when}`
}

function showCommand(host: string, address: IpAddress | null, port: number, more: string): string {
  const target = address === null ? host : address.includes(':') ? `[${address}]` : address
  const startTls = port === 25 || port === 587 ? '-starttls smtp ' : ''
  return `openssl s_client ${startTls}-connect ${target}:${port} -servername ${host}${more} </dev/null | openssl x509 -noout -serial -dates`
}
