import { display } from '../lib/display.ts'
import type { Description, RemedyLine } from '../model/description.ts'
import type { DaneEvidence, FlawedRecord } from '../model/evidence/dane-evidence.ts'
import type { CertificateFacts } from '../model/tls.ts'
import {
  code,
  type DescribeContext,
  type Describers,
  type FindingOf,
  hostName,
  instant,
  nameList,
  share,
  text,
} from './words.ts'

type DaneCode = keyof DaneEvidence
type FailureCode =
  | 'dane.tlsa.mismatch'
  | 'dane.tlsa.anchor-not-sent'
  | 'dane.tlsa.name-mismatch'
  | 'dane.tlsa.chain-expired'

const DEFER =
  'Senders that do DANE do not deliver to this host: they try another one, and keep the mail in their queue when there is none.'
const MAY_SKIP = ' The MX record is not signed, so some of them leave DANE out.'

/** TLSA records of MX hosts, in words. */
export const DANE_WORDS: Describers<DaneCode> = {
  'dane.tlsa.mismatch': (finding, context) => {
    const { evidence } = finding
    const why = evidence.brokenChain
      ? 'A trust anchor of the records was sent, but the signatures do not lead from the certificate to it'
      : evidence.matchedBefore
        ? 'The records name the key of the certificate that was there before: it was renewed with another key'
        : 'None of them names the certificate or its key'
    return failure(finding, context, {
      what: 'shows a certificate that none of its TLSA records names',
      why,
      remedy: [
        ...recordFor(finding),
        text(
          'Until that is seen everywhere, the old certificate and key can be put back: then the records that are published hold. Next time publish the record of the next key first, and wait for twice its TTL.',
        ),
      ],
      rfc: 'RFC 7672 §2.2',
    })
  },
  'dane.tlsa.anchor-not-sent': (finding, context) =>
    failure(finding, context, {
      what: 'does not send the trust anchor that its TLSA records name',
      why: 'The records name a certification authority (usage 2), and no certificate of the chain that is sent is that one',
      remedy: [
        text(
          'Append the certificate of the authority that the records name to the chain that the server sends (also when it is a root), or name one that is sent:',
        ),
        ...anchorsOf(finding),
      ],
      rfc: 'RFC 7672 §3.1.2',
    }),
  'dane.tlsa.name-mismatch': (finding, context) =>
    failure(finding, context, {
      what: 'shows a certificate for another name, and its TLSA records name only an authority',
      why: `With usage 2 the certificate must name ${nameList(finding.evidence.names)}`,
      remedy: [
        text(`Get a certificate that names ${hostName(finding.evidence.host)}, or name the key itself:`),
        ...recordFor(finding),
      ],
      rfc: 'RFC 7672 §3.2.2',
    }),
  'dane.tlsa.chain-expired': (finding, context) =>
    failure(finding, context, {
      what: 'shows a certificate that has ended, and its TLSA records name only an authority',
      why: 'With usage 2 the dates of the certificate count (with usage 3 they do not)',
      remedy: [
        text('Renew the certificate and reload the server, or name the key itself:'),
        ...recordFor(finding),
      ],
      rfc: 'RFC 7672 §3.1.2',
    }),
  'dane.tlsa.unusable': ({ evidence }) => ({
    title: `TLSA records of MX ${hostName(evidence.host)} that senders leave out`,
    seen: `${flaws(evidence.flawed)}.`,
    impact: withoutUse(evidence.usable),
    remedy: [
      text(
        'Publish usage 3 with selector 1 and matching type 1 in their place; see what the server shows with:',
      ),
      checkCommand(evidence.host),
    ],
    rfc: 'RFC 7672 §3.1.3',
  }),
  'dane.tlsa.malformed': ({ evidence }) => ({
    title: `TLSA records of MX ${hostName(evidence.host)} hold no proper digest`,
    seen: `${flaws(evidence.flawed)}.`,
    impact: withoutUse(evidence.usable),
    remedy: [
      text(
        'A SHA-256 digest (matching type 1) has 64 hex digits, a SHA-512 digest (2) has 128. Make the record anew; see what the server shows with:',
      ),
      checkCommand(evidence.host),
    ],
    rfc: 'RFC 6698 §2.1.4',
  }),
  'dane.tlsa.empty-digest': ({ evidence }) => ({
    title: `A TLSA record of MX ${hostName(evidence.host)} is the digest of nothing`,
    seen: `${display(evidence.records.join('; '), 512)}. That is what a hash program gives for empty input: whatever made the record could not read the certificate or key, often "openssl rsa" on an ECDSA key.`,
    impact: evidence.isCovered
      ? 'Another record holds, so senders deliver; this one protects nothing.'
      : DEFER,
    remedy: [
      ...(evidence.certificate === null
        ? []
        : [
            text('The record for what the server shows now:'),
            recordLine(evidence.owner, evidence.certificate),
          ]),
      text('Make it in a way that works for every kind of key:'),
      code(
        'openssl x509 -in cert.pem -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256',
      ),
    ],
    rfc: 'RFC 6698 §2.1.4',
  }),
  'dane.tlsa.insecure': ({ evidence }) => ({
    title: `TLSA records of MX ${hostName(evidence.host)} have no effect: the zone is not signed`,
    seen: `${display(evidence.records.slice(0, 4).join('; '), 512)} at ${display(evidence.owner)}, in an answer that no DNSSEC signature protects.`,
    impact: 'Senders leave them out (RFC 7672 §2.2): the host is not protected by DANE.',
    remedy: [
      text(
        'Sign the zone of the host and publish its DS record at the parent, or remove the records. To see where the chain of trust ends:',
      ),
      code(`delv ${evidence.owner} TLSA`),
    ],
    rfc: 'RFC 7672 §2.2',
  }),
  'dane.tlsa.partial': ({ evidence }) => ({
    title: 'Some MX hosts have TLSA records, others have none',
    seen: `With: ${nameList(evidence.covered)}. Without: ${nameList(evidence.uncovered)}.`,
    impact: 'Who can keep senders from the first ones makes them deliver to the others without DANE.',
    remedy: [text('Publish TLSA records for every MX host, or use hosts that have some.')],
    rfc: 'RFC 7672 §2.2.1',
  }),
  'dane.tlsa.missing': ({ evidence }) => ({
    title: `MX ${hostName(evidence.host)} has no TLSA record, and DANE is required`,
    seen: `watch.yaml says dane: required; _25._tcp.${hostName(evidence.host)} has no TLSA record that DNSSEC protects.`,
    impact: 'Senders do not use DANE for this host.',
    remedy: [
      ...(evidence.certificate === null
        ? []
        : [
            text('The record for what the server shows now:'),
            recordLine(`_25._tcp.${evidence.host}`, evidence.certificate),
          ]),
      text('The zone of the host must be signed with DNSSEC.'),
    ],
    rfc: 'RFC 7672 §2.2',
  }),
  'dane.tlsa.lookup-failing': ({ evidence }) => ({
    title: `The TLSA records of MX ${hostName(evidence.host)} cannot be looked up`,
    seen: `The addresses of the host resolve; the question for ${display(evidence.owner)} TLSA fails: ${display(evidence.detail, 512)}.`,
    impact: `That is not "no records". ${DEFER}`,
    remedy: [
      text(
        'Ask each name server of the zone; one that does not answer for TLSA, or answers with a broken proof, must be mended:',
      ),
      code(`dig +dnssec ${evidence.owner} TLSA`),
    ],
    rfc: 'RFC 7672 §2.1',
  }),
}

interface Core {
  readonly what: string
  /** Without a full stop. */
  readonly why: string
  readonly remedy: readonly RemedyLine[]
  readonly rfc: string
}

function failure(
  { evidence }: FindingOf<FailureCode>,
  context: DescribeContext,
  { what, why, remedy, rfc }: Core,
): Description {
  const [leaf] = evidence.chain
  const shown =
    leaf === undefined
      ? ''
      : ` Shown: issuer ${display(leaf.issuer)}, serial ${display(leaf.serialNumber)}, until ${instant(leaf.notAfterAt, context)}.`
  return {
    title: `MX ${hostName(evidence.host)} ${what}${share(evidence.addresses.length, evidence.of)}`,
    seen: `Published: ${display(evidence.records.slice(0, 6).join('; '), 700)}. ${why}.${shown} Seen at ${evidence.addresses.join(', ')}.`,
    impact: `${DEFER}${evidence.mxInsecure ? MAY_SKIP : ''}`,
    remedy: [...remedy, text('Then look again:'), checkCommand(evidence.host)],
    rfc,
  }
}

function recordFor({ evidence }: FindingOf<FailureCode>): readonly RemedyLine[] {
  const [leaf] = evidence.chain
  return leaf === undefined
    ? []
    : [
        text('Publish the record of the key that is in use, beside the others:'),
        recordLine(evidence.owner, leaf),
      ]
}

/** RFC 7672 §3.1: 3 1 1 is what is recommended. */
function recordLine(owner: string, { spkiSha256 }: CertificateFacts): RemedyLine {
  return code(`${owner}. TLSA 3 1 1 ${spkiSha256}`)
}

function anchorsOf({ evidence }: FindingOf<'dane.tlsa.anchor-not-sent'>): readonly RemedyLine[] {
  return evidence.chain.slice(1).map(({ spkiSha256 }) => code(`${evidence.owner}. TLSA 2 1 1 ${spkiSha256}`))
}

function checkCommand(host: string): RemedyLine {
  return code(`posttls-finger -l dane -c "[${host}]"`)
}

const FLAW_WORDS: Readonly<Record<string, string>> = {
  'pkix-usage': 'usages 0 and 1 mean nothing on port 25',
  'unknown-usage': 'there is no such usage',
  'unknown-selector': 'there is no such selector',
  'unknown-matching': 'there is no such matching type',
  'no-data': 'it holds no data',
  'digest-length': 'its digest has the wrong length',
}

function flaws(flawed: readonly FlawedRecord[]): string {
  return flawed
    .slice(0, 6)
    .map(({ rdata, flaw }) => `${display(rdata, 160)}: ${FLAW_WORDS[flaw] ?? flaw}`)
    .join('; ')
}

function withoutUse(usable: number): string {
  return usable > 0
    ? 'The other records count; these are clutter.'
    : 'No usable record is left: senders that do DANE insist on TLS and authenticate nobody.'
}
