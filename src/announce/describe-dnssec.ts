import { display } from '../lib/display.ts'
import type { BogusName, NamePurpose } from '../model/evidence/dnssec-evidence.ts'
import type { DnssecCode } from './catalogue-dnssec.ts'
import { durationText } from './text-time.ts'
import { code, type Describers, hostName, instant, nameList, plural, sentence, text } from './words.ts'

const MOST_NAMES = 6
const MOST_REASONS = 3

const PURPOSES: Readonly<Record<NamePurpose, string>> = {
  mx: 'the MX records',
  host: 'the addresses of a mail host',
  tlsa: 'the TLSA records of a mail host',
  'sts-record': 'the MTA-STS record',
  'policy-host': 'the policy host',
  'tlsrpt-record': 'the TLSRPT record',
}

const HURT: Readonly<Record<NamePurpose, string>> = {
  mx: 'find no mail host and keep all mail in their queues',
  host: 'cannot find that host: they try another one, and keep the mail when there is none',
  tlsa: 'must treat that host as unreachable when they know DANE (RFC 7672 §2.2)',
  'sts-record': 'do not learn of a new policy',
  'policy-host': 'cannot fetch the policy',
  'tlsrpt-record': 'send no TLS reports',
}

/** What is said about signatures, and about a monitor that cannot check them. */
export const DNSSEC_WORDS: Describers<DnssecCode> = {
  'dnssec.zone.bogus': ({ evidence: { zone, names } }) => ({
    title: `DNSSEC is broken in ${hostName(zone)}: ${plural(names.length, 'name')} cannot be resolved by those who validate`,
    seen: `${namesText(names)}. ${sentence(reasonsText(names))}`,
    impact: `Senders behind a validating resolver ${hurtText(names)}. All others notice nothing.`,
    remedy: brokenZone(zone, names),
    rfc: 'RFC 4035 §4.3',
  }),
  'dnssec.signature.expiring': ({ evidence, observedAt }, context) => {
    const { zone, name, type, beganAt, endAt } = evidence
    const left = durationText(Math.abs(endAt - observedAt))
    const life = durationText(endAt - beganAt)
    return {
      title:
        endAt > observedAt
          ? `Signatures of ${hostName(zone)} end in ${left}`
          : `Signatures of ${hostName(zone)} ended ${left} ago`,
      seen: `The signature of ${display(name)} ${type} is valid until ${instant(endAt, context)}: ${left} of ${life}. Signers renew earlier.`,
      impact:
        'From then on senders that validate DNSSEC cannot resolve the name: they keep the mail in their queues.',
      remedy: [
        text('Let the signer renew the signatures now, by the name server in use:'),
        code(`rndc sign ${zone}`),
        code(`knotc zone-sign ${zone}`),
        text(
          'If that changes nothing, see that the keys are readable and that the secondaries take over the zone. Knot renews this late by default; "rrsig-refresh: 3d" in its policy leaves time for repairs.',
        ),
        code(`dig +dnssec ${name} ${type}`),
      ],
      rfc: 'RFC 4035 §5.3.1',
    }
  },
  'monitor.dnssec.blind': ({ evidence: { resolvers, domains } }) => ({
    title: 'The resolvers of this monitor do not validate DNSSEC: DANE cannot be judged',
    seen: `Well-known signed names come back unvalidated from ${resolvers.map((one) => display(one)).join(', ')}. Domains with DANE: ${nameList(domains)}.`,
    impact: 'Whether TLSA records are valid, or exist at all, is not told meanwhile, good or bad.',
    remedy: [
      text('Install a validating resolver on this machine:'),
      code('apt install unbound'),
      text('and ask it, by this line in watch.yaml:'),
      code('resolvers: [127.0.0.1]'),
      text('A validating resolver elsewhere is believed when the way to it is safe and it is marked so:'),
      code('resolvers: [{ address: 192.0.2.53, trusted: true }]'),
    ],
    rfc: 'RFC 7672 §2.1.1',
  }),
}

function namesText(names: readonly BogusName[]): string {
  const shown = names
    .slice(0, MOST_NAMES)
    .map(({ name, type, purpose }) => `${display(name)} ${type} (${PURPOSES[purpose]})`)
  const rest = names.length - shown.length
  return `These answers do not validate: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function reasonsText(names: readonly BogusName[]): string {
  return [...new Set(names.map(({ detail }) => display(detail)))].slice(0, MOST_REASONS).join('; ')
}

function hurtText(names: readonly BogusName[]): string {
  const purposes = new Set(names.map(({ purpose }) => purpose))
  // Who cannot find the MX records asks for nothing else.
  if (purposes.has('mx')) return HURT.mx
  return [...purposes].map((purpose) => HURT[purpose]).join(', ')
}

function brokenZone(zone: string, [first]: readonly BogusName[]) {
  const name = first?.name ?? zone
  const type = first?.type ?? 'SOA'
  return [
    text('See what does not validate, and what the name servers say without validation:'),
    code(`delv ${name} ${type} +vtrace`),
    code(`dig +cd +dnssec ${name} ${type}`),
    text('Compare the DS records at the parent zone with the keys in use:'),
    code(`dig +cd ${zone} DS`),
    code(`dig +cd ${zone} DNSKEY +multi`),
    text(
      'When the signatures have run out, sign the zone anew. When the DS record names a key that is no longer used, correct it at the registrar. When the keys are lost, have the DS record removed: the zone is then unsigned, and resolves again when the TTL of the DS record has passed.',
    ),
  ]
}
