import {
  EXPIRED,
  GOOD,
  LEAF_ONLY,
  type MailCase,
  type Material,
  named,
  ORDINARY,
  OTHER_NAME,
  type Records,
  SELF_SIGNED,
  type Shown,
  tlsaOf,
  together,
} from './dane-case.ts'

const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const WITH_ROOT: Shown = { ...GOOD, above: ['intermediate', 'root'] }

/** A case in the signed zone: id, what is published, its records, what is served, how it is said. */
function secure(
  id: string,
  published: string,
  records: Records,
  shows: MailCase['shows'] = GOOD,
  served = 'valid chain',
): MailCase {
  return { ...ORDINARY, id, published, served, shows, ...together('secure', records) }
}

const of = (numbers: string, what: keyof Material) => (material: Material) => [
  tlsaOf(numbers, material[what]),
]

const END_ENTITY: readonly MailCase[] = [
  ...['3 1 1', '3 0 1', '3 1 2', '3 0 2', '3 1 0', '3 0 0'].map((numbers) =>
    secure(`ee-${numbers.replaceAll(' ', '')}`, `${numbers} of the leaf`, of(numbers, 'leaf')),
  ),
  secure('ee-mismatch', '3 1 1 of another key', of('3 1 1', 'stranger')),
  secure('ee-expired', '3 1 1 of the leaf', of('3 1 1', 'leaf'), EXPIRED, 'expired leaf'),
  secure('ee-names', '3 1 1 of the leaf', of('3 1 1', 'leaf'), OTHER_NAME, 'leaf for another name'),
  secure('ee-self-signed', '3 1 1 of the leaf', of('3 1 1', 'leaf'), SELF_SIGNED, 'self-signed leaf'),
  secure('ee-not-leaf', '3 1 1 of the intermediate', of('3 1 1', 'intermediate')),
  secure('ee-rollover', '3 1 1 of the next key, 3 1 1 of the leaf', (material) => [
    tlsaOf('3 1 1', material.stranger),
    tlsaOf('3 1 1', material.leaf),
  ]),
  secure('ee-beside-anchor', '3 1 1 of another key, 2 1 1 of the intermediate', (material) => [
    tlsaOf('3 1 1', material.stranger),
    tlsaOf('2 1 1', material.intermediate),
  ]),
]

const ANCHOR: readonly MailCase[] = [
  secure('ta-211', '2 1 1 of the intermediate', of('2 1 1', 'intermediate')),
  secure('ta-201', '2 0 1 of the intermediate', of('2 0 1', 'intermediate')),
  secure('ta-root', '2 0 1 of the root', of('2 0 1', 'root'), WITH_ROOT, 'valid chain with its root'),
  secure('ta-root-unsent', '2 0 1 of the root', of('2 0 1', 'root'), GOOD, 'valid chain without its root'),
  secure('ta-unsent', '2 1 1 of the intermediate', of('2 1 1', 'intermediate'), LEAF_ONLY, 'leaf alone'),
  {
    ...secure(
      'ta-full-unsent',
      '2 0 0 of the intermediate',
      of('2 0 0', 'intermediate'),
      LEAF_ONLY,
      'leaf alone',
    ),
    differs:
      'Postfix takes the anchor out of the record (RFC 7671 §5.2.2). stswatch goes by what is sent, and RFC 7672 §3.1.2 obliges the server to send it all the same',
  },
  {
    ...secure(
      'ta-key-unsent',
      '2 1 0 of the intermediate',
      of('2 1 0', 'intermediate'),
      LEAF_ONLY,
      'leaf alone',
    ),
    differs:
      'Postfix checks the signature with the bare key of the record, which RFC 7671 §5.2.3 only recommends. stswatch goes by what is sent, and RFC 7672 §3.1.2 obliges the server to send the anchor all the same',
  },
  secure('ta-is-leaf', '2 1 1 of the leaf', of('2 1 1', 'leaf')),
  secure(
    'ta-names',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    OTHER_NAME,
    'leaf for another name',
  ),
  secure('ta-expired', '2 1 1 of the intermediate', of('2 1 1', 'intermediate'), EXPIRED, 'expired leaf'),
  secure(
    'ta-next-hop',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    named(({ domain }) => `DNS:${domain}`),
    'leaf for the domain, not the host',
  ),
  secure(
    'ta-common-name',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    named(() => null),
    'leaf with a common name alone',
  ),
  secure(
    'ta-common-name-beside',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    named(() => 'DNS:other.example.net'),
    'leaf for another name, the host as common name',
  ),
  secure(
    'ta-wildcard',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    named(({ domain }) => `DNS:*.${domain}`),
    'wildcard leaf',
  ),
  secure(
    'ta-wildcard-deep',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    named(() => 'DNS:*.test'),
    'wildcard leaf, two labels too high',
  ),
  secure(
    'ta-wildcard-part',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    named(({ domain }) => `DNS:m*.${domain}`),
    'wildcard within a label',
  ),
  secure(
    'ta-unjoined',
    '2 1 1 of an intermediate',
    of('2 1 1', 'strangerIntermediate'),
    { ...GOOD, above: ['intermediate', 'stranger-intermediate'] },
    'leaf of another issuer, the intermediate sent beside',
  ),
]

const UNUSABLE: readonly MailCase[] = [
  secure('usage-1', '1 1 1 of the leaf', of('1 1 1', 'leaf')),
  secure('usage-0', '0 0 1 of the root', of('0 0 1', 'root')),
  secure('usage-4', '4 1 1 of the leaf', of('4 1 1', 'leaf')),
  secure('selector-2', '3 2 1 of the leaf', of('3 2 1', 'leaf')),
  secure('matching-3', '3 1 3 with 48 bytes', () => [`3 1 3 ${'ab'.repeat(48)}`]),
  secure('digest-short', '3 1 1 with 20 bytes', () => [`3 1 1 ${'ab'.repeat(20)}`]),
  secure('digest-swapped', '3 1 2 with a digest of SHA-256', ({ leaf }) => [
    tlsaOf('3 1 1', leaf).replace('3 1 1', '3 1 2'),
  ]),
  secure('digest-of-nothing', '3 1 1 with the digest of nothing', () => [`3 1 1 ${NOTHING}`]),
  secure('unusable-beside', '1 1 1 of the leaf, 3 1 1 of another key', ({ leaf, stranger }) => [
    tlsaOf('1 1 1', leaf),
    tlsaOf('3 1 1', stranger),
  ]),
  secure('unusable-good', '1 1 1 of another key, 3 1 1 of the leaf', ({ leaf, stranger }) => [
    tlsaOf('1 1 1', stranger),
    tlsaOf('3 1 1', leaf),
  ]),
  secure('unusable-plain', '1 1 1 of the leaf', of('1 1 1', 'stranger'), 'no-starttls', 'no STARTTLS'),
]

const AGILITY: readonly MailCase[] = [
  secure('agile-weak', '3 1 2 of another key, 3 1 1 of the leaf', ({ leaf, stranger }) => [
    tlsaOf('3 1 2', stranger),
    tlsaOf('3 1 1', leaf),
  ]),
  secure('agile-strong', '3 1 2 of the leaf, 3 1 1 of another key', ({ leaf, stranger }) => [
    tlsaOf('3 1 2', leaf),
    tlsaOf('3 1 1', stranger),
  ]),
  secure('agile-selectors', '3 0 2 of another key, 3 1 1 of the leaf', ({ leaf, stranger }) => [
    tlsaOf('3 0 2', stranger),
    tlsaOf('3 1 1', leaf),
  ]),
  secure('agile-malformed', '3 1 2 with 20 bytes, 3 1 1 of the leaf', ({ leaf }) => [
    `3 1 2 ${'ab'.repeat(20)}`,
    tlsaOf('3 1 1', leaf),
  ]),
  secure('agile-full', '3 1 0 of the leaf, 3 1 2 of another key', ({ leaf, stranger }) => [
    tlsaOf('3 1 0', leaf),
    tlsaOf('3 1 2', stranger),
  ]),
]

const STARTTLS: readonly MailCase[] = [
  secure(
    'sni-host',
    '3 1 1 of the leaf',
    of('3 1 1', 'leaf'),
    { ...GOOD, sni: ({ host }) => host },
    'valid chain under the name of the host alone',
  ),
  secure(
    'sni-domain',
    '3 1 1 of the leaf',
    of('3 1 1', 'leaf'),
    { ...GOOD, sni: ({ domain }) => domain },
    'valid chain under the name of the domain alone',
  ),
  secure('no-starttls', '3 1 1 of the leaf', of('3 1 1', 'stranger'), 'no-starttls', 'no STARTTLS'),
  secure(
    'no-handshake',
    '3 1 1 of the leaf',
    of('3 1 1', 'stranger'),
    'no-certificate',
    'STARTTLS without a certificate',
  ),
]

/** Records and certificates, outcome by outcome, where the DNS is as it should be (RFC 7672 §3.1, RFC 7671 §9). */
export const CERTIFICATE_CASES: readonly MailCase[] = [
  ...END_ENTITY,
  ...ANCHOR,
  ...UNUSABLE,
  ...AGILITY,
  ...STARTTLS,
]
