import { display } from '../lib/display.ts'
import type { Description, RemedyLine } from '../model/description.ts'
import type { OwnView, ReportedFailure } from '../model/report-window.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { isKnownResultType, type KnownResultType } from '../protocol/tlsrpt/result-type.ts'
import { typeText, whoAndHowMany } from './reported-words.ts'
import {
  code,
  type DescribeContext,
  type FindingOf,
  hostName,
  inMode,
  moment,
  policyUrl,
  quotedList,
  refusedBySenders,
  sentence,
  text,
} from './words.ts'

type Failures = FindingOf<'tlsrpt.reported.failures'>

/** The first line and the way to the cause, by result type (RFC 8460 §4.3). */
interface TypeWords {
  readonly title: (place: string, domain: string) => string
  readonly remedy: (host: string, domain: DomainName | null) => readonly RemedyLine[]
}

const HANDSHAKE = (host: string) =>
  code(`openssl s_client -starttls smtp -connect ${host}:25 -servername ${host} </dev/null`)
const RELOADED = 'See what the host sends to the network of these senders, at every address:'
const FETCH = (domain: DomainName | null) => code(`curl -sv ${policyUrl(domain)}`)

const TYPES: Readonly<Record<KnownResultType, TypeWords>> = {
  'starttls-not-supported': {
    title: (place) => `Senders saw no STARTTLS at ${place}`,
    remedy: (host) => [
      text(
        'If only they fail, something between them and the host takes STARTTLS away, or another host answers at that address. See whether it is offered:',
      ),
      HANDSHAKE(host),
    ],
  },
  'certificate-host-mismatch': {
    title: (place) => `Senders refuse the certificate of ${place}: it lacks that name`,
    remedy: (host) => [
      text(`Every machine behind an MX name needs a certificate with that very name. ${RELOADED}`),
      HANDSHAKE(host),
    ],
  },
  'certificate-expired': {
    title: (place) => `Senders refuse the certificate of ${place}: it has ended`,
    remedy: (host) => [
      text(`Often one machine behind the name was not reloaded after the renewal. ${RELOADED}`),
      HANDSHAKE(host),
    ],
  },
  'certificate-not-trusted': {
    title: (place) => `Senders do not trust the certificate of ${place}`,
    remedy: (host) => [
      text(`Send the whole chain, leaf first, of a public certification authority. ${RELOADED}`),
      HANDSHAKE(host),
    ],
  },
  'validation-failure': {
    title: (place) => `Senders cannot verify ${place}`,
    remedy: (host, domain) => [
      text('Most often the policy that the sender holds does not list the host. See that it has the line'),
      code(`mx: ${host}`),
      text('and what the host sends:'),
      HANDSHAKE(host),
      FETCH(domain),
    ],
  },
  'tlsa-invalid': {
    title: (place) => `Senders find no TLSA record that fits the certificate of ${place}`,
    remedy: (host) => [
      text('Publish the record of the key in use beside the old one, and remove the old one later:'),
      code(`dig +dnssec _25._tcp.${host} TLSA`),
      HANDSHAKE(host),
    ],
  },
  'dnssec-invalid': {
    title: (place) => `Senders cannot validate the DNSSEC of ${place}`,
    remedy: (host) => [
      text('See that the signatures have not run out and that all name servers answer alike:'),
      code(`delv _25._tcp.${host} TLSA +vtrace`),
    ],
  },
  'dane-required': {
    title: (place) => `Senders demand DANE, and ${place} has no usable TLSA record`,
    remedy: (host) => [
      text('Publish a usable TLSA record (3 1 1) in a signed zone, or ask the sender not to demand it:'),
      code(`dig +dnssec _25._tcp.${host} TLSA`),
    ],
  },
  'sts-policy-fetch-error': {
    title: (_, domain) => `Senders cannot fetch the MTA-STS policy of ${domain}`,
    remedy: (_, domain) => [
      text('See that every address of the policy host answers, and that nothing there blocks robots:'),
      FETCH(domain),
    ],
  },
  'sts-policy-invalid': {
    title: (_, domain) => `Senders refuse the text of the MTA-STS policy of ${domain}`,
    remedy: (_, domain) => [
      text('Some senders are stricter than others: a blank last line is enough. See what the linter says:'),
      code(`stswatch check ${domain}`),
      FETCH(domain),
    ],
  },
  'sts-webpki-invalid': {
    title: (_, domain) => `Senders refuse the certificate of mta-sts.${domain}`,
    remedy: (_, domain) => [
      text('It is the certificate of the policy host, not of an MX. See what it sends, at every address:'),
      code(`openssl s_client -connect mta-sts.${domain}:443 -servername mta-sts.${domain} </dev/null`),
    ],
  },
}

const VIEWS: Readonly<Record<OwnView, string>> = {
  confirmed: 'We saw the same.',
  'fixed-since': 'We saw the same that day, and it is over.',
  'not-reproduced': 'We saw nothing of the kind.',
  unknown: 'Whether it was so that day we cannot tell.',
}

/** A failure that senders report, and what our own look has to hold against it. */
export function describeReportedFailures(
  { domain, evidence }: Failures,
  context: DescribeContext,
): Description {
  const { failure, mode, ownDetail, lookedAt } = evidence
  const { resultType, mx, ownView } = failure
  const place = mx === null ? 'the MX hosts' : `MX ${hostName(mx)}`
  const words = resultType !== null && isKnownResultType(resultType) ? TYPES[resultType] : null
  const shownDomain = hostName(domain ?? '')
  const title =
    words?.title(place, shownDomain) ?? `Senders report TLS failures (${typeText(resultType)}) at ${place}`
  return {
    title: isOfDane(evidence) ? title : `${title}${inMode(mode)}`,
    seen: [
      `Reported: ${whoAndHowMany(failure)}.`,
      ...details(failure),
      `Our own look at ${moment(lookedAt, context)}: ${sentence(ownDetail)}`,
      VIEWS[ownView],
    ].join(' '),
    impact: impact(evidence),
    remedy: remedy(words, failure, domain),
    rfc: 'RFC 8460 §4.3',
  }
}

function details({ reasonCodes, receivingIps }: ReportedFailure): readonly string[] {
  return [
    ...(reasonCodes.length === 0 ? [] : [`Reason given: ${quotedList(reasonCodes, 3)}.`]),
    ...(receivingIps.length === 0
      ? []
      : [`Met at ${receivingIps.map((one) => display(one, 45)).join(', ')}.`]),
  ]
}

function impact(evidence: Failures['evidence']): string {
  const { failure, mode } = evidence
  if (failure.ownView === 'fixed-since') return 'It is over; mail that waited is on its way.'
  if (failure.resultType?.startsWith('sts-')) {
    return 'Senders with a copy of the policy go on with it until its max_age has passed; all others deliver without verified TLS.'
  }
  if (isOfDane(evidence)) {
    return 'Senders that honour DANE do not deliver to this host: they try another one, and keep the mail in their queue when there is none.'
  }
  return refusedBySenders(mode, false)
}

/** Whatever the policy's mode: TLSA records are always enforced. */
function isOfDane({ failure, policyTypes }: Failures['evidence']): boolean {
  if (/^(?:tlsa|dnssec|dane)-/.test(failure.resultType ?? '')) return true
  return policyTypes.length > 0 && policyTypes.every((type) => type === 'tlsa')
}

function remedy(
  words: TypeWords | null,
  { mx, resultType }: ReportedFailure,
  domain: DomainName | null,
): readonly RemedyLine[] {
  if (words === null) {
    return [text('The reports themselves say more:'), code('stswatch reports list')]
  }
  if (mx !== null || resultType?.startsWith('sts-')) return words.remedy(mx ?? '', domain)
  const [advice] = words.remedy('', domain)
  return [
    ...(advice === undefined ? [] : [advice]),
    text('The senders do not name the host; look at each of these:'),
    code(`dig +short ${domain} MX`),
  ]
}
