import { display } from '../lib/display.ts'
import type { Description, RemedyLine } from '../model/description.ts'
import type { FindingCode } from '../model/finding.ts'
import {
  addressLines,
  code,
  type Describers,
  type FindingOf,
  hostName,
  inMode,
  nameList,
  share,
  text,
} from './words.ts'

/** MX records, what they point at, and whether the hosts answer, in words. */
export const MX_WORDS: Describers<
  | Extract<FindingCode, `mx.record.${string}` | `mx.target.${string}` | `mx.host.${string}`>
  | 'mx.address.private'
  | 'policy-host.address.private'
> = {
  'mx.record.missing': ({ domain, evidence }) =>
    evidence.implicit
      ? {
          title: 'There is no MX record: mail goes to the address of the domain itself',
          seen: `The DNS has no MX for ${domain}; its A or AAAA record stands in (implicit MX).`,
          impact: null,
          remedy: [
            text('Better say what is meant. If the domain takes mail:'),
            code(`${domain}. MX 10 ${domain}.`),
            text('If it takes none:'),
            code(`${domain}. MX 0 .`),
          ],
          rfc: 'RFC 5321 §5.1',
        }
      : {
          title: 'The domain has neither MX nor address: it cannot receive mail',
          seen: `The DNS has no MX, A or AAAA for ${domain}.`,
          impact: 'Every mail to this domain bounces, with or without TLS.',
          remedy: [
            text('If the domain takes mail, publish its MX hosts:'),
            code(`${domain}. MX 10 <mail host>.`),
            text('If it takes none:'),
            code(`${domain}. MX 0 .`),
          ],
          rfc: 'RFC 5321 §5.1',
        },

  'mx.record.null-with-policy': ({ domain, evidence }) => ({
    title: 'The domain takes no mail (null MX), yet publishes mail policies',
    seen: `MX is "0 ."; still there: ${evidence.policies.map((one) => POLICIES[one]).join(' and ')}.`,
    impact: null,
    remedy: [
      text(
        'If the domain takes no mail, retire them: MTA-STS by mode none first, and the record once no copy is held any more.',
      ),
      text('If it does take mail, replace the null MX:'),
      code(`${domain}. MX 10 <mail host>.`),
    ],
    rfc: 'RFC 7505 §3',
  }),

  'mx.record.null-not-alone': ({ domain, evidence }) => ({
    title: 'A null MX stands beside other MX records',
    seen: `"." means that the domain takes no mail and must stand alone; MX names ${evidence.exchanges.map((one) => display(one)).join(', ')}.`,
    impact: 'Some senders bounce the mail at once, others try the hosts.',
    remedy: [text('If the domain takes mail, remove:'), code(`${domain}. MX 0 .`)],
    rfc: 'RFC 7505 §3',
  }),

  'mx.target.alias': ({ evidence }) => ({
    title: `MX ${hostName(evidence.mx)} is an alias (CNAME)`,
    seen: `An MX record must name a host with addresses of its own; this one leads to ${nameList(evidence.cnames)}.`,
    impact:
      'Most senders deliver all the same; some refuse. MTA-STS and the certificate must fit the name in the MX record.',
    remedy: [
      text(
        'Name the host itself in the MX record, with a certificate and an mx line for that name; or give the name A and AAAA records.',
      ),
    ],
    rfc: 'RFC 5321 §5.1',
  }),

  'mx.target.address-literal': ({ domain, evidence }) => ({
    title: `An MX record holds an address: ${display(evidence.mx)}`,
    seen: 'An MX record must hold the name of a host.',
    impact: 'Senders look for a host of that name, find none and skip it.',
    remedy: [
      text('Give the address a name, and name that:'),
      code(`mx.${domain}. A <address>`),
      code(`${domain}. MX 10 mx.${domain}.`),
    ],
    rfc: 'RFC 5321 §5.1',
  }),

  'mx.target.malformed': ({ evidence }) => ({
    title: `An MX record holds no host name: ${display(evidence.mx)}`,
    seen: 'An MX record must hold a host name of letters, digits and hyphens.',
    impact: 'Senders skip it.',
    remedy: [text('Correct the name in the MX record, or remove the record.')],
    rfc: 'RFC 5321 §5.1',
  }),

  'mx.target.unresolvable': ({ domain, severity, evidence }) => ({
    title: `MX ${hostName(evidence.mx)} has no address`,
    seen: `The DNS says that ${hostName(evidence.mx)} has neither A nor AAAA.`,
    impact:
      severity === 'critical'
        ? 'No other MX host is left: mail to this domain waits in queues and then bounces.'
        : 'Senders skip it and use the other MX hosts.',
    remedy: [
      text('Publish an address for the host, or remove the MX record:'),
      code(`${evidence.mx}. A <address>`),
      text(
        `If the name expired or belongs to somebody else, remove it at once: who owns it receives mail for ${domain}.`,
      ),
    ],
    rfc: 'RFC 5321 §5.1',
  }),

  'mx.address.private': (finding) => privateAddress(finding, `MX ${hostName(finding.evidence.host)}`),
  'policy-host.address.private': (finding) =>
    privateAddress(finding, `The policy host ${hostName(finding.evidence.host)}`),

  'mx.host.unreachable': ({ evidence }) => ({
    title: `MX ${hostName(evidence.host)} cannot be reached on port 25${share(evidence.failures.length, evidence.of)}${inMode(evidence.mode)}`,
    seen: `${addressLines(evidence.failures)}. Other hosts answered this monitor in the same minutes.`,
    impact: evidence.allHostsDown
      ? 'No MX host of the domain can be reached: mail waits in the queues of senders, usually for up to five days.'
      : evidence.failures.length < evidence.of
        ? 'Senders that try these addresses first are slower; the others work.'
        : 'Senders use the other MX hosts.',
    remedy: [
      text(
        'See that the mail server runs and that port 25 is open to everybody; remove addresses that are dead.',
      ),
      ...probe(evidence.failures[0]?.address ?? evidence.host),
    ],
    rfc: 'RFC 5321 §5.1',
  }),

  'mx.host.refuses-monitor': ({ evidence }) => ({
    title: `MX ${hostName(evidence.host)} does not talk to this monitor${share(evidence.failures.length, evidence.of)}`,
    seen: `${addressLines(evidence.failures)}. The host speaks SMTP, but not to us; TLS was not judged.`,
    impact:
      'Probably none for others: greylisting, a block list or a rate limit that concerns the address of this monitor.',
    remedy: [
      text(
        'If you run the host, let this monitor in (one session every few minutes, no mail); see its log for the reason.',
      ),
    ],
    rfc: 'RFC 5321 §4.2',
  }),
}

const POLICIES = { 'mta-sts': 'the MTA-STS record', tlsrpt: 'the TLSRPT record' } as const

function privateAddress(
  finding: FindingOf<'mx.address.private' | 'policy-host.address.private'>,
  who: string,
): Description {
  const { addresses, host } = finding.evidence
  return {
    title: `${who} points to an address that is not public`,
    seen: `The DNS gives ${addresses.join(', ')}, which nobody on the Internet can reach. It was not tried.`,
    impact:
      finding.code === 'mx.address.private'
        ? 'Senders that choose this address cannot deliver there.'
        : 'Senders that choose this address get no policy.',
    remedy: [
      text('Publish public addresses only, or use a separate view of the DNS inside; remove:'),
      ...addresses.map((address) => code(`${host}. ${address.includes(':') ? 'AAAA' : 'A'} ${address}`)),
    ],
    rfc: finding.code === 'mx.address.private' ? 'RFC 5321 §5.1' : 'RFC 8461 §3.3',
  }
}

function probe(target: string): readonly RemedyLine[] {
  const host = target.includes(':') ? `[${target}]` : target
  return [
    text('Try from outside your own network:'),
    code(`openssl s_client -starttls smtp -connect ${host}:25`),
  ]
}
