import {
  a,
  EXPIRED,
  GOOD,
  LEAF_ONLY,
  type MailCase,
  mx,
  named,
  ORDINARY,
  OTHER_NAME,
  SELF_SIGNED,
} from './dane-case.ts'

/** A case of MTA-STS: what the policy allows, beside what the server shows. */
export interface SecureCase extends MailCase {
  /** As in the policy file: a name, or `*.` and the domain. */
  readonly pattern: (domain: string) => string
}

const EXACT = '`mx: mx.example.com`'
const WILD = '`mx: *.example.com`'

function exact(
  id: string,
  served: string,
  shows: MailCase['shows'],
  differs: string | null = null,
): SecureCase {
  return {
    ...ORDINARY,
    id,
    zone: 'plain',
    published: EXACT,
    served,
    shows,
    lines: (place) => ({ plain: [mx(place), a(place)] }),
    differs,
    pattern: (domain) => `mx.${domain}`,
  }
}

function wild(
  id: string,
  served: string,
  shows: MailCase['shows'],
  differs: string | null = null,
): SecureCase {
  return { ...exact(id, served, shows, differs), published: WILD, pattern: (domain) => `*.${domain}` }
}

/** What a sender that enforces an MTA-STS policy meets (RFC 8461 §4.2). */
export const SECURE_CASES: readonly SecureCase[] = [
  exact('pkix-valid', 'valid chain', GOOD),
  exact('pkix-root', 'valid chain with its root', { ...GOOD, above: ['intermediate', 'root'] }),
  exact('pkix-order', 'valid chain, the root before the intermediate', {
    ...GOOD,
    above: ['root', 'intermediate'],
  }),
  exact('pkix-expired', 'expired leaf', EXPIRED),
  exact('pkix-early', 'leaf that begins tomorrow', { ...GOOD, leaf: { fromDays: 1, toDays: 90 } }),
  exact('pkix-name', 'leaf for another name', OTHER_NAME),
  exact(
    'pkix-common-name',
    'leaf with a common name alone',
    named(() => null),
    'Postfix falls back to the common name; RFC 8461 §4.2 wants a subjectAltName of type dNSName',
  ),
  exact(
    'pkix-common-name-beside',
    'leaf for another name, the host as common name',
    named(() => 'DNS:other.example.net'),
  ),
  exact(
    'pkix-names',
    'leaf for two names, the second the host',
    named(({ host }) => `DNS:other.example.net,DNS:${host}`),
  ),
  exact(
    'pkix-case',
    'leaf for the host in capitals',
    named(({ host }) => `DNS:${host.toUpperCase()}`),
  ),
  exact(
    'pkix-wildcard',
    'wildcard leaf',
    named(({ domain }) => `DNS:*.${domain}`),
  ),
  exact(
    'pkix-wildcard-deep',
    'wildcard leaf, a label too high',
    named(() => 'DNS:*.plain.test'),
  ),
  exact(
    'pkix-wildcard-part',
    'wildcard within a label',
    named(({ domain }) => `DNS:m*.${domain}`),
  ),
  exact(
    'pkix-domain',
    'leaf for the domain, not the host',
    named(({ domain }) => `DNS:${domain}`),
  ),
  exact('pkix-self-signed', 'self-signed leaf', SELF_SIGNED),
  exact('pkix-no-intermediate', 'leaf alone', LEAF_ONLY),
  exact('pkix-unknown', 'chain of an unknown authority', { ...GOOD, by: 'stranger' }),
  exact('pkix-unknown-root', 'chain of an unknown authority with its root', {
    ...GOOD,
    by: 'stranger',
    above: ['intermediate', 'root'],
  }),
  exact('pkix-sni', 'valid chain under the name of the host alone', { ...GOOD, sni: ({ host }) => host }),
  exact('pkix-sni-domain', 'valid chain under the name of the domain alone', {
    ...GOOD,
    sni: ({ domain }) => domain,
  }),
  exact('pkix-no-starttls', 'no STARTTLS', 'no-starttls'),
  exact('pkix-no-handshake', 'STARTTLS without a certificate', 'no-certificate'),
  wild('pkix-pattern', 'valid chain', GOOD),
  wild(
    'pkix-pattern-wildcard',
    'wildcard leaf',
    named(({ domain }) => `DNS:*.${domain}`),
  ),
  wild(
    'pkix-pattern-domain',
    'leaf for the domain, not the host',
    named(({ domain }) => `DNS:${domain}`),
  ),
  wild(
    'pkix-pattern-other',
    'leaf for another host that the pattern covers',
    named(({ domain }) => `DNS:other.${domain}`),
    'a match list can only name the pattern, and any name below it will do; RFC 8461 §4.2 wants the host itself',
  ),
]
